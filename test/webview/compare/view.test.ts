// The page of the Compare view in all of its states, without a browser: what it says, and what its controls do.

import assert from "node:assert/strict";
import { test } from "node:test";

import { diffComparisons } from "../../../src/compare/diffComparisons.js";
import { startCompare, type CompareData } from "../../../src/extension/compare/compareData.js";
import { withCompareEvent, withFailure, withResult, withStart } from "../../../src/extension/compare/runEvents.js";
import { withSetupAction } from "../../../src/extension/compare/setup.js";
import { viewState } from "../../../src/extension/compare/viewState.js";
import { currentPair, withVote } from "../../../src/extension/compare/voting.js";
import type { CompareViewAction } from "../../../src/protocol/compareView.js";
import { valueOf } from "../../../src/webview/compare/inputFields.js";
import { actionOf } from "../../../src/webview/compare/keys.js";
import { duration, figure } from "../../../src/webview/compare/parts.js";
import { spokenProgress } from "../../../src/webview/compare/runBar.js";
import { compareView } from "../../../src/webview/compare/view.js";
import { elementsOf, textOf, type VirtualElement } from "../../../src/webview/html/virtual.js";
import {
  allCells,
  finished,
  finishedCell,
  judgedResult,
  ratings,
  result,
  started,
  variants,
} from "../../extension/compare/sample.js";

type Element = VirtualElement<CompareViewAction>;

const today = new Date("2026-05-03T18:00:00.000Z");
const prompt = { ...startCompare(), uri: "file:///w/hello.prompt", title: "hello.prompt" };

function page(data: CompareData): readonly Element[] {
  return compareView(viewState(data, 1, today), "").flatMap(elementsOf);
}

const button = (all: readonly Element[], label: RegExp) => {
  const found = all.find((it) => it.tag === "button" && label.test(String(it.attributes["aria-label"] ?? textOf(it))));
  assert.ok(found, `there is no button ${String(label)}`);
  return found;
};
const press = (all: readonly Element[], label: RegExp) => button(all, label).on.click!();
const ofClass = (all: readonly Element[], name: string) =>
  all.filter((it) => String(it.attributes["class"] ?? "").split(" ").includes(name)); // prettier-ignore

const newer = { ...result(allCells().map((it) => (it.variant === "b" ? finishedCell("b", it.input, it.repeat, "Ahoy.") : it))), id: "comparison-2" }; // prettier-ignore
const diff = diffComparisons({ ...result(), variants: variants.slice(0, 2) }, newer);
const history = [newer, result()].map((it) => ({ ...it, inputs: 2, done: 12, failed: 0 }));
const judged = withResult(finished(), judgedResult());

const states: Readonly<Record<string, CompareData>> = {
  "no prompt": startCompare(),
  empty: prompt,
  editing: { ...prompt, adapters: ["pirate"], setup: withSetupAction(withSetupAction(prompt.setup, { type: "editVariant", id: "b" }), { type: "changeVariant", id: "b", change: { field: "adapter", name: "terse", scale: 0.8 } }) }, // prettier-ignore
  running: withCompareEvent(withCompareEvent(withStart(prompt), started), { type: "text", cell: { variant: "a", input: 0, repeat: 0 }, text: "Arr" }), // prettier-ignore
  outputs: finished(),
  diff: { ...finished(), diff: true },
  blind: { ...finished(), blind: true, ratings },
  revealed: revealed(),
  voted: { ...finished(), ratings },
  mixed: finished(allCells().map((it) => (it.variant === "c" ? { variant: "c", input: it.input, repeat: it.repeat, seed: it.seed, output: [], status: "failed", code: "adapter-corrupt", message: "It does not fit." } : it))), // prettier-ignore
  judges: { ...prompt, setup: { ...prompt.setup, judge: "/w/judge.prompt" }, judge: { path: "/w/judge.prompt", problem: "no" } }, // prettier-ignore
  judged: { ...judged, setup: { ...judged.setup, judge: "/w/judge.prompt" }, judgeProblems: ["It is gone."] },
  changes: { ...finished(), history, changes: { diff, shown: 1 } },
  error: withFailure(prompt, "There is no model."),
};

function revealed(): CompareData {
  const blind = { ...finished(), blind: true, ratings };
  return withVote(blind, { id: "v", pair: currentPair(blind)!, choice: "left" });
}

