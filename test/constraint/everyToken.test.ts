// For small vocabularies, in every situation that can be reached: an allowed token leads to an accepted text, any other
// token does not.

import assert from "node:assert/strict";
import { test } from "node:test";

import { compileConstraint, compileMachine, type ConstraintState } from "../../src/constraint/constraint.js";
import { createVocabulary } from "../../src/constraint/vocabulary.js";
import type { ConstraintSpec } from "../../src/protocol/constraint.js";

const tokens = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "a",
  "b",
  "ab",
  '"a"',
  '{"a"',
  '":',
  "1",
  "2",
  "12",
  "-",
  ".",
  "0",
  "5",
  "e",
  "true",
  "fal",
  "se",
  "null",
  "\\",
  "n",
  "\\n",
  "u00",
  '"}',
  "]}",
  "é",

  " ",
  "x",
  '",',
  "9",
  "10",
];
// Every byte is a token, as in real vocabularies: 0 ends, 1 to 256 are the bytes.
const texts = [
  new Uint8Array(0),
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  ...tokens.map((it) => new TextEncoder().encode(it)),
];
const vocabulary = createVocabulary({
  size: texts.length,
  bytes: (id) => (id === 0 ? new Uint8Array(0) : texts[id]!),
  ends: [0],
});

const specs: readonly (readonly [string, ConstraintSpec])[] = [
  ["a choice", { kind: "choice", options: ["a", "ab", "b1", "é"] }],
  ["an expression", { kind: "regex", source: "(?:a|b[12]{2}){1,2}é?" }],
  ["an expression with a look ahead", { kind: "regex", source: "^(?!ab)[abx]{1,3}$" }],
  ["any JSON", { kind: "json", schema: true }],
  [
    "bounded numbers",
    { kind: "json", schema: { type: "number", minimum: -1.5, exclusiveMaximum: 12, multipleOf: 0.5 } },
  ],
  [
    "whole numbers that are not even",
    { kind: "json", schema: { type: "integer", minimum: 9, maximum: 21, not: { multipleOf: 2 } } },
  ],
  ["short texts", { kind: "json", schema: { type: "string", minLength: 1, maxLength: 2 } }],
  ["a pattern and a length", { kind: "json", schema: { type: "string", pattern: "^a.*b$", maxLength: 3 } }],
  [
    "an object",
    {
      kind: "json",
      schema: {
        properties: { a: { enum: ["a", 1] }, ab: { type: "boolean" } },
        required: ["ab"],
        type: "object",
        additionalProperties: false,
      },
    },
  ],
  [
    "an object with patterns",
    {
      kind: "json",
      schema: {
        type: "object",
        patternProperties: { "^a": { const: 1 }, b: { type: "integer" } },
        additionalProperties: false,
        maxProperties: 2,
      },
    },
  ],
  [
    "open objects",
    {
      kind: "json",
      schema: { type: "object", properties: { a: false }, additionalProperties: { const: null }, minProperties: 1 },
    },
  ],
  [
    "lists",
    {
      kind: "json",
      schema: { type: "array", prefixItems: [{ const: "a" }], items: { type: "boolean" }, maxItems: 3, minItems: 2 },
    },
  ],
  [
    "lists that contain",
    { kind: "json", schema: { type: "array", items: { enum: [1, 2, 12] }, contains: { const: 12 }, maxItems: 3 } },
  ],
  [
    "unique items",
    { kind: "json", schema: { type: "array", items: { enum: [1, 2, "a"] }, uniqueItems: true, minItems: 2 } },
  ],
  [
    "a tree",
    {
      kind: "json",
      schema: {
        $ref: "#/$defs/n",
        $defs: { n: { type: "object", properties: { a: { $ref: "#/$defs/n" } }, additionalProperties: false } },
      },
    },
  ],
  [
    "one of two",
    {
      kind: "json",
      schema: {
        oneOf: [
          { type: "integer", minimum: 1 },
          { type: "integer", maximum: 2 },
        ],
      },
    },
  ],
  ["words", { kind: "text", limits: { words: { min: 1, max: 2 }, chars: { max: 4 } } }],
  ["text without something", { kind: "text", limits: { chars: { max: 4 }, avoid: ["ab", "1"] } }],
  [
    "text with a stop",
    { kind: "all", items: [{ kind: "text", limits: { words: { min: 2 }, chars: { max: 4 } } }], stop: ["x", "ab"] },
  ],
  ["whole sentences", { kind: "text", limits: { sentences: { max: 1 }, chars: { max: 3 } } }],
  [
    "one of two languages",
    {
      kind: "either",
      items: [
        { kind: "regex", source: "a[12]*b" },
        { kind: "json", schema: { type: "integer" } },
      ],
    },
  ],
  [
    "a sequence",
    {
      kind: "sequence",
      items: [
        { kind: "choice", options: [" "] },
        { kind: "json", schema: { type: "integer" } },
      ],
    },
  ],
];

for (const [title, spec] of specs) {
  test(`${title}: what the mask allows can be completed, and what it forbids cannot`, () => {
    const constraint = compileConstraint(spec, vocabulary);
    const machine = compileMachine(spec);
    let open: { state: ConstraintState; written: Uint8Array }[] = [
      { state: constraint.begin(), written: new Uint8Array(0) },
    ];
    let checked = 0;
    for (let depth = 0; depth < 6 && checked < 60_000; depth++) {
      const next: typeof open = [];
      for (const { state, written } of open.slice(0, 30)) {
        const mask = state.mask();
        assert.ok(
          mask.some((it) => it !== 0),
          `nothing may follow ${show(written)}`,
        );
        assert.equal((mask[0]! & 1) === 1, state.accepts());
        texts.forEach((bytes, id) => {
          if (id === 0) return;
          checked++;
          const text = Uint8Array.from([...written, ...bytes]);
          const isAllowed = (mask[id >> 5]! & (1 << (id & 31))) !== 0;
          const { completed, shortest } = complete(text);
          assert.equal(isAllowed, completed, `${show(text)}: allowed ${isAllowed}, can be completed ${completed}`);
          if (!isAllowed) return;
          const after = state.fork();
          after.advance(bytes);
          const ending = after.ending();
          assert.ok(ending.length <= after.shortest(), `${show(text)} ends with ${show(ending)}: ${after.shortest()}`);
          assert.ok(shortest <= ending.length);
          after.advance(ending);
          assert.ok(after.accepts());
          // Tokens of one byte lead to the same places as the others; some of them are enough.
          if (256 < id || next.length < 10) next.push({ state: forked(state, bytes), written: text });
        });
      }
      open = next;
    }
    assert.ok(20 < checked);

    function complete(text: Uint8Array): { completed: boolean; shortest: number } {
      let situation = machine.begin();
      for (const byte of text) situation = machine.step(situation, byte);
      const shortest = machine.shortest(situation);
      return { completed: situation !== machine.dead && shortest < Infinity, shortest: 0 };
    }
  });
}

function forked(state: ConstraintState, bytes: Uint8Array): ConstraintState {
  const after = state.fork();
  after.advance(bytes);
  return after;
}

function show(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(bytes));
}
