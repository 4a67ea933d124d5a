// A comparison whose engine stops in the middle: what is written again, what fails, and what is told.

import assert from "node:assert/strict";
import { test } from "node:test";

import { TillerError } from "../../src/base/error.js";
import { resumeComparison } from "../../src/client/resumeComparison.js";
import type { CellPlace, CellResult, CompareEvent, CompareRequest, CompareResult } from "../../src/protocol/compare.js";
import { finished, result as sample } from "../compare/sampleResult.js";

const variants = ["a", "b", "c"].map((id) => ({ ...sample.variants[0]!, id, label: id }));
const inputs = [
  { name: "one", values: {} },
  { name: "two", values: { x: 1 } },
];
const seeds = [5];
const request: CompareRequest = {
  path: "/w/a.prompt",
  text: "Hi",
  variants: variants.map(({ id, label }) => ({ id, label })),
  model: { path: "/m" },
  store: { folder: "/w" },
  judges: { prompt: { path: "/w/judge.prompt" } },
};
const never = new AbortController().signal;
const nameOf = ({ variant, input }: CellPlace) => `${variant}${input}`;
const all = inputs.flatMap((_, input) => variants.map(({ id }) => ({ variant: id, input, repeat: 0 })));
const died = () => new TillerError("host-exited", "The engine stopped: killed.");

/** Writes three cells at a time; `crash` says in which batch, or while judging, the engine stops. */
function fakeComparer(crash: (batch: readonly string[] | "judging", call: number) => boolean) {
  const calls: { cells: readonly string[]; kept: number; isStored: boolean; isJudged: boolean }[] = [];
  return {
    calls,
    compare({ again, store, judges }: CompareRequest, onEvent: (event: CompareEvent) => void): Promise<CompareResult> {
      const planned = again?.cells ?? all;
      const kept = again?.result.cells ?? [];
      const call = calls.push({ cells: planned.map(nameOf), kept: kept.length, isStored: store !== undefined, isJudged: judges !== undefined }); // prettier-ignore
      onEvent({ type: "started", id: "run", variants, inputs, seeds, total: planned.length });
      const cells: CellResult[] = [];
      for (let at = 0; at < planned.length; at += 3) {
        const batch = planned.slice(at, at + 3);
        onEvent({ type: "writing", cells: batch });
        if (crash(batch.map(nameOf), call)) return Promise.reject(died());
        for (const it of batch) {
          const cell = { ...finished(it.variant, "x"), ...it, seed: 5 };
          cells.push(cell);
          onEvent({ type: "finished", cell });
        }
      }
      if (judges !== undefined && crash("judging", call)) return Promise.reject(died());
      onEvent({ type: "done", finish: "complete", done: cells.length, failed: 0, ms: 1 });
      return Promise.resolve({ ...sample, id: "run", variants, inputs, seeds, cells: [...kept, ...cells] });
    },
  };
}

async function run(comparer: ReturnType<typeof fakeComparer>, asked = request, signal = never) {
  const events: CompareEvent[] = [];
  const result = await resumeComparison(comparer, asked, (it) => events.push(it), signal);
  const of = (type: CompareEvent["type"]) => events.filter((it) => it.type === type).length;
  return { result, events, of };
}

test("without a crash nothing is added", async () => {
  const comparer = fakeComparer(() => false);
  const { of, result } = await run(comparer);
  assert.deepEqual([comparer.calls.length, of("started"), of("finished"), of("done"), result.cells.length], [1, 1, 6, 1, 6]); // prettier-ignore
});

test("what was finished is kept, and what was being written is written by itself, then the rest", async () => {
  const comparer = fakeComparer((batch, call) => call === 1 && batch.includes("a1"));
  const { result, events, of } = await run(comparer);
  assert.deepEqual(comparer.calls.map((it) => [it.cells.join(), it.kept]), [["a0,b0,c0,a1,b1,c1", 0], ["a1", 3], ["b1", 4], ["c1", 5], ["", 6]]); // prettier-ignore
  assert.deepEqual(comparer.calls.map((it) => it.isStored && it.isJudged), [true, false, false, false, true], "once, at the end"); // prettier-ignore
  assert.equal(new Set(result.cells.map((it) => nameOf(it))).size, 6);
  assert.deepEqual(events.flatMap((it) => (it.type === "restarted" ? [nameOf(it.cell), it.reason] : [])).slice(0, 2), ["a1", "The engine stopped: killed."]); // prettier-ignore
  assert.deepEqual([of("started"), of("restarted"), of("finished"), of("done")], [1, 3, 6, 1]);
  const done = events.at(-1)!;
  assert.ok(done.type === "done" && done.done === 6 && done.failed === 0);
});

test("the one that stops the engine each time fails, and the others do not", async () => {
  const comparer = fakeComparer((batch) => batch.includes("b0") || batch.includes("b1"));
  const { result, events } = await run(comparer);
  const failed = result.cells.filter((it) => it.status === "failed");
  assert.deepEqual(failed.map((it) => [nameOf(it), it.code, it.message, it.seed]), [["b0", "host-exited", "The engine stopped: killed.", 5], ["b1", "host-exited", "The engine stopped: killed.", 5]]); // prettier-ignore
  assert.equal(result.cells.filter((it) => it.status === "finished").length, 4);
  const done = events.at(-1)!;
  assert.ok(done.type === "done" && done.done === 4 && done.failed === 2);
});

test("a judge that stops the engine is given up, and the outputs are stored", async () => {
  const comparer = fakeComparer((batch) => batch === "judging");
  const { result, events } = await run(comparer);
  assert.equal(result.cells.length, 6);
  assert.ok(events.some((it) => it.type === "not-judged" && it.message === "The engine stopped: killed."));
  const last = comparer.calls.at(-1)!;
  assert.deepEqual([last.cells.length, last.kept, last.isStored, last.isJudged], [0, 6, true, false]);
  assert.ok(comparer.calls.length <= 4);
});

test("some cells of an earlier result are gone on with too", async () => {
  const earlier = { ...sample, id: "run", variants, inputs, seeds, cells: all.map((it) => ({ ...finished(it.variant, "old"), ...it })) }; // prettier-ignore
  const comparer = fakeComparer((_, call) => call === 1);
  const { result } = await run(comparer, { ...request, again: { result: earlier, cells: [all[0]!, all[4]!] } });
  assert.deepEqual(comparer.calls.map((it) => [it.cells.join(), it.kept]), [["a0,b1", 6], ["a0", 6], ["b1", 6], ["", 6]]); // prettier-ignore
  assert.deepEqual(result.cells.length, 6);
});

test("other failures, a stop, and an engine that stays down are none that can be gone on from", async () => {
  const fails = (error: Error) => ({ compare: () => Promise.reject(error) });
  const ask = (comparer: Parameters<typeof resumeComparison>[0], signal = never) =>
    resumeComparison(comparer, request, () => {}, signal);
  await assert.rejects(ask(fails(new TillerError("usage", "no"))), { code: "usage" });
  await assert.rejects(ask(fails(died())), { code: "host-exited" }, "it never began");
  const aborted = fakeComparer(() => true);
  await assert.rejects(ask(aborted, AbortSignal.abort()), { code: "host-exited" });
  assert.equal(aborted.calls.length, 1);
  let calls = 0;
  const down: Parameters<typeof resumeComparison>[0] = {
    compare(_, onEvent) {
      if (calls++ === 0) onEvent({ type: "started", id: "run", variants, inputs, seeds, total: 6 });
      return Promise.reject(died());
    },
  };
  await assert.rejects(ask(down), { code: "host-exited" });
  assert.equal(calls, 2);
});