for (const [name, data] of Object.entries(states)) {
  test(`${name}: every control has a name, ids are single, fields have labels, and at most one button is primary`, () => {
    const all = page(data);
    const ids = all.flatMap((it) => it.attributes["id"] ?? []);
    assert.deepEqual(ids, [...new Set(ids)]);
    const labelled = new Set(all.filter((it) => it.tag === "label").map((it) => it.attributes["for"]));
    for (const it of all) {
      const own = it.attributes["aria-label"] ?? it.attributes["title"];
      if (it.tag === "button") assert.ok(own ?? textOf(it).trim(), "a button says what it does");
      if (["input", "select", "textarea"].includes(it.tag))
        assert.ok(own !== undefined || labelled.has(it.attributes["id"]), JSON.stringify(it.attributes));
      assert.ok(!String(it.attributes["style"] ?? ""), "no inline style passes the policy");
    }
    assert.ok(ofClass(all, "btn").filter((it) => !/second/.test(String(it.attributes["class"]))).length <= 1);
  });
}

test("nothing was compared yet: says what will appear, and offers one way on", () => {
  assert.deepEqual(press(page(states["no prompt"]!), /^Choose a prompt$/), { type: "choosePrompt" });
  const all = page(states["empty"]!);
  assert.deepEqual(press(all, /^Run 2/), { type: "run" });
  assert.match(all.map((it) => it.attributes["aria-label"]).join(), /No results yet/);
  assert.deepEqual(press(all, /Write these variants/), { type: "writeVariants" });
});

test("a variant's editor changes model, adapters, scales and sampling", () => {
  const all = page(states["editing"]!);
  const field = (id: string) => all.find((it) => it.attributes["id"] === id)!;
  assert.deepEqual(field("variant-b-temperature").on.change!("0.7"), { type: "changeVariant", id: "b", change: { field: "temperature", value: 0.7 } }); // prettier-ignore
  assert.deepEqual(field("variant-b-temperature").on.change!(""), { type: "changeVariant", id: "b", change: { field: "temperature", value: undefined } }); // prettier-ignore
  assert.deepEqual(field("variant-b-add").on.change!("pirate"), { type: "changeVariant", id: "b", change: { field: "adapter", name: "pirate", scale: 1 } }); // prettier-ignore
  const slider = all.find((it) => it.attributes["type"] === "range")!;
  assert.equal(slider.style["--at"], "40%");
  assert.deepEqual(slider.on.input!("1.5"), { type: "changeVariant", id: "b", change: { field: "adapter", name: "terse", scale: 1.5 } }); // prettier-ignore
  assert.deepEqual(press(all, /^Remove terse$/), { type: "changeVariant", id: "b", change: { field: "adapter", name: "terse", scale: undefined } }); // prettier-ignore
  assert.deepEqual(press(all, /^Duplicate variant B$/), { type: "duplicateVariant", id: "b" });
  assert.equal(button(all, /^Close the editor of variant B$/).attributes["aria-expanded"], "true");
  assert.ok(!all.some((it) => it.attributes["aria-label"] === "Remove variant B"), "two are the fewest");
});

test("the inputs can be the form, each test, all tests or a table", () => {
  const content = {
    tests: ["cat", "dog"],
    testRepeats: [],
    leastRepeats: 1,
    values: {},
    inputs: [],
    problems: [],
  } as unknown as CompareData["content"];
  const setup = { ...prompt.setup, rows: "/w/rows.csv", inputs: "test", test: "dog" } as const;
  const all = page({ ...prompt, content, setup, table: { path: "/w/rows.csv", rows: 12 } });
  const choice = all.find((it) => it.attributes["id"] === "input-kind")!;
  assert.equal(choice.attributes["value"], "test dog");
  const labels = ["These values", "All 2 tests of the file", "Test: cat", "Test: dog", "Table: rows.csv (12 rows)", "Another table..."]; // prettier-ignore
  assert.deepEqual(elementsOf(choice).filter((it) => it.tag === "option").map(textOf), labels); // prettier-ignore
  assert.deepEqual(["values", "tests", "test cat", "rows", "choose"].map((it) => choice.on.change!(it)), [{ type: "inputs", kind: "values" }, { type: "inputs", kind: "tests" }, { type: "inputs", kind: "test", test: "cat" }, { type: "inputs", kind: "rows" }, { type: "chooseRows" }]); // prettier-ignore
});

