// Classifier-free guidance: scores and choices at every step of stored texts, the stored tokens being forced in both branches.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { guidedBranch, rowReadings } from "../../../src/engine/decode/guidedBranch.js";
import type { LoadedModel } from "../../../src/engine/loadedModel.js";
import { openRows } from "../../../src/engine/decode/rows.js";
import { classifierFreeGuidance } from "../../../src/engine/sampling/classifierFreeGuidance.js";
import { readGolden } from "./goldenFiles.js";
import { loadEmbedded } from "./goldenModel.js";

interface GuidedText {
  readonly kind: string;
  readonly conditional: readonly number[];
  readonly unconditional: readonly number[];
  readonly strength: number;
  readonly ids: readonly number[];
  readonly margins: readonly number[];
  readonly top: readonly { readonly ids: readonly number[]; readonly logprobs: readonly number[] }[];
}

const golden = readGolden<readonly GuidedText[]>("cfg.json");
/** Steps of each text; the later ones show nothing that these do not. */
const STEPS = 10;

describe("guidance in exact mode", () => {
  let model: LoadedModel;
  before(async () => {
    model = await loadEmbedded("exact");
  });
  after(() => model.dispose());
  for (const [i, text] of golden.entries())
    it(`follows the reference in text ${i}, ${text.kind}, strength ${text.strength}`, () => follow(model, text));
});

async function follow(model: LoadedModel, text: GuidedText): Promise<void> {
  const { conditional, unconditional, strength, ids, margins, top } = text;
  const rows = [conditional, unconditional].map((ids) => ({ ids, adaptation: {} }));
  const branch = guidedBranch(rowReadings(await openRows(model, rows)), ([wanted, otherwise]) =>
    classifierFreeGuidance(wanted!, otherwise!, strength),
  );
  const { signal } = new AbortController();
  // Errors of both branches add up: (2 strength - 1) times those of one.
  const scale = Math.max(1, 2 * strength - 1);
  try {
    let scores = (await branch.begin({ signal }))!;
    const errors: number[] = [];
    for (let step = 0; step < Math.min(STEPS, ids.length); step++) {
      top[step]?.ids.forEach((id, k) => errors.push(Math.abs(scores[id]! - top[step]!.logprobs[k]!)));
      const best = scores.indexOf(scores.reduce((a, b) => Math.max(a, b)));
      if (0.05 * scale < margins[step]!) assert.equal(best, ids[step], `at step ${step}`);
      scores = await branch.append([ids[step]!]);
    }
    errors.sort((a, b) => a - b);
    assert.ok(errors[errors.length >> 1]! <= 0.01 * scale, `median ${errors[errors.length >> 1]}`);
    assert.ok(errors.at(-1)! <= 0.05 * scale, `most ${errors.at(-1)}`);
  } finally {
    branch.release();
  }
}
