/** Several LoRA adapters -> one with the same effect, or nearly the same at a smaller rank. */

import { TillerError } from "../../base/error.js";
import type { LowRank } from "./adapter.js";
import type { ScaledAdapter } from "./compose.js";
import { concatenate } from "./matrix.js";
import { truncate } from "./singular.js";

export interface Merged {
  readonly lowRank: ReadonlyMap<string, LowRank>;
  /** The largest rank. */
  readonly rank: number;
  /** Of the change of the weights, what is lost: 0 when it is exact. The worst place, and all of them together. */
  readonly worstLost: number;
  readonly totalLost: number;
}

/** Throws `adapter-unsupported` for what cannot be added up. */
export function mergeAdapters(all: readonly ScaledAdapter[], mostRank = Infinity): Merged {
  for (const { adapter } of all) {
    if (adapter.facts.form === "lora") continue;
    throw new TillerError(
      "adapter-unsupported",
      `${adapter.facts.path} is ${adapter.facts.form}: only LoRA adapters can be merged, because only they add to the weights.`,
    );
  }
  const lowRank = new Map<string, LowRank>();
  let [worstLost, lostSquare, wholeSquare] = [0, 0, 0];
  for (const place of new Set(all.flatMap(({ adapter }) => [...adapter.lowRank.keys()]))) {
    const parts = all.flatMap(({ adapter, scale }) => {
      const own = adapter.lowRank.get(place);
      return own === undefined || scale === 0 ? [] : [{ own, by: scale * own.scaling }];
    });
    if (parts.length === 0) continue;
    const exact = sideBySide(parts);
    if (exact.rank <= mostRank) {
      lowRank.set(place, exact);
      wholeSquare += squareNorm(exact);
      continue;
    }
    const { a, b, rank, lost } = truncate(exact, mostRank);
    lowRank.set(place, { a, b, rank, scaling: 1 });
    const square = squareNorm(exact);
    worstLost = Math.max(worstLost, lost);
    lostSquare += lost * lost * square;
    wholeSquare += square;
  }
  return {
    lowRank,
    rank: Math.max(0, ...[...lowRank.values()].map((it) => it.rank)),
    worstLost,
    totalLost: wholeSquare === 0 ? 0 : Math.sqrt(lostSquare / wholeSquare),
  };
}

/** B1 A1 + B2 A2 = [B1 B2] [A1; A2] */
function sideBySide(parts: readonly { readonly own: LowRank; readonly by: number }[]): LowRank {
  const rank = parts.reduce((sum, it) => sum + it.own.rank, 0);
  const rows = parts[0]!.own.b.length / parts[0]!.own.rank;
  const b = new Float32Array(rows * rank);
  let first = 0;
  for (const { own, by } of parts) {
    for (let row = 0; row < rows; row++)
      for (let r = 0; r < own.rank; r++) b[row * rank + first + r] = by * own.b[row * own.rank + r]!;
    first += own.rank;
  }
  return { rank, a: concatenate(parts.map((it) => it.own.a)), b, scaling: 1 };
}

/** |B A|^2, by the small matrices B^T B and A A^T. */
function squareNorm({ rank, a, b }: LowRank): number {
  const columns = a.length / rank;
  const rows = b.length / rank;
  let sum = 0;
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j < rank; j++) {
      let inner = 0;
      let outer = 0;
      for (let column = 0; column < columns; column++) inner += a[i * columns + column]! * a[j * columns + column]!;
      for (let row = 0; row < rows; row++) outer += b[row * rank + i]! * b[row * rank + j]!;
      sum += inner * outer;
    }
  }
  return sum;
}