test("values that differ from the preview's can be given up for them", () => {
  const input = { name: "who", kind: "text", options: [], required: true, description: undefined, value: "me", isDefault: false, problem: undefined }; // prettier-ignore
  const content = {
    tests: [],
    testRepeats: [],
    leastRepeats: 1,
    values: {},
    inputs: [input],
    problems: [],
  } as unknown as CompareData["content"];
  assert.deepEqual(press(page({ ...prompt, content, isOwnForm: true }), /values of the preview/), { type: "previewValues" }); // prettier-ignore
  assert.ok(!page({ ...prompt, content }).some((it) => /values of the preview/.test(textOf(it))));
});

test("judges are chosen in the setup: a prompt and its model, a model for likelihoods, a reference", () => {
  const field = (all: readonly Element[], id: string) => all.find((it) => it.attributes["id"] === id);
  const none = page(prompt);
  const { change } = field(none, "judge-prompt")!.on;
  assert.deepEqual(change!("choose"), { type: "chooseJudge" });
  assert.equal(field(none, "judge-model"), undefined, "a model for nothing");
  const all = page(states["judges"]!);
  assert.deepEqual(field(all, "judge-prompt")!.on.change!("none"), { type: "judges", change: { field: "prompt", value: undefined } }); // prettier-ignore
  assert.deepEqual(field(all, "judge-model")!.on.change!("/m/q.gguf"), { type: "judges", change: { field: "model", value: "/m/q.gguf" } }); // prettier-ignore
  assert.deepEqual(field(all, "judge-likelihood")!.on.change!(""), { type: "judges", change: { field: "likelihood", value: "" } }); // prettier-ignore
  assert.deepEqual(field(all, "judge-likelihood")!.on.change!("none"), { type: "judges", change: { field: "likelihood", value: undefined } }); // prettier-ignore
  assert.deepEqual(field(all, "judge-reference")!.on.change!("Hi."), { type: "judges", change: { field: "reference", value: "Hi." } }); // prettier-ignore
  assert.match(all.map(textOf).join(), /judge\.prompt cannot judge: no\./);
  const tests = {
    tests: ["cat"],
    testRepeats: [],
    leastRepeats: 1,
    values: {},
    inputs: [],
    problems: [],
  } as unknown as CompareData["content"];
  const setup = { ...prompt.setup, inputs: "tests" } as const;
  assert.equal(field(page({ ...prompt, content: tests, setup }), "judge-reference"), undefined);
});

test("measures are a table with a row for each variant; a failing judge is said there, and can be asked again", () => {
  const all = page(states["judged"]!);
  const section = all.find((it) => it.key === "measures")!;
  const rows = elementsOf(section).filter((it) => it.tag === "tr");
  assert.deepEqual(rows.map((it) => it.children.map(textOf).join("|")), ["Variant|Judge|Valid|Tokens/s|First (ms)", "APlain|0–1–1|4/4|168.2|58", "BPirate|1–0–1|4/4|168.2|58", "CTerse|0–0–2|4/4|168.2|58"]); // prettier-ignore
  const alerts = elementsOf(section).filter((it) => it.attributes["role"] === "alert");
  assert.deepEqual(alerts.map(textOf), ["Not all was judged: It is gone."]); // prettier-ignore
  assert.deepEqual(press(elementsOf(section), /^Judge again$/), { type: "judge" });
});

test("what changed stands in place of the outputs, with its words marked, and can be closed", () => {
  const all = page(states["changes"]!);
  assert.ok(!all.some((it) => it.attributes["aria-label"] === "Outputs"));
  assert.equal(all.find((it) => it.attributes["id"] === "changes-title")!.attributes["tabindex"], -1);
  const badges = ofClass(all, "changed-variants")
    .flatMap(elementsOf)
    .filter((it) => it.attributes["class"] === "badge");
  assert.deepEqual(badges.map(textOf), ["added"]);
  const card = all.find((it) => it.tag === "article")!;
  assert.match(textOf(card), /^BPirate/);
  assert.ok(["ins", "del"].every((tag) => elementsOf(card).some((it) => it.tag === tag)));
  assert.deepEqual(press(all, /^Show more, 3 left$/), { type: "moreChanges" });
  assert.deepEqual(press(all, /^With another one/), { type: "chooseChanges" });
  assert.deepEqual(press(all, /^Close \(Esc\)$/), { type: "closeChanges" });
  assert.deepEqual(press(all, /^Compare with the newest/), { type: "showChanges", id: "comparison-1" });
  assert.deepEqual(press(all, /^Compare with the one before/), { type: "showChanges", id: "comparison-2" });
});

