// `tiller.guide`: what it says, and what is refused of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { JsonObject } from "../../../src/base/json.js";
import type { PromptGuide } from "../../../src/lang/guide/promptGuide.js";
import { readGuide } from "../../../src/lang/guide/readGuide.js";
import { parse } from "../../../src/lang/parser.js";

const cases: readonly (readonly [title: string, settings: string, guide: Partial<PromptGuide>])[] = [
  ["an empty guide asks for nothing", "{}", {}],
  [
    "a strength alone is classifier-free guidance",
    "{strength: 2}",
    { guidance: { kind: "classifier-free", strength: 2 } },
  ],
  [
    "a strength above 2 cuts what the model alone finds absurd",
    "{strength: 2.5}",
    { guidance: { kind: "classifier-free", strength: 2.5, plausibility: 0.1 } },
  ],
  [
    "a cut that is said stands over that",
    "{strength: 2.5, plausibility: 0}",
    { guidance: { kind: "classifier-free", strength: 2.5 } },
  ],
  [
    "what is emphasised has a strength",
    "{emphasize: instructions}",
    { emphasize: "instructions", guidance: { kind: "classifier-free", strength: 1.5 } },
  ],
  [
    "so has what is led away from",
    "{negative: You are dull.}",
    { negative: "You are dull.", guidance: { kind: "classifier-free", strength: 1.5 } },
  ],
  [
    "strength 1 is kept, as somebody may want it off",
    "{negative: You are dull., strength: 1}",
    { negative: "You are dull.", guidance: { kind: "classifier-free", strength: 1 } },
  ],
  [
    "a name of a variable may stand alone",
    "{emphasize: text, strength: 1}",
    {
      emphasize: ["text"],
      guidance: { kind: "classifier-free", strength: 1 },
    },
  ],
  ["a preset of length is a wish", "{length: sentence}", { wished: { sentences: { min: 1, max: 1 } } }],
  [
    "limits of length are kept",
    "{length: {words: 40, chars: {min: 5}}}",
    { limits: { words: { max: 40 }, chars: { min: 5 } } },
  ],
  [
    "one word to avoid needs no list",
    "{avoid: very, include: [a, b]}",
    { limits: { include: ["a", "b"], avoid: ["very"] } },
  ],
  ["words have biases", "{bias: {very: -4, fine: 2}}", { bias: { very: -4, fine: 2 } }],
  [
    "early layers are a weaker reader",
    "{contrast: {layers: 12}}",
    { guidance: { kind: "contrastive", amateur: { layers: 12 } } },
  ],
  [
    "so is another model",
    "{contrast: {model: small.gguf, strength: 0.5}, plausibility: 0.2}",
    { guidance: { kind: "contrastive", amateur: { model: "small.gguf" }, strength: 0.5, plausibility: 0.2 } },
  ],
  [
    "experts are adapters",
    "{experts: {expert: pirate, antiExpert: [{name: terse, scale: 2}], strength: 0.5}}",
    {
      guidance: {
        kind: "experts",
        strength: 0.5,
        expert: [{ name: "pirate", scale: 1 }],
        antiExpert: [{ name: "terse", scale: 2 }],
      },
    },
  ],
  [
    "vectors have strengths and layers",
    "{vectors: [glad, {uri: v/sad.gguf, strength: -0.5, layers: [8, 20]}]}",
    {
      vectors: [
        { name: "glad", scale: 1 },
        { name: "sad.gguf", uri: "v/sad.gguf", scale: -0.5, layers: [8, 20] },
      ],
    },
  ],
  ["the best of one is the one", "{bestOf: 1}", {}],
  [
    "the best of several may be said by what",
    "{bestOf: {n: 4, by: likelihood}}",
    { bestOf: { n: 4, by: "likelihood" } },
  ],
];

for (const [title, settings, expected] of cases)
  test(title, () => {
    const { guide, diagnostics } = read(settings);
    assert.deepEqual(
      diagnostics.map((it) => it.message),
      [],
    );
    assert.deepEqual(guide, { wished: {}, limits: {}, emphasize: undefined, bias: {}, vectors: [], ...expected });
  });

const wrong: readonly (readonly [settings: string, message: string])[] = [
  ["{strength: .nan}", 'expected a number from 0 to 100 for "strength", found NaN'],
  ["{strength: 1e9}", 'expected a number from 0 to 100 for "strength", found 1000000000'],
  ["{strength: -1}", 'expected a number from 0 to 100 for "strength", found -1'],
  ["{strength: strong}", 'expected a number from 0 to 100 for "strength", found a text'],
  ["{plausibility: 2}", 'expected a number from 0 to 1 for "plausibility", found 2'],
  ["{strenght: 2}", 'a guide has no setting "strenght"; did you mean "strength"?'],
  ["{length: long}", 'expected phrase, sentence, paragraph or {words: {max: 40}} for "length"'],
  ["{length: {words: {min: 3, max: 2}}}", 'expected a "max" of at least 3, found 2'],
  ["{length: {lines: 3}}", 'expected words, sentences, chars in "length", found "lines"'],
  ["{avoid: [1]}", 'expected a text, or a list of texts, for "avoid"'],
  ["{bias: {very: .inf}}", 'expected a number from -100 to 100 for "very", found Infinity'],
  ["{contrast: {}}", 'expected {layers: 10} or {model: small.gguf} for "contrast"'],
  ["{contrast: {layers: 0}}", 'expected a whole number from 1 up for "layers"'],
  ["{contrast: {layers: 3, strength: 3}}", 'expected a number from 0 to 2 for "strength", found 3'],
  ["{experts: {}}", 'expected an "expert", an "antiExpert", or both in "experts"'],
  ["{vectors: [{name: a, strength: x}]}", 'expected a number from -100 to 100 for "strength"'],
  ["{bestOf: 17}", 'expected a whole number from 1 to 16 for "bestOf"'],
  [
    "{contrast: {layers: 3}, experts: {expert: a}}",
    '"experts" and "contrast" exclude each other: both say which readings are compared. Leave out one',
  ],
  [
    "{contrast: {layers: 3}, strength: 2}",
    '"contrast" and "strength" exclude each other: both say which readings are compared. Leave out one',
  ],
  [
    "{experts: {expert: a}, emphasize: instructions}",
    '"experts" and "emphasize" exclude each other: both say which readings are compared. Leave out one',
  ],
];

for (const [settings, message] of wrong)
  test(`${settings} is refused`, () => {
    assert.deepEqual(
      read(settings).diagnostics.map((it) => it.message),
      [message],
    );
  });

test("settings from elsewhere stand over the file's, and null takes one away", () => {
  const { guide } = read("{tone: formal, audience: experts, strength: 2}", { tone: "plain", strength: null });
  assert.deepEqual([guide.tone, guide.audience, guide.guidance], ["plain", "experts", undefined]);
});

function read(settings: string, over: JsonObject = {}) {
  const { file } = parse(`---\ntiller.guide: ${settings}\n---\nHi.`);
  return readGuide(file, over);
}
