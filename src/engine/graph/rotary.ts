/** Rotary position embedding (arXiv 2104.09864): the tables of cosines and sines that the attention operator reads. */

import type { RopeShape } from "./modelShape.js";

export interface RotaryTables {
  /** [positions, size / 2] */
  readonly cos: Float32Array;
  /** [positions, size / 2] */
  readonly sin: Float32Array;
}

/** How positions turn the pairs of a key: all that is needed to move a key that was stored to another position. */
export interface KeyRotation {
  /** Radians a position, [size / 2]. */
  readonly frequencies: Float64Array;
  /** Pairs are neighbours (2i, 2i+1) instead of (i, i + size/2). */
  readonly interleaved: boolean;
}

/** `divisors` [size / 2], if given, slow each frequency down (Llama 3 files carry them as `rope_freqs.weight`). */
export function rotaryFrequencies({ base, size }: RopeShape, divisors?: Float32Array): Float64Array {
  return Float64Array.from({ length: size / 2 }, (_, i) => base ** ((-2 * i) / size) / (divisors?.[i] ?? 1));
}

/** The first `positions` positions; `divisors` as above. */
export function rotaryTables(rope: RopeShape, positions: number, divisors?: Float32Array): RotaryTables {
  const half = rope.size / 2;
  const frequencies = rotaryFrequencies(rope, divisors);
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let i = 0; i < half; i++) {
    for (let position = 0; position < positions; position++) {
      const angle = position * frequencies[i]!;
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