test("a variant's editor changes attention with what its pattern takes, tone and version of the prompt", () => {
  const versions = [{ value: "/w/hello.short.prompt", label: "short" }];
  const editing = withSetupAction(prompt.setup, { type: "editVariant", id: "b" });
  const setup = withSetupAction(editing, { type: "changeVariant", id: "b", change: { field: "attention", value: "streaming" } }); // prettier-ignore
  const all = page({ ...prompt, versions, setup });
  const field = (id: string) => all.find((it) => it.attributes["id"] === `variant-b-${id}`)!;
  const told = (id: string, text: string) => (field(id).on.change!(text) as Extract<CompareViewAction, { type: "changeVariant" }>).change; // prettier-ignore
  assert.deepEqual(elementsOf(field("prompt")).filter((it) => it.tag === "option").map(textOf), ["This file", "short"]); // prettier-ignore
  assert.deepEqual(told("prompt", "/w/hello.short.prompt"), { field: "prompt", value: "/w/hello.short.prompt" });
  assert.deepEqual(told("attention", "dense"), { field: "attention", value: "dense" });
  assert.deepEqual(told("window", "512"), { field: "attended", name: "window", value: 512 });
  assert.deepEqual(told("window", ""), { field: "attended", name: "window", value: undefined });
  assert.deepEqual(told("endless", "true"), { field: "attended", name: "endless", value: true });
  assert.deepEqual(told("tone", " warm "), { field: "tone", value: "warm" });
  assert.deepEqual(told("tone", ""), { field: "tone", value: undefined });
  assert.ok(!page({ ...prompt, setup: editing }).some((it) => it.attributes["id"] === "variant-b-window"));
  assert.ok(!page({ ...prompt, setup: editing }).some((it) => it.attributes["id"] === "variant-b-prompt"));
});

test("while it runs there is Stop, skeletons wait for their turn, and a caret stands where text grows", () => {
  const all = page(states["running"]!);
  assert.deepEqual(press(all, /^Stop/), { type: "stop" });
  assert.equal(ofClass(all, "caret").length, 1);
  assert.equal(ofClass(all, "skel").length, 8);
  const cards = all.filter((it) => it.tag === "article");
  assert.deepEqual(cards.map((it) => it.attributes["data-state"]), ["writing", "waiting", "waiting"]); // prettier-ignore
  assert.equal(all.find((it) => it.attributes["id"] === "cards")!.attributes["aria-live"], "off");
  assert.equal(all.filter((it) => it.tag === "progress").length, 1);
});

test("text of the file is told from what the model wrote", () => {
  const [card] = page(states["outputs"]!).filter((it) => it.tag === "article");
  const [lit] = ofClass(elementsOf(card!), "lit");
  assert.equal(textOf(lit!), "Reply: ");
  assert.match(textOf(card!), /31 tok.*168 tok\/s.*first after 58 ms.*1 of 1 hole valid/);
});

test("what differs is marked as inserted and deleted, not by colour alone", () => {
  const tags = page(states["diff"]!).map((it) => it.tag);
  assert.ok(tags.includes("ins") && tags.includes("del"));
});

test("in blind mode no name, title, id, class or order of the page tells the variants apart", () => {
  const all = page(states["blind"]!);
  const written = JSON.stringify(all.map((it) => [it.tag, it.key, it.attributes, it.style, it.children.filter((one) => typeof one === "string")])); // prettier-ignore
  const outputs = written.slice(written.indexOf("casebar"));
  for (const { label, key } of variants) assert.ok(!outputs.includes(label) && !outputs.includes(key), label);
  assert.doesNotMatch(outputs, /tok\/s|"chip [A-H]"/);
  assert.match(outputs, /Timing and checks are shown after your vote/);
  assert.deepEqual(press(all, /^1Left$/), { type: "vote", choice: "left" });
  assert.ok(!all.some((it) => it.attributes["aria-label"] === "Open output in an editor"));
});

test("after a vote: who it was, undo, and the next pair", () => {
  const all = page(states["revealed"]!);
  assert.match(textOf(ofClass(all, "votebar")[0]!), /You chose [ABC], (?:Plain|Pirate|Terse)/);
  assert.deepEqual(press(all, /^Undo$/), { type: "undo" });
  assert.deepEqual(press(all, /^Next pair, 11 left/), { type: "nextPair" });
  assert.equal(ofClass(all, "won").length, 1);
});

