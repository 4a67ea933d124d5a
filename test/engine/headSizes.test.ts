// Heads of sizes that the attention operator does not turn itself, against a forward pass written out in plain loops.

import assert from "node:assert/strict";
import { test } from "node:test";

import { loadModel } from "../../src/engine/loadedModel.js";
import { testCache } from "../../src/engine/ort/selfTest.js";
import { openReader } from "../../src/engine/reader.js";
import { tinyModel, writeTinyModel, type TinyModel } from "./tinyModel.js";

interface Heads {
  readonly heads: number;
  readonly kvHeads: number;
  readonly size: number;
  readonly rotated: number;
}

const ids = [3, 77, 140, 9, 201, 55, 18];

for (const heads of [
  { heads: 4, kvHeads: 2, size: 8, rotated: 8 },
  { heads: 2, kvHeads: 1, size: 24, rotated: 24 },
  { heads: 2, kvHeads: 2, size: 16, rotated: 12 },
  { heads: 2, kvHeads: 1, size: 16, rotated: 16 },
]) {
  test(`${heads.size} numbers a head, ${heads.rotated} of them turned`, async () => {
    const tiny = withHeads(heads);
    const expected = logitsOf(tiny, heads);
    const { kind } = await testCache();
    const spec = { path: writeTinyModel(tiny), precision: "exact" } as const;
    const model = await loadModel({ spec, cacheKind: kind, defaultThreads: 1 }, () => undefined);
    const reader = await openReader(model, {});
    const cache = model.caches.newCache(16);
    await reader.read(cache, ids.slice(0, 4), []);
    await reader.read(cache, ids.slice(4, 6), []);
    const logits = await reader.read(cache, ids.slice(6), [0]);
    reader.release();
    await model.dispose();
    expected.forEach((it, i) => assert.ok(Math.abs(it - logits[i]!) < 1e-4, `logit ${i}: ${logits[i]} and not ${it}`));
  });
}

test("heads whose size is no multiple of 8 are refused", async () => {
  const path = writeTinyModel(withHeads({ heads: 2, kvHeads: 1, size: 12, rotated: 12 }));
  const options = { spec: { path }, cacheKind: "copied", defaultThreads: 1 } as const;
  await assert.rejects(
    loadModel(options, () => undefined),
    { code: "model-unsupported", message: /12 numbers/ },
  );
});

function withHeads({ heads, kvHeads, size, rotated }: Heads): TinyModel {
  const model = tinyModel();
  Object.assign(model.metadata, {
    "llama.attention.head_count": heads,
    "llama.attention.head_count_kv": kvHeads,
    "llama.attention.key_length": size,
    "llama.attention.value_length": size,
    "llama.rope.dimension_count": rotated,
  });
  const noise = (rows: number, columns: number, phase: number) =>
    Float32Array.from({ length: rows * columns }, (_, i) => 0.4 * Math.sin(i * 1.7 + phase) * Math.cos(i * 0.31));
  const replace = (name: string, rows: number, columns: number, phase: number) => {
    const at = model.tensors.findIndex((it) => it.name === `blk.0.${name}.weight`);
    const bytes = new Uint8Array(noise(rows, columns, phase).buffer);
    model.tensors[at] = { name: `blk.0.${name}.weight`, shape: [columns, rows], type: 0, bytes };
  };
  replace("attn_q", heads * size, 32, 1);
  replace("attn_k", kvHeads * size, 32, 2);
  replace("attn_v", kvHeads * size, 32, 3);
  replace("attn_output", 32, heads * size, 4);
  return model;
}

/** Logits behind the last token, by the definition of a llama of one layer. */
function logitsOf(model: TinyModel, { heads, kvHeads, size, rotated }: Heads): number[] {
  const values = (name: string) => {
    const { bytes } = model.tensors.find((it) => it.name === name)!;
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  };
  const times = (name: string, x: readonly number[]) => {
    const matrix = values(name);
    const rows = matrix.length / x.length;
    return Array.from({ length: rows }, (_, row) =>
      x.reduce((sum, it, i) => sum + it * matrix[row * x.length + i]!, 0),
    );
  };
  const block = (name: string) => `blk.0.${name}.weight`;
  const norm = (x: readonly number[]) => {
    const scale = 1 / Math.sqrt(x.reduce((sum, it) => sum + it * it, 0) / x.length + 1e-5);
    return x.map((it) => it * scale); // the file's norm weights are 1
  };
  /** Neighbours are a pair. */
  const turn = (x: number[], position: number) => {
    for (let head = 0; head < x.length / size; head++) {
      for (let i = 0; i < rotated / 2; i++) {
        const angle = position * 10000 ** ((-2 * i) / rotated);
        const at = head * size + 2 * i;
        const [a, b] = [x[at]!, x[at + 1]!];
        x[at] = a * Math.cos(angle) - b * Math.sin(angle);
        x[at + 1] = a * Math.sin(angle) + b * Math.cos(angle);
      }
    }
    return x;
  };
  const table = values("token_embd.weight");
  const streams = ids.map((id) => Array.from(table.subarray(id * 32, (id + 1) * 32)));
  const queries = streams.map((it, position) => turn(times(block("attn_q"), norm(it)), position));
  const keys = streams.map((it, position) => turn(times(block("attn_k"), norm(it)), position));
  const vs = streams.map((it) => times(block("attn_v"), norm(it)));

  const last = ids.length - 1;
  const attended: number[] = [];
  for (let head = 0; head < heads; head++) {
    const kv = Math.floor(head / (heads / kvHeads));
    const dot = (key: readonly number[]) =>
      Array.from({ length: size }, (_, i) => queries[last]![head * size + i]! * key[kv * size + i]!).reduce((a, b) => a + b) / Math.sqrt(size); // prettier-ignore
    const scores = keys.map((it) => Math.exp(dot(it)));
    const total = scores.reduce((a, b) => a + b);
    for (let i = 0; i < size; i++)
      attended.push(scores.reduce((sum, it, position) => sum + (it / total) * vs[position]![kv * size + i]!, 0));
  }
  const add = (a: readonly number[], b: readonly number[]) => a.map((it, i) => it + b[i]!);
  const middle = add(streams[last]!, times(block("attn_output"), attended));
  const gate = times(block("ffn_gate"), norm(middle)).map((it) => it / (1 + Math.exp(-it)));
  const up = times(block("ffn_up"), norm(middle));
  const fed = times(block("ffn_down"), gate.map((it, i) => it * up[i]!)); // prettier-ignore
  return times("token_embd.weight", norm(add(middle, fed)));
}
