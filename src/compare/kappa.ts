/** How far two judges agree beyond chance: J. Cohen, "A coefficient of agreement for nominal scales" (1960). */

import type { Agreement } from "../protocol/compare.js";

/** Each pair is what both said of one thing. Undefined without any. */
export function cohensKappa(said: readonly (readonly [string, string])[]): Agreement | undefined {
  if (said.length === 0) return undefined;
  const pairs = said.length;
  const firsts = new Map<string, number>();
  const seconds = new Map<string, number>();
  let same = 0;
  for (const [first, second] of said) {
    firsts.set(first, (firsts.get(first) ?? 0) + 1);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
    if (first === second) same++;
  }
  let products = 0;
  for (const [category, times] of firsts) products += times * (seconds.get(category) ?? 0);
  const byChance = products / (pairs * pairs);
  const observed = same / pairs;
  return { kappa: byChance === 1 ? undefined : (observed - byChance) / (1 - byChance), observed, pairs };
}
