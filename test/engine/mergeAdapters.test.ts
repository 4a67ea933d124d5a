// Merging, converting and taking apart: properties of the matrices, and files that come back as they were.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { mergeAdapters } from "../../src/engine/adapters/merge.js";
import { modelForAdapters } from "../../src/engine/adapters/modelForAdapters.js";
import { openAdapter } from "../../src/engine/adapters/openAdapter.js";
import { singularOf, truncate } from "../../src/engine/adapters/singular.js";
import { writeAdapter } from "../../src/engine/adapters/writeAdapter.js";
import type { AdaptedModel, Adapter, LowRank } from "../../src/engine/adapters/adapter.js";
import { readShape } from "../../src/engine/graph/decoderGraph.js";
import { openModelFile } from "../../src/engine/gguf/modelFile.js";
import { pairRows, unpairRows } from "../../src/engine/graph/modules.js";
import { temporaryFolder } from "../temporaryFolder.js";
import { loraTensors, writePeftFolder } from "./peftFolder.js";
import { tinyModel, writeTinyModel } from "./tinyModel.js";

const noise = (length: number, phase: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(phase + i * i * 0.37));

test("rows of heads are paired as llama.cpp pairs them, and come back", () => {
  const rows = Float32Array.from({ length: 16 }, (_, i) => i);
  assert.deepEqual([...pairRows(rows, 2, 1)], [0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15]);
  assert.deepEqual(unpairRows(pairRows(rows, 2, 2), 2, 2), rows);
});

test("singular values and right vectors are those of the product", () => {
  const factors = { rank: 3, a: noise(3 * 7, 1), b: noise(5 * 3, 2) };
  const { values, right } = singularOf(factors);
  const product = productOf(factors, 1);
  const square = product.reduce((sum, it) => sum + it * it, 0);
  assert.ok(Math.abs(values.reduce((sum, it) => sum + it * it, 0) - square) < 1e-6 * square);
  for (let i = 0; i < values.length; i++) {
    // M^T M v = s^2 v
    const v = right.subarray(i * 7, (i + 1) * 7);
    const mv = Float64Array.from({ length: 5 }, (_, row) =>
      v.reduce((sum, it, c) => sum + it * product[row * 7 + c]!, 0),
    );
    v.forEach((it, c) => {
      const found = mv.reduce((sum, one, row) => sum + one * product[row * 7 + c]!, 0);
      assert.ok(Math.abs(found - values[i]! ** 2 * it) < 1e-5 * values[0]! ** 2);
    });
  }
});

test("a product of a smaller rank is told apart from rounding", () => {
  const a = noise(7, 1);
  const b = noise(5, 2);
  const twice = { rank: 2, a: Float32Array.from([...a, ...a]), b: Float32Array.from([...b].flatMap((it) => [it, it])) };
  assert.equal(singularOf(twice).values.length, 1);
  assert.equal(singularOf({ rank: 2, a: noise(14, 1), b: new Float32Array(10) }).values.length, 0);
});

test("a truncated product loses what it says, and the full rank loses nothing", () => {
  const factors = { rank: 4, a: noise(4 * 9, 3), b: noise(6 * 4, 5) };
  const whole = productOf(factors, 1);
  const norm = Math.hypot(...whole);
  for (const rank of [1, 2, 3, 4]) {
    const cut = truncate(factors, rank);
    const product = productOf(cut, 1);
    const lost = Math.hypot(...whole.map((it, i) => it - product[i]!)) / norm;
    assert.ok(Math.abs(lost - cut.lost) < 1e-5, `rank ${rank}: ${lost} and not ${cut.lost}`);
  }
  assert.equal(truncate(factors, 4).lost, 0);
});

