// Sparse attention against a reference in float64 (test/golden/README.md): log-probs of a text under every pattern.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { Visibility } from "../../../src/engine/attention/visibility.js";
import type { LoadedModel } from "../../../src/engine/loadedModel.js";
import { openReader } from "../../../src/engine/reader.js";
import { readGolden } from "./goldenFiles.js";
import { loadEmbedded, logSoftmax } from "./goldenModel.js";

interface GoldenPattern {
  readonly logprobs: readonly number[];
  readonly perplexity: number;
}
type Name = "dense" | "mask" | "strided" | "fixed" | "blockSparse" | "streaming";
interface Golden extends Readonly<Record<Name, GoldenPattern>> {
  readonly ids: readonly number[];
  readonly sinks: number;
  readonly window: number;
}

const golden = readGolden<Golden>("sparse.json");
const { ids, sinks, window } = golden;

/** The patterns of the reference, in our words: what is kept, and what is seen before a chunk. */
const patterns: Readonly<Record<Name, Visibility | undefined>> = {
  dense: undefined,
  mask: pattern("mask", 1, window - 1, (j) => j < sinks),
  strided: pattern("strided", 1, 31, (j) => j % 32 === 31),
  fixed: pattern("fixed", 32, 0, (j) => 28 <= j % 32),
  blockSparse: pattern("blockSparse", 16, 48, (j) => Math.floor(j / 16) % 4 === 0),
  streaming: { ...pattern("streaming", 1, window - 1, (j) => j < sinks), endlessSinks: sinks },
};

function pattern(key: string, chunk: number, window: number, keeps: (position: number) => boolean): Visibility {
  return { key, pattern: "streaming", chunk, window, keeps };
}

/** What 4-bit weights with float32 activations may differ by. */
const bounds = { median: 0.006, most: 0.05, perplexity: 0.001 } as const;
/** `fixed` hides the first token: in float32, where others are off by 0.0005, it is off by ten times as much. */
const mostOf = (name: Name) => (name === "fixed" ? 10 : 1) * bounds.most;

describe("sparse attention in exact mode", () => {
  let model: LoadedModel;
  before(async () => {
    model = await loadEmbedded("exact");
  });
  after(() => model.dispose());

  for (const name of Object.keys(patterns) as Name[]) {
    it(`gives the reference's log-probs under the pattern "${name}"`, async () => {
      const found = await logprobsOf(model, patterns[name]);
      const { logprobs, perplexity } = golden[name];
      const errors = found.map((it, i) => Math.abs(it - logprobs[i]!)).sort((a, b) => a - b);
      const median = errors[errors.length >> 1]!;
      assert.ok(median <= bounds.median, `the median error is ${median}`);
      assert.ok(errors.at(-1)! <= mostOf(name), `the largest error is ${errors.at(-1)}`);
      const nearlyAll = errors[Math.floor(errors.length * 0.99)]!;
      assert.ok(nearlyAll <= bounds.median * 3, `one error in a hundred is above ${nearlyAll}`);
      const ours = Math.exp(-found.reduce((sum, it) => sum + it, 0) / found.length);
      assert.ok(Math.abs(ours / perplexity - 1) <= bounds.perplexity, `perplexity ${ours} is not ${perplexity}`);
    });
  }

  it("and no pattern gives another one's", () => {
    const names = Object.keys(patterns) as Name[];
    for (const one of names) {
      for (const other of names.filter((it) => it !== one)) {
        const most = golden[one].logprobs.reduce(
          (most, it, i) => Math.max(most, Math.abs(it - golden[other].logprobs[i]!)),
          0,
        );
        assert.ok(bounds.most < most, `${one} and ${other} are alike`);
      }
    }
  });
});

/** log p(ids[i + 1] | what is seen of ids[0..i]) */
async function logprobsOf(model: LoadedModel, visibility: Visibility | undefined): Promise<number[]> {
  const reader = await openReader(model, { visibility });
  try {
    const logits = await reader.read(
      reader.newCache(),
      ids,
      ids.map((_, i) => i),
    );
    const size = logits.length / ids.length;
    return ids.slice(1).map((id, i) => logSoftmax(logits.subarray(i * size, (i + 1) * size))[id]!);
  } finally {
    reader.release();
  }
}
