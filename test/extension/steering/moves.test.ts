// What the controls of the steering panel mean: where they stand, what a run is asked, and what is written into the file.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";

import { applyEdits } from "../../../src/lang/edit.js";
import {
  moved,
  NONE,
  steeringOfMoves,
  withoutSection,
  writtenValue,
  type Moves,
  type Steering,
  type WrittenSteering,
} from "../../../src/extension/steering/moves.js";
import { readSteering, writeSteering } from "../../../src/extension/steering/writeSteering.js";

const plain: WrittenSteering = { guide: {}, config: {}, adapters: [], variables: ["ticket", "mood"] };
const full: WrittenSteering = {
  guide: {
    tone: "formal",
    avoid: ["sorry", "but"],
    strength: 1.5,
    negative: "vague",
    bestOf: { n: 4, by: "likelihood" },
    vectors: ["cheerful", { uri: "../v/formal.gguf", strength: 0.5, layers: [4, 8] }],
  },
  config: { temperature: 0.7 },
  adapters: [{ name: "pirate", scale: 0.5 }],
  variables: ["ticket"],
};

test("a control begins with what the file says, else with what the engine does by itself", () => {
  const values = (written: WrittenSteering) =>
    ["temperature", "topP", "strength", "bestOf", "avoid", "vector:formal.gguf", "adapter:pirate", "tone"].map((it) =>
      writtenValue(it, written),
    );
  assert.deepEqual(values(full), [0.7, 1, 1.5, 4, "sorry, but", 0.5, 0.5, ""]);
  assert.deepEqual(values(plain), [0, 1, 1, 1, "", 0, 0, ""]);
});

test("a strength that is not said is the language's own where something is emphasised", () => {
  assert.equal(writtenValue("strength", { ...plain, guide: { negative: "vague" } }), 1.5);
  assert.equal(writtenValue("strength", { ...plain, guide: { emphasize: "instructions" } }), 1.5);
});

test("a control that is put back is not moved", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("temperature", "strength", "adapter:pirate"),
      fc.double({ noNaN: true }),
      (id, value) => {
        const there = moved({ tone: "plain" }, id, value, full);
        assert.deepEqual(moved(there, id, writtenValue(id, full), full), { tone: "plain" });
        assert.deepEqual(moved(there, id, undefined, full), { tone: "plain" });
      },
    ),
  );
});

test("what is no number moves nothing", () => {
  assert.deepEqual(moved({}, "temperature", Number.NaN, full), {});
});

test("a section is reset alone", () => {
  const moves = { tone: "plain", temperature: 1, strength: 2, "vector:a": 1, "adapter:b": 1, bestOf: 2 };
  assert.deepEqual(withoutSection(moves, "sampling"), { tone: "plain", strength: 2, "vector:a": 1, "adapter:b": 1 });
  assert.deepEqual(Object.keys(withoutSection(moves, "vectors")).length, 5);
});

for (const [title, moves, written, expected] of [
  ["nothing for nothing", {}, full, {}],
  [
    "a preset, and one that is taken away",
    { tone: "plain", language: NONE },
    full,
    { guide: { tone: "plain", language: null } },
  ],
  [
    "words between commas as texts",
    { avoid: " sorry,, I am afraid " },
    plain,
    { guide: { avoid: ["sorry", "I am afraid"] } },
  ],
  ["no words as none", { avoid: " ", negative: "" }, full, { guide: { avoid: null, negative: null } }],
  ["the inputs by their names", { emphasize: "context" }, plain, { guide: { emphasize: ["ticket", "mood"] } }],
  ["one input by its name", { emphasize: "input:mood" }, plain, { guide: { emphasize: ["mood"] } }],
  ["best of, and by what the file says", { bestOf: 8 }, full, { guide: { bestOf: { n: 8, by: "likelihood" } } }],
  ["sampling", { temperature: 0.4, seed: 7 }, full, { sampling: { temperature: 0.4, seed: 7 } }],
  [
    "all vectors of the file with the one that was moved and the one that was added",
    { "vector:formal.gguf": -0.25, "vector:calm": 1 },
    full,
    {
      guide: {
        vectors: [
          "cheerful",
          { uri: "../v/formal.gguf", strength: -0.25, layers: [4, 8] },
          { name: "calm", strength: 1 },
        ],
      },
    },
  ],
  [
    "scales of adapters",
    { "adapter:pirate": 0, "adapter:terse": 0.3 },
    full,
    {
      adapters: [
        { name: "pirate", scale: 0 },
        { name: "terse", scale: 0.3 },
      ],
    },
  ],
] as const satisfies readonly (readonly [string, Moves, WrittenSteering, Partial<Steering>])[])
  test(`a run is asked ${title}`, () => {
    assert.deepEqual(steeringOfMoves(moves, written), { guide: {}, sampling: {}, adapters: [], ...expected });
  });

test("what was tried is written at once, and no control is moved afterwards", () => {
  const text = "---\n# mine\nconfig:\n  temperature: 0.7 # warm\ntiller.adapters: [pirate]\n---\nHi {{x}}\n";
  const moves: Moves = {
    tone: "friendly",
    avoid: "sorry",
    strength: 2,
    temperature: 0.4,
    "adapter:pirate": 0.5,
    "adapter:terse": 0.3,
    "vector:calm": 0.4,
  };
  const written = { ...plain, ...readSteering(text) };
  const done = writeSteering(text, steeringOfMoves(moves, written));
  assert.ok(done.kind === "edit" && done.edit !== undefined);
  const after = applyEdits(text, [done.edit]);
  assert.equal(
    after,
    "---\n# mine\nconfig:\n  temperature: 0.4 # warm\n" +
      'tiller.adapters: [{name: pirate, scale: 0.5}, {"name":"terse","scale":0.3}]\n' +
      "tiller.guide:\n  tone: friendly\n  avoid: [sorry]\n  strength: 2\n  vectors: [{name: calm, strength: 0.4}]\n---\nHi {{x}}\n",
  );
  const own = { ...plain, ...readSteering(after) };
  for (const id of Object.keys(moves)) if (id !== "tone") assert.equal(writtenValue(id, own), moves[id], id);
  assert.deepEqual(steeringOfMoves({}, own), { guide: {}, sampling: {}, adapters: [] });
});

test("a file that cannot be changed from outside is left as it is, with the reason", () => {
  const done = writeSteering("---\n{model: m}\n---\nHi", steeringOfMoves({ tone: "plain" }, plain));
  assert.ok(done.kind === "refused" && /tiller\.guide/.test(done.reason));
});
