// How the preview shows messages, tokens, inputs and the budget, read without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import type {
  PreviewAction,
  PreviewHole,
  PreviewInput,
  PreviewMessage,
  PreviewState,
} from "../../../src/protocol/preview.js";
import { budgetParts } from "../../../src/webview/preview/budget.js";
import { InputsForm } from "../../../src/webview/preview/inputsForm.js";
import { MessageList, percent, problemList } from "../../../src/webview/preview/messages.js";
import { TokenMap } from "../../../src/webview/preview/tokens.js";
import { fake, useFakeDom, type FakeElement } from "../fakeDom.js";

useFakeDom();

const hole: PreviewHole = {
  kind: "hole",
  name: "title",
  constraint: "regex [A-Z]+",
  hidden: false,
  line: 6,
  text: undefined,
  state: "open",
  legalMass: undefined,
};

const seen = { count: 64, width: 512, height: 384, tiles: 1 };

test("text of the file, values, pictures and holes are told apart, and a hole goes to its line", () => {
  const { root, actions } = showMessages([
    {
      role: "user",
      shot: undefined,
      parts: [
        { kind: "text", text: "About " },
        { kind: "value", name: "topic", text: "<b>tea</b>", line: 2 },
        { kind: "media", url: "a.png", picture: { kind: "file", path: "/a.png" }, src: "page:/a.png", tokens: seen },
        { ...hole, text: "ABC", state: "cut", legalMass: { mean: 0.914, lowest: 0.004 } },
      ],
    },
  ]);
  assert.equal(root.querySelector(".role")!.textContent, "user");
  assert.equal(root.querySelector(".lit")!.textContent, "About ");
  assert.equal(root.querySelector(".val")!.textContent, "<b>tea</b>");
  assert.equal(root.querySelector("b")!.textContent, "title");
  const image = root.querySelector("img")!;
  assert.deepEqual([image.getAttribute("src"), image.getAttribute("alt")], ["page:/a.png", "picture a.png"]);
  assert.equal(root.querySelector("figcaption")!.textContent, "a.png512 × 384, 1 tile, 64 tokens");
  const slot = root.querySelector(".slot")!;
  assert.equal(slot.textContent, "title regex [A-Z]+ · cut off at the limit · legal mass 91 %, lowest < 1 %");
  assert.equal(slot.getAttribute("title"), "Go to the hole title, line 7");
  assert.equal(root.querySelector(".out")!.textContent, "ABC");
  slot.click();
  assert.deepEqual(actions, [{ type: "line", line: 6 }]);
});

test("a picture that cannot be sent says why, in its place", () => {
  const picture = { kind: "problem", problem: "The picture a.png was not found." } as const;
  const { root } = showMessages([{ role: "user", shot: undefined, parts: [{ kind: "media", url: "a.png", picture }] }]);
  assert.equal(root.querySelector(".wrong")!.textContent, "picture The picture a.png was not found.");
  assert.equal(root.querySelector("img"), null);
});

test("examples that follow each other are folded under their number and reason", () => {
  const { root } = showMessages([said("system", "Be kind."), shot(0), shot(0), shot(3), said("user", "Hi")]);
  const folds = root.querySelectorAll("details");
  assert.equal(folds.length, 1);
  assert.equal(folds[0]!.querySelector("summary")!.textContent, "examples2 of 9 similar");
  assert.equal(folds[0]!.querySelectorAll("article").length, 3);
  assert.equal(root.children.length, 3);
});

test("a message that stays keeps its element, and the fold stays as it was", () => {
  const first = said("system", "Be kind.");
  const example = shot(0);
  const list = new MessageList(() => {});
  list.update({ messages: [first, example, said("user", "H")] });
  const before = [...fake(list.element).children];
  const folded = before[1]!.children[1];
  list.update({ messages: [first, example, said("user", "Hi")] });
  const after = fake(list.element).children;
  assert.equal(after.length, 3);
  assert.equal(after[0], before[0]);
  assert.equal(after[1], before[1]);
  assert.equal(after[1]!.children[1], folded);
  assert.equal(after[2]!.querySelector(".lit")!.textContent, "Hi");
  list.update({ messages: [] });
  assert.equal(fake(list.element).textContent, "Nothing would be sent.");
});

