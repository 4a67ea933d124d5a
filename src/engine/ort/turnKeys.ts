/** Moves keys to other positions after they were rotated (arXiv 2104.09864): rotations by positions add up. */

import type { KeyRotation } from "../graph/rotary.js";

/** Writes to `to` the keys of `from`, both [count, headSize], as they would be further on. Both may be the same array. */
export type Turn = (from: Float32Array, to: Float32Array) => void;

/** Turns keys by so many positions. */
export function keyTurn(by: number, { frequencies, interleaved }: KeyRotation, headSize: number): Turn {
  const half = frequencies.length;
  const cos = frequencies.map((it) => Math.cos(by * it));
  const sin = frequencies.map((it) => Math.sin(by * it));
  const next = interleaved ? 1 : half;
  const step = interleaved ? 2 : 1;
  return (from, to) => {
    if (from !== to) to.set(from);
    for (let start = 0; start < from.length; start += headSize) {
      for (let i = 0, at = start; i < half; i++, at += step) {
        const x = from[at]!;
        const y = from[at + next]!;
        to[at] = x * cos[i]! - y * sin[i]!;
        to[at + next] = x * sin[i]! + y * cos[i]!;
      }
    }
  };
}
