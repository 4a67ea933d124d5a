/** How well a direction tells positive prompts from negative ones, by how high they lie on it. */

export interface Separation {
  readonly pairs: number;
  /** Pairs whose positive prompt lies higher than its negative one. */
  readonly right: number;
  /** How often a positive prompt lies higher than a negative one, over all of both (a tie is half): 0.5 is chance, 1 always. */
  readonly auc: number;
  /**
   * The distance of both means in standard deviations (J. Cohen, "Statistical power analysis for the behavioral sciences",
   * 1988): 0.8 is large. Null for a single pair, and where nothing varies.
   */
  readonly effectSize: number | null;
  /** The distance of both means itself, in the units of a control vector's strength. */
  readonly distance: number;
}

export interface Heights {
  readonly positive: number;
  readonly negative: number;
}

/** Throws for no pairs. */
export function separationOf(pairs: readonly Heights[]): Separation {
  if (pairs.length === 0) throw new Error("nothing to separate");
  const positive = pairs.map((it) => it.positive);
  const negative = pairs.map((it) => it.negative);
  const wins = positive.flatMap((a) => negative.map((b) => (b < a ? 1 : a === b ? 0.5 : 0)));
  const distance = mean(positive) - mean(negative);
  const deviation = Math.sqrt((variance(positive) + variance(negative)) / 2);
  return {
    pairs: pairs.length,
    right: pairs.filter((it) => it.negative < it.positive).length,
    auc: mean(wins),
    effectSize: 0 < deviation ? distance / deviation : null,
    distance,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, it) => sum + it, 0) / values.length;
}

/** Of a sample; 0 for a single value. */
function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, it) => sum + (it - middle) ** 2, 0) / Math.max(1, values.length - 1);
}
