// What steers a prompt, changed from outside its text: what the front matter says afterwards, and that the rest stays.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";

import type { JsonObject } from "../../src/base/json.js";
import { applyEdits } from "../../src/lang/edit.js";
import { frontMatterText } from "../../src/lang/editor/adapterEdits.js";
import { steer, steeringOf, type SteeredKey } from "../../src/lang/editor/guideEdits.js";

const cases: Readonly<Record<string, readonly [string, SteeredKey, JsonObject, string]>> = {
  "a prompt without front matter gets one": [
    "Hi\n",
    "tiller.guide",
    { tone: "friendly", avoid: ["sorry"] },
    "---\ntiller.guide:\n  tone: friendly\n  avoid: [sorry]\n---\nHi\n",
  ],
  "the keys are added behind the others": [
    "---\nmodel: m # small\n---\nHi",
    "config",
    { temperature: 0.4 },
    "---\nmodel: m # small\nconfig:\n  temperature: 0.4\n---\nHi",
  ],
  "a key gets another value, and comments and quotes stay": [
    '---\ntiller.guide:\n  # how it sounds\n  tone: "formal" # for letters\n  strength: 1.5\nmodel: m\n---\nHi',
    "tiller.guide",
    { tone: "plain", strength: 2 },
    '---\ntiller.guide:\n  # how it sounds\n  tone: "plain" # for letters\n  strength: 2\nmodel: m\n---\nHi',
  ],
  "a key goes, and the others stay": [
    "---\nconfig:\n  temperature: 0.7\n  seed: 3 # by chance\n---\nHi",
    "config",
    { temperature: null },
    "---\nconfig:\n  seed: 3 # by chance\n---\nHi",
  ],
  "the last key goes with the whole": [
    "---\nmodel: m\ntiller.guide:\n  tone: formal\ninput: {}\n---\nHi",
    "tiller.guide",
    { tone: null },
    "---\nmodel: m\ninput: {}\n---\nHi",
  ],
  "a map in braces stays one": [
    "---\nconfig: {temperature: 0.7}\n---\nHi",
    "config",
    { seed: 4, temperature: 1 },
    "---\nconfig: {temperature: 1, seed: 4}\n---\nHi",
  ],
  "a list of vectors is written in one line": [
    "---\ntiller.guide:\n  tone: formal\n---\nHi",
    "tiller.guide",
    { vectors: [{ name: "cheerful", strength: 0.4 }] },
    "---\ntiller.guide:\n  tone: formal\n  vectors: [{name: cheerful, strength: 0.4}]\n---\nHi",
  ],
  "line ends are kept": [
    "---\r\nconfig:\r\n  seed: 1\r\n---\r\nHi",
    "config",
    { seed: 2 },
    "---\r\nconfig:\r\n  seed: 2\r\n---\r\nHi",
  ],
};

for (const [title, [before, key, changes, after]] of Object.entries(cases))
  test(`steering is written: ${title}`, () => {
    const found = steer(frontMatterText(before), key, changes);
    assert.ok(found.kind === "edit", JSON.stringify(found));
    assert.equal(applyEdits(before, [found.edit]), after);
  });

test("what the file says already is no edit", () => {
  const file = frontMatterText("---\nconfig:\n  seed: 1\n---\nHi");
  assert.deepEqual(steer(file, "config", { seed: 1, topK: null }), { kind: "none" });
});

for (const [title, text] of [
  ["with errors", "---\nconfig: {seed\n---\nHi"],
  ["with a list instead", "---\nconfig: [seed]\n---\nHi"],
  ["in braces", "---\n{model: m}\n---\nHi"],
] as const)
  test(`a front matter ${title} is left alone, with the reason`, () => {
    assert.equal(steer(frontMatterText(text), "config", { seed: 2 }).kind, "refused");
  });

const name = fc.constantFrom("tone", "audience", "length", "avoid", "strength", "negative", "bestOf");
const word = fc.string({ minLength: 1, maxLength: 12 }).map((it) => it.replaceAll("#", "+"));
const value = fc.oneof(
  word,
  fc.double({ min: -4, max: 4, noNaN: true }).map((it) => (Object.is(it, -0) ? 0 : it)),
  fc.array(word, { minLength: 1, maxLength: 3 }),
  fc.record({ n: fc.integer({ min: 1, max: 9 }) }, { noNullPrototype: true }),
);
const guide = fc.dictionary(name, value, { maxKeys: 5, noNullPrototype: true });
const changes = fc.dictionary(name, fc.option(value), { minKeys: 1, maxKeys: 5, noNullPrototype: true });

test("whatever is changed, the file says it afterwards, and body, other keys and their comments are as they were", () => {
  fc.assert(
    fc.property(guide, changes, fc.boolean(), fc.boolean(), (own, over, isFlow, isFirst) => {
      const block =
        Object.keys(own).length === 0
          ? ""
          : isFlow
            ? `tiller.guide: ${JSON.stringify(own)}\n`
            : stringify({ "tiller.guide": own }, { lineWidth: 0 });
      const head = isFirst ? "# mine\n" : "model: m # the small one\n\n# mine\n";
      const text = `---\n${head}${block}# at the end\ninput: {}\n---\nBody: {{x}}\n`;
      const file = frontMatterText(text);
      const found = steer(file, "tiller.guide", over);
      assert.notEqual(found.kind, "refused");
      const after = found.kind === "edit" ? applyEdits(text, [found.edit]) : text;
      const said = steeringOf(frontMatterText(after), "tiller.guide");
      const merged = { ...steeringOf(file, "tiller.guide"), ...over };
      assert.deepEqual(said, Object.fromEntries(Object.entries(merged).filter(([, it]) => it !== null)));
      assert.ok(after.startsWith(`---\n${head}`), after);
      assert.equal(after.match(/#/g)?.length, text.match(/#/g)?.length, "every comment is there once");
      assert.ok(after.includes("# at the end\ninput: {}\n"), after);
      assert.ok(after.endsWith("---\nBody: {{x}}\n"));
    }),
    { numRuns: 300 },
  );
});

test("what is set and then set back is the same file again, where it was there before", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2, noNaN: true }), (temperature) => {
      const text = "---\nconfig:\n  temperature: 0.7 # warm\n  seed: 1\n---\nHi";
      const there = steer(frontMatterText(text), "config", { temperature: temperature + 1 });
      const changed = there.kind === "edit" ? applyEdits(text, [there.edit]) : text;
      const back = steer(frontMatterText(changed), "config", { temperature: 0.7 });
      assert.equal(back.kind === "edit" ? applyEdits(changed, [back.edit]) : changed, text);
    }),
  );
});
