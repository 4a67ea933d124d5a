// Rows of one batch with different adapters and lengths: each gives what it gives alone.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { openRows } from "../../../src/engine/decode/rows.js";
import type { LoadedModel } from "../../../src/engine/loadedModel.js";
import type { Adaptation } from "../../../src/protocol/adapter.js";
import { goldenFolder, readGolden } from "./goldenFiles.js";
import { loadEmbedded, logitsAt } from "./goldenModel.js";

const prompts = readGolden<{ prompts: readonly { readonly prompt: readonly number[] }[] }>("logits.json").prompts;
const { signal } = new AbortController();

const using = (name: string, scale = 1): Adaptation => ({
  adapters: [{ path: join(goldenFolder, "adapters", name), scale }],
});

const batches: Readonly<Record<string, readonly Adaptation[]>> = {
  "without adapters": [{}, {}],
  "one with an adapter": [{}, using("lora-all-r8")],
  "an expert and an anti-expert": [{}, using("lora-all-r8", 2), using("lora-all-r8", -1)],
  "adapters of different forms and ranks": [
    using("lora-qv-r4"),
    using("ia3"),
    using("bottleneck-seq-bn", 0.5),
    using("prefix-tuning-4"),
  ],
};

describe("rows in exact mode", () => {
  let model: LoadedModel;
  before(async () => {
    model = await loadEmbedded("exact");
  });
  after(() => model.dispose());
  for (const [name, adaptations] of Object.entries(batches))
    it(`${name} give what each gives alone`, () => compare(model, adaptations));
});

async function compare(model: LoadedModel, adaptations: readonly Adaptation[]): Promise<void> {
  const ids = adaptations.map((_, i) => prompts[i + 1]!.prompt);
  const written = adaptations.map((_, i) => [300 + i, 1000 + 7 * i, 500]);
  const rows = await openRows(
    model,
    adaptations.map((adaptation, i) => ({ ids: ids[i]!, adaptation })),
  );
  try {
    const found = [(await rows.begin({ signal }))!];
    for (let step = 0; step < 3; step++) found.push(await rows.append(written.map((it) => [it[step]!])));
    for (const [i, adaptation] of adaptations.entries()) {
      const positions = [0, 1, 2, 3].map((it) => ids[i]!.length - 1 + it);
      const alone = await logitsAt(model, [...ids[i]!, ...written[i]!], positions, adaptation);
      alone.forEach((expected, step) => {
        const most = expected.reduce((most, it, k) => Math.max(most, Math.abs(it - found[step]![i]![k]!)), 0);
        assert.ok(most <= 0.002, `row ${i} is off by ${most} at step ${step}`);
      });
    }
  } finally {
    rows.release();
  }
}
