// From rendered messages to what is sent: roles, the cut at the first open hole, the layout around holes.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { RenderedMessage, RenderedPart } from "../../src/lang/rendered.js";
import { withFinalHole } from "../../src/lang/finalHole.js";
import { stageOf } from "../../src/runner/conversation.js";

const answer = { name: "output", span: { start: 0, end: 0 } };

test("messages without holes are sent exactly as they were rendered", () => {
  checkStage(
    [message("system", "\nBe kind.\n"), message("model", " Yes. \n")],
    ["system:\nBe kind.\n", "assistant: Yes. \n"],
  );
});

test("everything up to the first open hole is sent", () => {
  const rendered = [message("user", "Hi\n"), message("model", "I am ", open("name"), " and ", open("mood"))];
  checkStage(rendered, ["user:Hi\n", "assistant:I am "], "name");
});

test("what was filled is text", () => {
  const rendered = [message("model", "I am ", filled("name", "Ada"), " and ", open("mood"))];
  checkStage(rendered, ["assistant:I am Ada and "], "mood");
});

test("messages after the hole are not sent yet", () => {
  checkStage([message("model", open("a")), message("user", "More"), message("model", open("b"))], ["assistant:"], "a");
});

test("line breaks between the role and its hole are layout", () => {
  checkStage([message("model", "\n\n", open("a"))], ["assistant:"], "a");
});

test("line breaks before the first words of a message with a hole are layout, the indentation is not", () => {
  checkStage([message("model", "\n\n  Answer: ", open("a"))], ["assistant:  Answer: "], "a");
});

test("white space after the last hole is layout", () => {
  checkStage(
    [message("model", filled("a", "Ada \n"), "\n"), message("user", "More")],
    ["assistant:Ada \n", "user:More"],
  );
});

test("white space between holes is not", () => {
  checkStage([message("model", filled("a", "A"), "\n ", open("b"), "\n")], ["assistant:A\n "], "b");
});

test("words after the last hole lose the line break at their end", () => {
  checkStage([message("model", filled("a", "A"), " it is.\n")], ["assistant:A it is."]);
});

test("what the model wrote keeps its own white space", () => {
  checkStage([message("model", filled("a", "\n A \n"))], ["assistant:\n A \n"]);
});

test("a prompt without holes ends with the model's answer", () => {
  checkStage(withFinalHole([message("user", "Hi\n")], answer, {}), ["user:Hi\n", "assistant:"], "output");
});

test("the model's own last message is continued", () => {
  const rendered = [message("user", "Hi"), message("model", "Well, ")];
  checkStage(withFinalHole(rendered, answer, {}), ["user:Hi", "assistant:Well, "], "output");
  checkStage(withFinalHole(rendered, answer, { output: "hello." }), ["user:Hi", "assistant:Well, hello."]);
});

test("a prompt with a hole gets no second one", () => {
  const rendered = [message("model", filled("a", "A")), message("user", "Bye")];
  assert.equal(withFinalHole(rendered, answer, { a: "A" }), rendered);
});

test("sections are marks without text", () => {
  checkStage([message("user", "a", { kind: "section", name: "code" }, "b")], ["user:ab"]);
});

test("a picture stands at its place in the content", () => {
  const image = { kind: "media", url: "cat.png" } as const;
  const { messages } = stageOf([message("user", "Look: ", image, " and ", image), message("user", image)], picture);
  const source = { path: "/pictures/cat.png" };
  assert.deepEqual(messages, [
    { role: "user", content: "Look:  and ", images: [{ at: 6, source }, { at: 11, source }] }, // prettier-ignore
    { role: "user", content: "", images: [{ at: 0, source }] },
  ]);
});

test("pictures behind the hole are not looked for", () => {
  const image = { kind: "media", url: "cat.png" } as const;
  const fail = () => assert.fail("nobody needs it yet");
  assert.deepEqual(stageOf([message("model", "a", open("x"), image)], fail).messages, [
    { role: "assistant", content: "a" },
  ]);
});

const picture = ({ url }: { readonly url: string }) => ({ path: `/pictures/${url}` });

function checkStage(rendered: readonly RenderedMessage[], sent: readonly string[], hole?: string): void {
  const stage = stageOf(rendered, picture);
  assert.deepEqual(
    stage.messages.map(({ role, content }) => `${role}:${content}`),
    sent,
  );
  assert.equal(stage.hole?.name, hole);
}

function message(role: string, ...parts: readonly (string | RenderedPart)[]): RenderedMessage {
  return { role, parts: parts.map((it) => (typeof it === "string" ? { kind: "text", text: it } : it)) };
}

function open(name: string): RenderedPart {
  return { kind: "hole", hole: { name, span: { start: 0, end: 0 } } };
}

function filled(name: string, text: string): RenderedPart {
  return { ...open(name), filled: text } as RenderedPart;
}
