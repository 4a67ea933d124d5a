// A llama in plain arithmetic, token by token and without a cache: what attention is by its definition, for the tiny models.

import type { TinyModel } from "./tinyModel.js";

export interface NaiveOptions {
  /** Whether position `i` sees position `j`, `j` at most `i`. */
  readonly sees: (i: number, j: number) => boolean;
  /** Positions are counted among those that are seen, instead of in the text. */
  readonly countsSeen?: boolean;
}

/** Logits after each token. */
export function naiveLogits(model: TinyModel, ids: readonly number[], { sees, countsSeen }: NaiveOptions): number[][] {
  const number = (key: string) => model.metadata[`llama.${key}`] as number;
  const heads = number("attention.head_count");
  const kvHeads = number("attention.head_count_kv");
  const hidden = number("embedding_length");
  const size = hidden / heads;
  const matrix = (name: string) => {
    const { bytes, shape } = model.tensors.find((it) => it.name === `${name}.weight`)!;
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    return Array.from({ length: shape[1]! }, (_, row) => [...values.subarray(row * shape[0]!, (row + 1) * shape[0]!)]);
  };
  const times = (rows: number[][], x: readonly number[]) =>
    rows.map((row) => row.reduce((sum, it, i) => sum + it * x[i]!, 0));
  // All norms of the tiny models have weights of 1.
  const norm = (x: readonly number[]) => {
    const scale = Math.sqrt(x.reduce((sum, it) => sum + it * it, 0) / x.length + 1e-5);
    return x.map((it) => it / scale);
  };
  const add = (a: readonly number[], b: readonly number[]) => a.map((it, i) => it + b[i]!);
  const turned = (x: readonly number[], position: number) => {
    const y = [...x];
    for (let i = 0; i < size; i += 2) {
      const angle = position * 10000 ** (-i / size);
      y[i] = x[i]! * Math.cos(angle) - x[i + 1]! * Math.sin(angle);
      y[i + 1] = x[i]! * Math.sin(angle) + x[i + 1]! * Math.cos(angle);
    }
    return y;
  };
  const part = (x: readonly number[], head: number) => x.slice(head * size, (head + 1) * size);

  const embeddings = matrix("token_embd");
  let streams = ids.map((id) => embeddings[id]!);
  for (let layer = 0; layer < number("block_count"); layer++) {
    const weight = (name: string) => matrix(`blk.${layer}.${name}`);
    const normed = streams.map(norm);
    const [q, k, v] = ["attn_q", "attn_k", "attn_v"].map((name) => {
      const rows = weight(name);
      return normed.map((it) => times(rows, it));
    }) as [number[][], number[][], number[][]];
    const output = weight("attn_output");
    const attended = ids.map((_, i) => {
      const seen = ids.map((_, j) => j).filter((j) => j <= i && sees(i, j));
      const placeOf = (j: number) => (countsSeen === true ? seen.indexOf(j) : j);
      return Array.from({ length: heads }, (_, head) => {
        const kv = Math.floor(head / (heads / kvHeads));
        const query = turned(part(q[i]!, head), placeOf(i));
        const scores = seen.map((j) => {
          const key = turned(part(k[j]!, kv), placeOf(j));
          return Math.exp(key.reduce((sum, it, d) => sum + it * query[d]!, 0) / Math.sqrt(size));
        });
        const total = scores.reduce((sum, it) => sum + it, 0);
        return Array.from({ length: size }, (_, d) =>
          seen.reduce((sum, j, at) => sum + (scores[at]! / total) * part(v[j]!, kv)[d]!, 0),
        );
      }).flat();
    });
    const between = streams.map((it, i) => add(it, times(output, attended[i]!)));
    const [gate, up, down] = [weight("ffn_gate"), weight("ffn_up"), weight("ffn_down")];
    streams = between.map((it) => {
      const x = norm(it);
      const raised = times(up, x);
      const inner = times(gate, x).map((g, i) => (g / (1 + Math.exp(-g))) * raised[i]!);
      return add(it, times(down, inner));
    });
  }
  return streams.map((it) => times(embeddings, norm(it)));
}
