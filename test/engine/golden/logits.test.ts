// The engine's probabilities against PyTorch's on the same weights (test/golden/README.md).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import type { LoadedModel } from "../../../src/engine/loadedModel.js";
import type { Precision } from "../../../src/protocol/engine.js";
import { goldenFolder, readGolden } from "./goldenFiles.js";
import { loadEmbedded, logitsAt, logSoftmax } from "./goldenModel.js";

interface GoldenLogits {
  readonly prompts: readonly {
    readonly prompt: readonly number[];
    readonly ids: readonly number[];
    readonly logprobs: readonly number[];
    readonly full?: string;
  }[];
  readonly text: { readonly ids: readonly number[]; readonly logprobs: readonly number[]; readonly perplexity: number };
}

/** Greatest allowed mean KL (nats), relative error of the perplexity, and error of the 64 best log-probs. */
const bounds = {
  exact: { meanKl: 0.0005, perplexity: 0.001, medianLogprob: 0.006, largestLogprob: 0.05 },
  fast: { meanKl: 0.02, perplexity: 0.01, medianLogprob: 0.2, largestLogprob: 1 },
} as const;

const golden = readGolden<GoldenLogits>("logits.json");

for (const precision of ["exact", "fast"] as const) {
  describe(`in ${precision} mode`, () => {
    let model: LoadedModel;
    before(async () => {
      model = await loadEmbedded(precision);
    });
    after(() => model.dispose());

    it("the next token's distribution is the reference's", async () => {
      await checkPrompts(model, precision);
    });
    it("the perplexity of a text is the reference's", async () => {
      await checkPerplexity(model, bounds[precision].perplexity);
    });
  });
}

async function checkPrompts(model: LoadedModel, precision: Precision): Promise<void> {
  const divergences: number[] = [];
  const errors: number[] = [];
  for (const { prompt, ids, logprobs, full } of golden.prompts) {
    const [logits] = await logitsAt(model, prompt, [prompt.length - 1]);
    const ours = logSoftmax(logits!);
    ids.forEach((id, i) => errors.push(Math.abs(ours[id]! - logprobs[i]!)));
    divergences.push(full === undefined ? klOfBest(ids, logprobs, ours) : klOf(logSoftmax(fullLogits(full)), ours));
  }
  errors.sort((a, b) => a - b);
  const found = {
    meanKl: divergences.reduce((sum, it) => sum + it, 0) / divergences.length,
    medianLogprob: errors[errors.length >> 1]!,
    largestLogprob: errors.at(-1)!,
  };
  for (const key of ["meanKl", "medianLogprob", "largestLogprob"] as const) {
    assert.ok(
      found[key] <= bounds[precision][key],
      `${key} is ${found[key]}, at most ${bounds[precision][key]} allowed`,
    );
  }
}

async function checkPerplexity(model: LoadedModel, allowed: number): Promise<void> {
  const { ids, perplexity } = golden.text;
  const rows = ids.map((_, i) => i).slice(0, -1);
  const logits = await logitsAt(model, ids, rows);
  const sum = logits.reduce((total, row, i) => total - logSoftmax(row)[ids[i + 1]!]!, 0);
  const found = Math.exp(sum / rows.length);
  const error = Math.abs(found / perplexity - 1);
  assert.ok(error <= allowed, `perplexity ${found} is not ${perplexity}: off by ${(100 * error).toFixed(3)} %`);
}

function klOf(expected: Float64Array, found: Float64Array): number {
  return expected.reduce((sum, it, i) => sum + Math.exp(it) * (it - found[i]!), 0);
}

/** KL when only the best tokens of the reference are known: all others count as one. */
function klOfBest(ids: readonly number[], logprobs: readonly number[], found: Float64Array): number {
  let sum = 0;
  let expectedRest = 1;
  let foundRest = 1;
  ids.forEach((id, i) => {
    const p = Math.exp(logprobs[i]!);
    sum += p * (logprobs[i]! - found[id]!);
    expectedRest -= p;
    foundRest -= Math.exp(found[id]!);
  });
  return expectedRest <= 0 || foundRest <= 0 ? sum : sum + expectedRest * Math.log(expectedRest / foundRest);
}

/** A float32 array of logits.safetensors: 8 bytes of length, a JSON head, the data. */
function fullLogits(name: string): Float32Array {
  const bytes = readFileSync(join(goldenFolder, "logits.safetensors"));
  const headLength = Number(bytes.readBigUInt64LE(0));
  const head = JSON.parse(bytes.toString("utf8", 8, 8 + headLength)) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const [from, to] = head[name]!.data_offsets;
  const start = 8 + headLength;
  return new Float32Array(Uint8Array.from(bytes.subarray(start + from, start + to)).buffer);
}