test("text that streams is added to every place of its hole and to no other", () => {
  const list = new MessageList(() => {});
  const writing = (name: string): PreviewHole => ({ ...hole, name, text: "", state: "writing" });
  list.update({ messages: [{ role: "model", shot: undefined, parts: [writing("a"), writing("b")] }] });
  list.append("b", "x");
  list.append("b", "y");
  const texts = fake(list.element).querySelectorAll("[data-hole]");
  assert.deepEqual(texts.map((it) => it.textContent), ["", "xy"]); // prettier-ignore
});

test("problems say how bad they are, and lead to their line where they have one", () => {
  const actions: PreviewAction[] = [];
  const [first, second] = problemList(
    [
      { severity: "error", message: "No end.", line: 4 },
      { severity: "information", message: "Long.", line: undefined },
    ],
    (it) => actions.push(it),
  ).map(fake);
  assert.equal(first!.textContent, "errorNo end.Line 5");
  assert.equal(second!.textContent, "noteLong.");
  first!.querySelector("button")!.click();
  assert.deepEqual(actions, [{ type: "line", line: 4 }]);
});

test("shares are whole percents, and what is not nothing is not shown as nothing", () => {
  assert.deepEqual([0, 0.004, 0.01, 0.5, 1].map(percent), ["0 %", "< 1 %", "1 %", "50 %", "100 %"]);
});

test("the budget adds up to the context, and says in words what its bar shows", () => {
  const parts = [{ label: "system", tokens: 100 }, { label: "user", tokens: 900 }]; // prettier-ignore
  const [, bar, text, legend] = budgetParts({ context: 2048, reserve: 256, parts }).map(fake);
  assert.equal(bar!.getAttribute("role"), "img");
  assert.equal(bar!.getAttribute("aria-label"), "system 100, user 900, kept for the answer 256, free 792");
  assert.deepEqual(bar!.children.map((it) => it.styles.get("--n")), ["100", "900", "256", "792"]); // prettier-ignore
  assert.equal(text!.textContent, "1,000 of 2,048 tokens.");
  assert.equal(legend!.children.length, 4);
});

test("a budget that does not hold says by how much", () => {
  const [, bar, text] = budgetParts({ context: 100, reserve: 50, parts: [{ label: "user", tokens: 80 }] }).map(fake);
  assert.equal(text!.textContent, "80 of 100 tokens. 30 too many: shorten the prompt, or lower maxOutputTokens.");
  assert.equal(bar!.getAttribute("aria-label"), "user 80, kept for the answer 50");
});

test("a token's card lists its alternatives, and only one that is allowed can be continued from, by mouse or keys", () => {
  const actions: PreviewAction[] = [];
  const map = new TokenMap((it) => actions.push(it));
  const alternative = (id: number, text: string, removed: boolean) => ({ id, text, probability: 0.2, removed, chosen: id === 1 }); // prettier-ignore
  const token = (text: string, probability: number | undefined) => ({
    text,
    probability,
    alternatives: [alternative(1, text, false), alternative(2, "b", true), alternative(3, "c", false)],
  });
  const tokens = [{ hole: "t", tokens: [token(" a", 0.95), token("\n", undefined)] }];
  map.update({ tokens, run: { kind: "done" } } as unknown as PreviewState);
  const root = fake(map.element);
  const [first, second] = root.querySelectorAll(".tok");
  assert.equal(first!.getAttribute("class"), "tok p0");
  assert.equal(first!.textContent, "·a");
  assert.equal(second!.getAttribute("aria-label"), "↵, forced");
  const list = root.querySelector('[role="listbox"]')!;
  list.focus();
  assert.equal(list.getAttribute("aria-activedescendant"), "token-0");
  const press = (key: string) => list.fire({ type: "keydown", key });
  for (const key of ["ArrowRight", "Enter"]) press(key);
  const card = root.querySelector(".card")!;
  assert.equal(card.hidden, false);
  assert.match(card.textContent, /b20 %removed/);
  card
    .querySelectorAll(".alt")
    .filter((it) => it.localName === "button")[1]!
    .click();
  assert.deepEqual(actions, [], "what the constraint removed cannot be chosen");
  for (const key of ["ArrowDown", "ArrowDown", "Enter"]) press(key);
  assert.deepEqual(actions, [{ type: "continue", hole: "t", position: 1, alternative: 3 }]);
  assert.equal(card.hidden, true);
});

