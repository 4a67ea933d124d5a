// What goes first when a prompt is too long.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { readBudget } from "../../src/lang/budget.js";
import { fitBudget } from "../../src/lang/fitBudget.js";
import { parse } from "../../src/lang/parser.js";
import { render } from "../../src/lang/render.js";
import type { RenderedMessage, RenderRequest } from "../../src/lang/rendered.js";
import { readShots } from "../../src/lang/shots/readShots.js";
import { selectShots } from "../../src/lang/shots/selectShots.js";
import { readShotSelect } from "../../src/lang/shots/shotSelect.js";

const body = "{{#shots}}<{{input}}{{output}}>{{/shots}}{{#keep 2}}BB{{/keep}}{{#keep 1}}AA{{else}}-{{/keep}} end";
const history: readonly RenderedMessage[] = ["user", "model", "user", "model"].map((role, i) => ({
  role,
  parts: [{ kind: "text", text: `h${i}` }],
}));

test("a prompt that fits stays whole", () => checkText("context: 40", "<aA><bB><cC>BBAA end"));
test("without a limit nothing is dropped", () => checkText("reserve: 5", "<aA><bB><cC>BBAA end"));
test("the shot of the lowest rank goes first, as few as must", () => {
  checkText("context: 27", "<aA><bB>BBAA end");
  checkText("context: 23", "<aA>BBAA end");
});
test("the reserve is kept free", () => checkText("context: 37, reserve: 10", "<aA><bB>BBAA end"));
test("then the block of the lowest priority, for which its other branch stands", () => {
  checkText("context: 14", "- end");
  checkText("context: 16", "BBAA end");
  checkText("context: 15", "BB- end");
});
test("`drop` says what goes, and in which order", () => {
  checkText("context: 25, drop: [keep]", "<aA><bB><cC>- end");
  checkText("context: 25, drop: [keep, shots]", "<aA><bB><cC>- end");
  checkText("context: 20, drop: [keep, shots]", "<aA>- end");
});
test("what may not be dropped stays, even when it is too long", () => {
  checkText("context: 5, drop: []", "<aA><bB><cC>BBAA end");
  checkText("context: 5", "- end");
});

test("of the history whole turns go, the oldest first", () => {
  const file = parse("---\ntiller.budget: {context: 40, drop: [history]}\n---\nend").file;
  const messages = fit(file, { history });
  assert.deepEqual(
    messages.map(({ parts }) => (parts[0] as { text: string }).text),
    ["h2", "h3", "end"],
  );
});

test("parts know the priority of the block that they stand in, and the text is as without blocks", () => {
  const { messages } = render(parse("a {{#keep 1}}b {{#keep 3}}c{{/keep}}{{/keep}} {{#keep 2}}d{{/keep}}").file, {});
  assert.deepEqual(messages[0]!.parts, [
    { kind: "text", text: "a " },
    { kind: "text", text: "b ", keep: 1 },
    { kind: "text", text: "c", keep: 3 },
    { kind: "text", text: " " },
    { kind: "text", text: "d", keep: 2 },
  ]);
});

test("blocks change neither the messages nor their text", () => {
  const piece = fc.constantFrom("a", " ", "  b ", '{{gen "x"}}', '{{role "model"}}', '{{role "user"}}', "{{empty}}");
  const block = fc.record({ inside: fc.array(piece, { maxLength: 3 }), isKept: fc.boolean() });
  const shown = (template: string) =>
    render(parse(`.${template}`).file, { input: { empty: "" } }).messages.map(({ role, parts }) => [
      role,
      parts.map((it) => (it.kind === "text" ? it.text : "<hole>")).join(""),
    ]);
  fc.assert(
    fc.property(fc.array(block, { maxLength: 6 }), (blocks) => {
      const plain = blocks.map(({ inside }) => inside.join("")).join("");
      const written = blocks.map(({ inside, isKept }) =>
        isKept ? `{{#keep 1}}${inside.join("")}{{/keep}}` : inside.join(""),
      );
      assert.deepEqual(shown(written.join("")), shown(plain));
    }),
    { numRuns: 1000 },
  );
});

/** Characters are tokens here, and each message takes 8 more. */
function checkText(budget: string, expected: string): void {
  const shots = '[{input: a, output: "A"}, {input: b, output: "B"}, {input: c, output: "C"}]';
  const { file, diagnostics } = parse(`---\ntiller.shots: ${shots}\ntiller.budget: {${budget}}\n---\n${body}`);
  assert.deepEqual(diagnostics, []);
  const selection = selectShots({
    shots: readShots(file, undefined).shots,
    select: readShotSelect(file).select,
    input: {},
  });
  const messages = fit(file, { shots: selection });
  assert.equal(
    messages.map(({ parts }) => parts.map((it) => (it.kind === "text" ? it.text : "?")).join("")).join("|"),
    expected,
  );
}

function fit(file: ReturnType<typeof parse>["file"], request: RenderRequest) {
  const { budget, diagnostics } = readBudget(file);
  assert.deepEqual(diagnostics, []);
  const count = (text: string) => text.length;
  const renderMessages = (it: RenderRequest) => render(file, it).messages;
  return renderMessages(fitBudget(request, budget, count, renderMessages));
}