test("a merged adapter changes the weights as the adapters together do", async () => {
  const { model, load } = await tiny();
  const one = await load(writePeftFolder());
  const other = await load(writePeftFolder({ tensors: loraTensors(3, 0.2), config: { r: 3, use_rslora: true } }));
  const merged = mergeAdapters([
    { adapter: one, scale: 0.7 },
    { adapter: other, scale: -0.5 },
  ]);
  assert.deepEqual([merged.rank, merged.worstLost, merged.totalLost], [5, 0, 0]);
  for (const [place, lowRank] of merged.lowRank) {
    const expected = productOf(one.lowRank.get(place)!, 0.7).map(
      (it, i) => it + productOf(other.lowRank.get(place)!, -0.5)[i]!,
    );
    productOf(lowRank, 1).forEach((it, i) => assert.ok(Math.abs(it - expected[i]!) < 1e-6));
  }
  const cut = mergeAdapters([{ adapter: other, scale: 1 }], 1);
  assert.equal(cut.rank, 1);
  assert.ok(0 < cut.totalLost && cut.totalLost <= cut.worstLost && cut.worstLost < 1);
  void model;
});

test("what is no LoRA adapter is not merged", async () => {
  const { load } = await tiny();
  const adapter = await load(writePeftFolder());
  const dora: Adapter = { ...adapter, facts: { ...adapter.facts, form: "dora" } };
  assert.throws(() => mergeAdapters([{ adapter: dora, scale: 1 }]), /only LoRA adapters can be merged/);
});

for (const ending of ["", ".gguf"]) {
  test(`an adapter that is written as ${ending === "" ? "a PEFT folder" : "a GGUF file"} is read as it was`, async () => {
    const { model, load } = await tiny();
    const adapter = await load(writePeftFolder({ tensors: loraTensors(2) }));
    const path = join(temporaryFolder("written"), `copy${ending}`);
    writeAdapter(path, { name: "copy", baseModel: adapter.facts.baseModel, lowRank: adapter.lowRank }, model);
    const copy = await load(path);
    assert.deepEqual(copy.lowRank, adapter.lowRank);
    assert.equal(copy.facts.baseModel, "example/tiny");
    assert.ok(!existsSync(`${path}.partial`));
  });
}

test("modules of different ranks and scalings keep them in both formats", async () => {
  const { model, load } = await tiny();
  const [first, second] = [...(await load(writePeftFolder())).lowRank.keys()] as [string, string];
  const lowRank = new Map<string, LowRank>([
    [first, { rank: 1, a: noise(32, 1), b: noise(32, 2), scaling: 3 }],
    [second, { rank: 2, a: noise(64, 3), b: noise(32, 4), scaling: 0.5 }],
  ]);
  for (const name of ["mixed", "mixed.gguf"]) {
    const path = join(temporaryFolder("mixed"), name);
    writeAdapter(path, { name, lowRank }, model);
    for (const [place, it] of (await load(path)).lowRank) {
      const expected = productOf(lowRank.get(place)!, 1);
      productOf(it, 1).forEach((one, i) => assert.ok(Math.abs(one - expected[i]!) < 1e-6, name));
    }
  }
});

function productOf(
  { rank, a, b, scaling = 1 }: Omit<LowRank, "scaling"> & { readonly scaling?: number },
  by: number,
): number[] {
  const columns = a.length / rank;
  return Array.from({ length: (b.length / rank) * columns }, (_, i) => {
    const row = Math.floor(i / columns);
    let sum = 0;
    for (let r = 0; r < rank; r++) sum += b[row * rank + r]! * a[r * columns + (i % columns)]!;
    return by * scaling * sum;
  });
}

async function tiny(): Promise<{ readonly model: AdaptedModel; load(path: string): Promise<Adapter> }> {
  const file = await openModelFile(writeTinyModel(tinyModel()));
  const model = modelForAdapters(file, readShape(file));
  const load = async (path: string) => {
    const source = await openAdapter(path);
    const adapter = source.load(model);
    source.close();
    return adapter;
  };
  return { model, load };
}
