/** Rotary position embedding (arXiv 2104.09864): the tables of cosines and sines that the attention operator reads. */

import type { RopeScaling, RopeShape } from "./modelShape.js";

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

/** `divisors` [size / 2], if given, slow each frequency down (files carry them as `rope_freqs` or `rope_factors_...`). */
export function rotaryTables(rope: RopeShape, positions: number, divisors?: Float32Array): RotaryTables {
  const half = rope.size / 2;
  const frequencies = rotaryFrequencies(rope, divisors);
  const magnitude = magnitudeOf(rope.scaling);
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let i = 0; i < half; i++) {
    for (let position = 0; position < positions; position++) {
      const angle = position * frequencies[i]!;
      cos[position * half + i] = magnitude * Math.cos(angle);
      sin[position * half + i] = magnitude * Math.sin(angle);
    }
  }
  return { cos, sin };
}

/** (size / 2,): what each pair turns from one position to the next. */
export function rotaryFrequencies({ base, size, scaling }: RopeShape, divisors?: Float32Array): Float64Array {
  const plain = Float64Array.from({ length: size / 2 }, (_, i) => base ** ((-2 * i) / size) / (divisors?.[i] ?? 1));
  switch (scaling?.kind) {
    case undefined:
    case "longrope":
      return plain;
    case "linear":
      return plain.map((it) => it / scaling.factor);
    case "yarn": {
      // The pair that turns so many times within the original context.
      const pairOf = (turns: number) =>
        (size * Math.log(scaling.originalContext / (turns * 2 * Math.PI))) / (2 * Math.log(base));
      const first = Math.max(0, Math.floor(pairOf(scaling.betaFast)));
      const last = Math.min(size - 1, Math.ceil(pairOf(scaling.betaSlow)));
      return plain.map((it, i) => {
        const slow = Math.min(1, Math.max(0, (i - first) / Math.max(0.001, last - first)));
        return it * (1 - slow + slow / scaling.factor);
      });
    }
    default:
      return scaling satisfies never;
  }
}

function magnitudeOf(scaling: RopeScaling | undefined): number {
  if (scaling === undefined || scaling.kind === "linear") return 1;
  if (scaling.kind === "longrope") return scaling.magnitude;
  // Attention over more positions is kept as sharp as it was.
  return scaling.magnitude * (1 + 0.1 * Math.log(scaling.factor));
}
