// What a comparison keeps on disk while it is being written.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createComparer } from "../../src/runner/compare/createComparer.js";
import { nodeFiles } from "../../src/runner/nodeFiles.js";
import { openCompareStore } from "../../src/runner/store/compareStore.js";
import type { Engine, RowResult } from "../../src/protocol/engine.js";
import type { CompareResult } from "../../src/protocol/compare.js";
import { temporaryFolder } from "../temporaryFolder.js";
import { fakeEngine, usage } from "./fakeEngine.js";

const done = { text: "so", ids: [], finish: "stop", usage } as const;
const never = new AbortController().signal;

test("a part of it is kept every few seconds, and all of it at the end", async () => {
  const folder = temporaryFolder("parts");
  let time = 0;
  let kept: CompareResult | undefined;
  const engine: Engine = {
    ...fakeEngine([]),
    unload: () => Promise.resolve(false),
    generateRows({ rows }, onEvent) {
      const { comparisons } = openCompareStore(folder).list();
      kept = comparisons[0] && openCompareStore(folder).open(comparisons[0].id);
      time += 2000;
      const results = rows.map((): RowResult => ({ status: "done", result: done, together: rows.length }));
      results.forEach((result, row) => onEvent({ type: "ended", row, result }));
      return Promise.resolve({ rows: results });
    },
  };
  const comparer = createComparer({ engine, files: nodeFiles, now: () => time });
  const rows = ["a", "b", "c", "d"].map((who) => ({ values: { who } }));
  const variants = ["x", "y"].map((id) => ({ id, label: id }));
  const request = { path: `${folder}/who.prompt`, text: "Who? {{who}}", variants, model: { path: "/m" }, inputs: { kind: "rows", rows } } as const; // prettier-ignore
  const seen: (readonly [number, string] | undefined)[] = [];
  const result = await comparer.compare(
    { ...request, store: { folder } },
    (event) => {
      if (event.type === "writing") seen.push(kept && [kept.cells.length, kept.finish]);
    },
    never,
  );
  // Told before each of the four batches; what was kept was read in the batch before.
  assert.deepEqual(seen, [undefined, undefined, undefined, [3, "stopped"]]);
  assert.deepEqual(openCompareStore(folder).open(result.id), result);
  assert.equal(openCompareStore(folder).list().comparisons.length, 1);

  time = 0;
  const other = temporaryFolder("nowhere");
  await comparer.compare(request, () => undefined, never);
  assert.deepEqual(openCompareStore(other).list().comparisons, [], "nothing is kept where nobody wants it");
});