test("every input has a labelled field of its kind, and what is typed is told as a value of that kind", () => {
  const actions: PreviewAction[] = [];
  const form = new InputsForm((it) => actions.push(it));
  const root = fake(form.element);
  form.update(inputs(input("n", "integer", 3), input("ok", "flag", true), input("mood", "choice", "b"), input("j", "json", { a: 1 }), input("t", "text", "x"))); // prettier-ignore
  const controls = root.querySelectorAll(".field").map((it) => it.children[1]!);
  assert.deepEqual(controls.map((it) => it.localName), ["input", "input", "select", "textarea", "textarea"]); // prettier-ignore
  const labels = root.querySelectorAll("label");
  assert.deepEqual(labels.map((it) => it.getAttribute("for")), controls.map((it) => it.id)); // prettier-ignore
  assert.ok(controls.every((it) => it.getAttribute("aria-required") === "true"));
  assert.deepEqual(controls.map((it) => it.value), ["3", "", '"b"', '{"a":1}', "x"]); // prettier-ignore
  assert.equal(controls[1]!.checked, true);
  const type = (at: number, value: string) => {
    controls[at]!.value = value;
    controls[at]!.fire({ type: "input" });
  };
  type(0, "4");
  type(2, '"a"');
  type(3, '{"a":');
  type(3, '{"a":2}');
  type(4, "");
  assert.deepEqual(actions, [
    { type: "input", name: "n", value: 4 },
    { type: "input", name: "mood", value: "a" },
    { type: "input", name: "j", value: { a: 2 } },
    { type: "input", name: "t", value: undefined },
  ]);
});

test("a field that has the focus is not written over, and a problem is said beside its field", () => {
  const form = new InputsForm(() => {});
  form.update(inputs(input("t", "text", "x")));
  const control = fake(form.element).querySelector("textarea")!;
  control.focus();
  control.value = "xy";
  form.update(inputs({ ...input("t", "text", "x"), problem: "Too short." }));
  assert.equal(control.value, "xy");
  assert.equal(fake(form.element).querySelector("textarea"), control);
  assert.equal(fake(form.element).querySelector("#input-t-problem")!.textContent, "Too short.");
  assert.equal(control.getAttribute("aria-invalid"), "true");
});

function inputs(...all: readonly PreviewInput[]): PreviewState {
  return { inputs: all } as unknown as PreviewState;
}

function input(name: string, kind: PreviewInput["kind"], value: PreviewInput["value"]): PreviewInput {
  const options = kind === "choice" ? ["a", "b"] : [];
  return { name, kind, options, required: true, description: undefined, value, isDefault: false, problem: undefined };
}

function said(role: PreviewMessage["role"], text: string): PreviewMessage {
  return { role, shot: undefined, parts: [{ kind: "text", text }] };
}

function shot(index: number): PreviewMessage {
  return {
    role: "user",
    shot: { index, of: 9, reason: "similar" },
    parts: [{ kind: "text", text: `example ${index}` }],
  };
}

function showMessages(messages: readonly PreviewMessage[]): { root: FakeElement; actions: PreviewAction[] } {
  const actions: PreviewAction[] = [];
  const list = new MessageList((it) => actions.push(it));
  list.update({ messages });
  return { root: fake(list.element), actions };
}

test("texts and data may come from a file or a selection, and choices may not", () => {
  const actions: PreviewAction[] = [];
  const form = new InputsForm((it) => actions.push(it));
  form.update(inputs(input("n", "integer", 3), input("t", "text", "x")));
  const rows = fake(form.element).querySelectorAll(".field");
  const linksOf = (at: number) => rows[at]!.querySelectorAll("button").map((it) => it.textContent);
  assert.deepEqual([linksOf(0), linksOf(1)], [["Reset"], ["From file", "From selection", "Reset"]]);
  rows[1]!.querySelectorAll("button").slice(0, 2).forEach((it) => it.click()); // prettier-ignore
  assert.deepEqual(actions, [
    { type: "inputFrom", name: "t", source: "file" },
    { type: "inputFrom", name: "t", source: "selection" },
  ]);
});
