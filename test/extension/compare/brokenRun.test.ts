// A run whose engine dies keeps what was written, says what happened in the cells it cost, and can go on from there.

import assert from "node:assert/strict";
import { test } from "node:test";

import { brokenResult } from "../../../src/extension/compare/brokenRun.js";
import { startCompare } from "../../../src/extension/compare/compareData.js";
import { withCompareEvent, withResult, withStart } from "../../../src/extension/compare/runEvents.js";
import { viewState } from "../../../src/extension/compare/viewState.js";
import type { CompareRequest } from "../../../src/protocol/compare.js";
import { finishedCell, result, started } from "./sample.js";

const request: CompareRequest = { path: "/w/hello.prompt", text: "{{text}}", variants: [], model: { path: "/m.gguf" } };
const failure = { code: "host-exited", message: "The engine stopped: it was ended by SIGKILL." } as const;
const broken = {
  request,
  prompt: "hello.prompt",
  promptHash: "fedcba9876543210",
  start: new Date("2026-05-03T14:02:00.000Z"),
  failure,
};

test("what is finished stays, what was being written keeps its text, and all the rest has failed of the engine's end", () => {
  let data = withCompareEvent(withStart(startCompare()), started);
  data = withCompareEvent(data, { type: "finished", cell: finishedCell("a", 0, 0, "We will.") });
  const cell = { variant: "b", input: 0, repeat: 0 };
  data = withCompareEvent(data, { type: "text", cell, text: "Arr", hole: "reply" });
  const left = brokenResult(data, broken)!;
  assert.deepEqual([left.id, left.prompt, left.cells.length], ["comparison-1", "hello.prompt", 12]);
  assert.equal(left.cells.filter((it) => it.status === "failed" && it.message === failure.message).length, 11);
  const shown = viewState(withResult(data, left), 1, new Date());
  assert.deepEqual(
    shown.results!.cards.map((it) => [it.state, it.parts.map((one) => one.text).join("")]),
    [
      ["finished", "Reply: We will."],
      ["failed", "Arr"],
      ["failed", ""],
    ],
  );
  assert.ok(shown.run.kind === "done" && shown.run.done === 1 && shown.run.failed === 11);
});

test("cells that were run again when the engine died leave those of the first run and its time alone", () => {
  const first = result();
  let data = withCompareEvent(withStart(withResult(startCompare(), first)), { ...started, total: 1 } as typeof started);
  const cell = { variant: "b", input: 1, repeat: 1 };
  data = withCompareEvent(data, { type: "writing", cells: [cell] });
  const left = brokenResult(data, { ...broken, request: { ...request, again: { result: first, cells: [cell] } } })!;
  assert.deepEqual([left.time, left.promptHash], [first.time, first.promptHash]);
  assert.deepEqual(
    left.cells.filter((it) => it.status === "failed").map((it) => [it.variant, it.input, it.repeat]),
    [["b", 1, 1]],
  );
});

test("where nothing had begun, nothing has broken off", () => {
  assert.equal(brokenResult(withStart(withResult(startCompare(), result())), broken), undefined);
});
