/** The linear layers of a decoder that adapters change, and under which names files have them. */

import type { ModelShape } from "./modelShape.js";

/** Products that share an input are one product of the graph, and one place for adapters. */
export const groups = ["qkv", "output", "gateUp", "down"] as const;
export type Group = (typeof groups)[number];

export interface LinearModule {
  readonly group: Group;
  /** Where its rows begin among those of its group. */
  readonly firstRow: number;
  /** Outputs and inputs. */
  readonly rows: number;
  readonly columns: number;
  /** As PEFT names it below `layers.N.`. */
  readonly peftName: string;
  /** As GGUF files name it below `blk.N.`. */
  readonly ggufName: string;
  /**
   * Set where the file's rows are permuted: per head, pairs of the rotation lie side by side. Training code has the first
   * halves of all pairs before the second ones.
   */
  readonly pairedHeads?: number;
}

/**
 * The seven of a layer with grouped-query attention and a gated feed-forward network; the four of its attention where experts
 * stand in the network's place.
 */
export function gatedDecoderModules(shape: ModelShape): readonly LinearModule[] {
  const { hiddenSize: hidden, feedForwardSize: inner, heads, kvHeads, headSize, rope } = shape;
  const q = heads * headSize;
  const kv = kvHeads * headSize;
  const paired = (count: number) => (rope.interleaved ? { pairedHeads: count } : {});
  const attention = (name: string) => ({ peftName: `self_attn.${name}_proj` });
  const mlp = (name: string) => ({ peftName: `mlp.${name}_proj`, ggufName: `ffn_${name}` });
  const all: readonly LinearModule[] = [
    { group: "qkv", firstRow: 0, rows: q, columns: hidden, ...attention("q"), ggufName: "attn_q", ...paired(heads) },
    { group: "qkv", firstRow: q, rows: kv, columns: hidden, ...attention("k"), ggufName: "attn_k", ...paired(kvHeads) },
    { group: "qkv", firstRow: q + kv, rows: kv, columns: hidden, ...attention("v"), ggufName: "attn_v" },
    { group: "output", firstRow: 0, rows: hidden, columns: q, ...attention("o"), ggufName: "attn_output" },
    { group: "gateUp", firstRow: 0, rows: inner, columns: hidden, ...mlp("gate") },
    { group: "gateUp", firstRow: inner, rows: inner, columns: hidden, ...mlp("up") },
    { group: "down", firstRow: 0, rows: hidden, columns: inner, ...mlp("down") },
  ];
  return shape.experts === undefined ? all : all.filter((it) => it.group === "qkv" || it.group === "output");
}

/** Inputs and outputs of a group's product; 0 where the model has none. */
export function groupSize(modules: readonly LinearModule[], group: Group): { rows: number; columns: number } {
  const own = modules.filter((it) => it.group === group);
  return { rows: own.reduce((sum, it) => sum + it.rows, 0), columns: own[0]?.columns ?? 0 };
}

/**
 * Brings rows of training code into the file's order: `values` [heads * headSize, width] -> the same rows, pairs of the
 * rotation side by side. Half `p` of pair `i` moves from row p * headSize / 2 + i of its head to row 2 i + p.
 */
export function pairRows(values: Float32Array, heads: number, width: number): Float32Array {
  return moveRows(values, heads, width, (from, to, source, target) =>
    target.set(source.subarray(from, from + width), to),
  );
}

/** The way back of `pairRows`. */
export function unpairRows(values: Float32Array, heads: number, width: number): Float32Array {
  return moveRows(values, heads, width, (from, to, source, target) =>
    target.set(source.subarray(to, to + width), from),
  );
}

type Move = (from: number, to: number, source: Float32Array, target: Float32Array) => void;

function moveRows(values: Float32Array, heads: number, width: number, move: Move): Float32Array {
  const moved = new Float32Array(values.length);
  const size = values.length / heads / width;
  for (let head = 0; head < heads; head++) {
    for (let row = 0; row < size; row++) {
      const half = Math.floor(row / (size / 2));
      const to = 2 * (row % (size / 2)) + half;
      move((head * size + row) * width, (head * size + to) * width, values, moved);
    }
  }
  return moved;
}
