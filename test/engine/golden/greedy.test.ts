// The likeliest token at every step of stored texts, the stored tokens being forced (test/golden/README.md).

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { LoadedModel } from "../../../src/engine/loadedModel.js";
import { readGolden } from "./goldenFiles.js";
import { loadEmbedded, logitsAt } from "./goldenModel.js";

interface GoldenText {
  readonly prompt: readonly number[];
  readonly ids: readonly number[];
  readonly margins: readonly number[];
}

/** Steps whose margin (nats) is above this must choose the stored token. */
const threshold = { exact: 0.05, fast: 0.7 } as const;

const golden = readGolden<readonly GoldenText[]>("greedy.json");

for (const precision of ["exact", "fast"] as const) {
  describe(`in ${precision} mode`, () => {
    let model: LoadedModel;
    before(async () => {
      model = await loadEmbedded(precision);
    });
    after(() => model.dispose());
    for (const [i, text] of golden.entries()) {
      it(`text ${i} follows the reference`, async () => {
        await checkText(model, text, threshold[precision]);
      });
    }
  });
}

async function checkText(model: LoadedModel, { prompt, ids, margins }: GoldenText, above: number): Promise<void> {
  const all = [...prompt, ...ids];
  const rows = ids.map((_, i) => prompt.length - 1 + i);
  const logits = await logitsAt(model, all, rows);
  let checked = 0;
  ids.forEach((id, i) => {
    if (margins[i]! <= above) return;
    checked++;
    assert.equal(logits[i]!.indexOf(logits[i]!.reduce((a, b) => Math.max(a, b))), id, `at step ${i}`);
  });
  assert.ok(0 < checked || margins.every((it) => it <= above), "no step was checked");
}
