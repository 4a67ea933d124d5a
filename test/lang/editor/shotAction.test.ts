// What is selected in the body becomes a shot of the front matter: `«` and `»` mark the selection.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { check } from "../../../src/lang/check.js";
import { applyEdits } from "../../../src/lang/edit.js";
import { codeActions } from "../../../src/lang/editor/codeActions.js";
import { useAsShot } from "../../../src/lang/editor/shotAction.js";
import { parse } from "../../../src/lang/parser.js";
import { allNodes } from "../../../src/lang/walk.js";
import { arbitraryPrompt } from "../arbitraryPrompt.js";

function selected(marked: string) {
  const text = marked.replace(/[«»]/g, "");
  return { text, where: { start: marked.indexOf("«"), end: marked.indexOf("»") - 1 } };
}

const schema = "input:\n  schema:\n    topic: string\n    items(array): string\n    who(object):\n      name: string\n";

for (const [name, before, after] of [
  [
    "a text becomes the output of a shot whose inputs are empty",
    `---\n${schema}---\nAbout {{topic}}.\n«It rains.\n»`,
    `---\n${schema}tiller.shots:\n  - input:\n      topic: ""\n      items: []\n      who: {}\n    output: It rains.\n---\nAbout {{topic}}.\n`,
  ],
  [
    "a text of a file without a front matter gives it one",
    "«Hello there.» {{name}}",
    "---\ntiller.shots:\n  - input: {}\n    output: Hello there.\n---\n {{name}}",
  ],
  [
    "two turns become input and output",
    '---\nmodel:   x # kept\n---\n{{role "system"}}Be brief.\n«{{role "user"}}\nSky?\n{{role "model"}}\nBlue.\n»{{role "user"}}{{q}}',
    '---\nmodel:   x # kept\ntiller.shots:\n  - input: Sky?\n    output: Blue.\n---\n{{role "system"}}Be brief.\n{{role "user"}}{{q}}',
  ],
  [
    "four turns become two shots",
    '«{{role "user"}}1{{role "model"}}2{{~role "user"~}}3{{role "model"}}4»{{history}}{{role "user"}}5',
    '---\ntiller.shots:\n  - input: "1"\n    output: "2"\n  - input: "3"\n    output: "4"\n---\n{{history}}{{role "user"}}5',
  ],
  [
    "the first turn may begin in front of the selection",
    '---\nmodel: x\n---\n«Sky?\n{{role "model"}}Blue.»\n{{role "user"}}{{q}}',
    '---\nmodel: x\ntiller.shots:\n  - input: Sky?\n    output: Blue.\n---\n\n{{role "user"}}{{q}}',
  ],
  [
    "a shot stands behind the others",
    "---\ntiller.shots: # mine\n- {input:  a, output: b} # one\n---\n{{#if x}}«c\r\nd»{{/if}}",
    "---\r\ntiller.shots: # mine\n- {input:  a, output: b} # one\n- input: {}\n  output: |-\n    c\n    d\n---\n{{#if x}}{{/if}}",
  ],
] as const) {
  test(name, () => {
    const { text, where } = selected(before);
    const action = codeActions(parse(text).file, [], where).find((it) => it.title.startsWith("Use as few-shot"))!;
    assert.equal(action.kind, "refactor");
    const changed = applyEdits(text, action.edits);
    assert.equal(changed.replaceAll("\r\n", "\n"), after.replaceAll("\r\n", "\n"));
    const { file, diagnostics } = parse(changed);
    assert.deepEqual(
      [...diagnostics, ...check(file)].filter((it) => it.severity === "error"),
      [],
    );
  });
}

for (const [why, marked] of [
  ["nothing is selected", "Hello «»you"],
  ["only white space is selected", "Hello« »you"],
  ["it holds a variable", "«Hello {{name}}»"],
  ["it holds a hole", '«{{role "user"}}a{{role "model"}}{{gen "x"}}»'],
  ["it holds a comment", "«a {{! b }} c»"],
  ["it holds half a tag", "Hello «you {{na»me}}"],
  ["it begins within a tag", "Hello {{na«me}} you»"],
  ["it holds half a block", "{{#if a}}b«c{{/if}}d»"],
  ["it holds the tag between two branches", "{{#if a}}b«c{{else}}d»e{{/if}}"],
  ["it holds an escaped tag", "«a \\{{b}} c»"],
  ["it ends in the backslash of an escape", "«a \\»{{b}} c"],
  ["a tag would arise from its neighbours", "a {«b»{c}} d"],
  ["a tag would be escaped by its neighbours", "a \\«b»{{c}} d"],
  ["it holds one turn only", '«{{role "model"}}a»'],
  ["it holds a system message", '«{{role "system"}}a{{role "model"}}b»'],
  ["it holds the first half of a turn", '«{{role "user"}}a{{role "model"}}b» c'],
  ["one of the turns is blank", '«{{role "user"}} {{role "model"}}b»'],
  ["the role is computed", '«{{role r}}a{{role "model"}}b»'],
  ["the turns are those of a block", '{{#if x}}«{{role "user"}}a{{role "model"}}b»{{/if}}'],
  ["it stands in the front matter", "---\ndescription: «x»\n---\na"],
  ["it begins in the front matter", "---\nmodel: x\n«---\na»"],
  ["the shots stand in a file", "---\ntiller.shots: {file: a.jsonl}\n---\n«a»"],
  ["the shots are no list", "---\ntiller.shots: 3\n---\n«a»"],
  ["the front matter has errors", "---\na: [\n---\n«a»"],
  ["the template has errors", "{{#if a}}«a»"],
] as const) {
  test(`no shot is offered where ${why}`, () => {
    const { text, where } = selected(marked);
    assert.equal(useAsShot(parse(text).file, where), undefined);
  });
}

test("no shot is offered in a partial", () => {
  const actions = codeActions(parse("Hello you").file, [], { start: 0, end: 5 }, "partial");
  assert.deepEqual(actions, []);
});

test("whatever is selected, the result parses, and nothing but the selection is gone", () => {
  const places = fc.array(fc.tuple(fc.boolean(), fc.nat(400), fc.nat(400)), { minLength: 5, maxLength: 5 });
  let offered = 0;
  fc.assert(
    fc.property(arbitraryPrompt, places, (text, some) => {
      const { file } = parse(text);
      const texts = allNodes(file.body.nodes).filter((it) => it.kind === "text");
      for (const [inText, a, b] of some) {
        // Few places that are drawn at random lie within one text.
        const within = inText ? (texts[a % Math.max(1, texts.length)]?.span ?? file.body.span) : file.body.span;
        const start = inText ? within.start + (b % 3) : Math.min(a, text.length);
        const end = Math.min(inText ? within.end - (b % 2) : start + b, text.length);
        const found = useAsShot(file, { start, end });
        if (found === undefined) continue;
        offered++;
        const changed = applyEdits(text, found.edits);
        assert.deepEqual(parse(changed).diagnostics, []);
        const [added, removed] = found.edits;
        assert.deepEqual(removed, { span: { start, end }, text: "" });
        assert.equal(added!.span.start, added!.span.end);
        const rest =
          text.slice(0, added!.span.start) + added!.text + text.slice(added!.span.end, start) + text.slice(end);
        assert.equal(changed, rest);
      }
    }),
    { numRuns: 1000, seed: Number(process.env["TILLER_FUZZ_SEED"] ?? 1) },
  );
  assert.ok(50 < offered, String(offered));
});
