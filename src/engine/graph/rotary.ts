/** Rotary position embedding (arXiv 2104.09864): the tables of cosines and sines that the attention operator reads. */

import type { RopeShape } from "./modelShape.js";

export interface RotaryTables {
  /** [positions, size / 2] */
  readonly cos: Float32Array;
  /** [positions, size / 2] */
  readonly sin: Float32Array;
}

/** `divisors` [size / 2], if given, slow each frequency down (Llama 3 files carry them as `rope_freqs.weight`). */
export function rotaryTables({ base, size }: RopeShape, positions: number, divisors?: Float32Array): RotaryTables {
  const half = size / 2;
  const frequencies = Float64Array.from({ length: half }, (_, i) => base ** ((-2 * i) / size) / (divisors?.[i] ?? 1));
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