test("ratings stand with their intervals, also in words, and say what is missing", () => {
  const all = page(states["voted"]!);
  const bars = ofClass(all, "ci");
  assert.deepEqual(bars.map((it) => [it.attributes["role"], it.attributes["aria-label"]]), [["img", "1046 to 1178"], ["img", "968 to 1100"], ["img", "782 to 926"]]); // prettier-ignore
  assert.deepEqual(bars[2]!.style, { "--zero": "55.1%", "--lo": "0.0%", "--mid": "18.2%", "--hi": "36.4%" });
  assert.match(all.map((it) => textOf(it)).join(" "), /About 15 more votes between them would settle it/);
  assert.deepEqual(press(all, /^Vote on these$/), { type: "votePair", left: "b", right: "c" });
});

test("a variant that failed says so where its output would be, and can be run again", () => {
  const all = page(states["mixed"]!);
  const [failed] = ofClass(all, "failed");
  assert.match(textOf(failed!), /It does not fit\./);
  assert.equal(elementsOf(failed!).filter((it) => it.attributes["role"] === "alert").length, 1);
  assert.deepEqual(press(elementsOf(failed!), /^Run this one again$/), { type: "card", id: "c", what: "again" });
  assert.deepEqual(press(all, /^Run the 4 that failed/), { type: "runFailed" });
});

test("a comparison that was stopped can be gone on with", () => {
  const all = page(finished(allCells().slice(0, 5)));
  assert.deepEqual(press(all, /^Run the other 7$/), { type: "runFailed" });
  assert.ok(!page(finished()).some((it) => it.tag === "button" && /^Run the/.test(textOf(it))));
});

test("a failure of the whole is said once, in the place of the outputs", () => {
  const all = page(states["error"]!);
  assert.equal(all.filter((it) => it.attributes["role"] === "alert").length, 1);
  assert.deepEqual(press(all, /^Show Log$/), { type: "showLog" });
});

test("keys mean what the design says, and nothing while a field has the focus", () => {
  const key = (name: string, more: object = {}) =>
    actionOf({ key: name, shift: false, control: false, alt: false, on: "DIV", ...more });
  assert.deepEqual("1234".split("").map((it) => key(it)), (["left", "right", "tie", "both-bad"] as const).map((choice) => ({ type: "vote", choice }))); // prettier-ignore
  assert.deepEqual(key("j"), { type: "input", step: 1 });
  assert.deepEqual(key("K", { shift: true }), { type: "seed", step: -1 });
  assert.deepEqual([key("d"), key("b"), key("u"), key("Enter")], [{ type: "diff" }, { type: "blind" }, { type: "undo" }, { type: "nextPair" }]); // prettier-ignore
  assert.deepEqual(key("Enter", { control: true, on: "TEXTAREA" }), { type: "run" });
  assert.deepEqual(key("Escape", { on: "INPUT" }), { type: "stop" });
  assert.equal(key("Enter", { on: "BUTTON" }), undefined, "a button's own");
  for (const on of ["INPUT", "TEXTAREA", "SELECT"]) assert.equal(key("1", { on }), undefined);
  for (const more of [{ control: true }, { alt: true }]) assert.equal(key("1", more), undefined);
});

test("a screen reader is told how far it is, and the end", () => {
  const run = { kind: "running", done: 13, failed: 1, total: 36, tokensPerSecond: 0, leftMs: undefined, waiting: undefined } as const; // prettier-ignore
  assert.equal(spokenProgress(run), "14 of 36");
  assert.equal(spokenProgress(viewState(states["mixed"]!, 1, today).run), "Done: 8 of 12, 4 failed");
  assert.equal(spokenProgress({ kind: "idle" }), "");
});

test("numbers are in few figures, and times in words", () => {
  assert.deepEqual([40, 950, 59_400, 108_000, 120_000, 3_900_000].map(duration), ["0.0 s", "1 s", "59 s", "1 min 48 s", "2 min", "1 h 5 min"]); // prettier-ignore
  assert.deepEqual([0, 7.949, 41.234, 168.2, 12_345].map(figure), ["0", "7.95", "41.2", "168", "12,345"]);
});

test("what is typed into a field becomes a value of its kind", () => {
  assert.deepEqual([valueOf("flag", "true"), valueOf("integer", "4"), valueOf("text", ""), valueOf("json", '{"a":1}'), valueOf("choice", '"b"')], [true, 4, undefined, { a: 1 }, "b"]); // prettier-ignore
  assert.equal(typeof valueOf("json", "{"), "symbol", "half a JSON is no value yet");
  assert.equal(valueOf("json", "plain words"), "plain words");
});
