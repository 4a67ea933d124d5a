// A variant that failed has no text: nothing of the baseline's is shown as taken out of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { viewState } from "../../../src/extension/compare/viewState.js";
import { allCells, finished } from "./sample.js";

test("a failed card shows no words of the baseline when differences are shown", () => {
  const failed = { variant: "c", input: 0, repeat: 0, seed: 42, output: [], status: "failed", code: "adapter-corrupt", message: "It does not fit." } as const; // prettier-ignore
  const cells = allCells().map((it) => (it.variant === "c" && it.input === 0 && it.repeat === 0 ? failed : it));
  const card = viewState({ ...finished(cells), diff: true }, 1, new Date()).results!.cards[2]!;
  assert.deepEqual([card.state, card.parts], ["failed", []]);
});
