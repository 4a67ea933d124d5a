// Where a completion may be written, and that what it may hold breaks nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { compileMachine } from "../../../src/constraint/constraint.js";
import { exampleTexts } from "../../../src/constraint/examples.js";
import { explain } from "../../../src/constraint/explain.js";
import { check } from "../../../src/lang/check.js";
import { ghostPlace } from "../../../src/lang/editor/ghostPlace.js";
import { parse } from "../../../src/lang/parser.js";

const head = "---\ndescription: Sorts mail\nconfig: { seed: 1 }\n---\n";

function placeIn(text: string) {
  const offset = text.indexOf("|");
  return { place: ghostPlace(parse(text.replace("|", "")).file, offset), text: text.replace("|", ""), offset };
}

for (const text of [
  `${head}Write about|`,
  `${head}Write about |\nmore`,
  "Write about|",
  "---\ndescription: Sorts|\n---\nHi",
  "---\ntiller.shots:\n  - input: My card|\n---\nHi",
]) {
  test(`a completion is offered at ${JSON.stringify(text.slice(-30))}`, () =>
    assert.ok(placeIn(text).place !== undefined));
}

for (const text of [
  `${head}Write {{na|`,
  `${head}Write {{name|}}`,
  `${head}Write about| the sea`,
  `${head}|`,
  "---\ndescr|\n---\nHi",
  "---\nconfig: { seed: 1| }\n---\nHi",
  "---\nmodel: smol|\n---\nHi",
  '---\ndescription: "Sorts|\n---\nHi',
  "---\ndescription: |\n---\nHi",
]) {
  test(`none is offered at ${JSON.stringify(text.slice(-30))}`, () => assert.equal(placeIn(text).place, undefined));
}

for (const text of [`${head}Write about|`, "---\ndescription: Sorts|\nmodel: x\n---\nHi {{name}}"]) {
  test(`whatever may be written at ${JSON.stringify(text.slice(0, 30))} leaves the file as sound as it was`, () => {
    const { place, text: source, offset } = placeIn(text);
    const machine = compileMachine(place!.constraint);
    let state = 7;
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
    for (const written of exampleTexts(machine, 20, random)) {
      const { file, diagnostics } = parse(source.slice(0, offset) + written + source.slice(offset));
      const errors = [...diagnostics, ...check(file)].filter((it) => it.severity === "error");
      assert.deepEqual(errors, [], JSON.stringify(written));
    }
    for (const bad of [" {{gen", "\n---\n", " }}"]) assert.equal(explain(machine, bad).verdict, "rejected", bad);
  });
}

const withSchema = (line: string) =>
  `---\noutput:\n  schema: { label: string, sure: boolean }\ntiller.shots:\n  - input: My card was stolen\n    ${line}\n---\nSort {{text}}`;

for (const [line, written] of [
  ["output: |", ""],
  ['output: {"label": "ca|', '{"label": "ca'],
] as const) {
  test(`the output of a shot follows the schema of the output at ${JSON.stringify(line)}`, () => {
    const { place } = placeIn(withSchema(line));
    assert.equal(place!.written, written);
    const machine = compileMachine(place!.constraint);
    assert.equal(
      explain(machine, `${written === "" ? '{"label": "ca' : written}rd", "sure": true}`).verdict,
      "accepted",
    );
    assert.equal(explain(machine, "a card").verdict, "rejected");
  });
}

test("without a schema the output of a shot is prose", () => {
  const { place } = placeIn("---\ntiller.shots:\n  - input: My card\n    output: It was|\n---\nHi");
  assert.equal(place!.written, undefined);
  assert.equal(place!.constraint.kind, "all");
});

test("a completion keeps the guide of its prompt", () => {
  const guide = "tiller.guide: { avoid: [very], bias: { splendid: 3 } }";
  const { place } = placeIn(`---\n${guide}\n---\nThe sea is|`);
  assert.deepEqual(place?.wordBias, { splendid: 3 });
  assert.equal(explain(compileMachine(place.constraint), " very blue").verdict, "rejected");
  assert.notEqual(explain(compileMachine(place.constraint), " blue").verdict, "rejected");
  const described = placeIn(`---\n${guide}\ndescription: The sea is|\n---\nHi`).place;
  assert.equal(explain(compileMachine(described!.constraint), " very blue").verdict, "rejected");
});
