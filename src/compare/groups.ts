/** What votes link: which variants can be compared at all, and where one side won everything. */

import type { PairCounts } from "./davidson.js";

/** Sets of variants with a chain of votes between any two, each in ascending order. */
export function linkedGroups(count: number, pairs: readonly PairCounts[]): number[][] {
  const links = pairs.flatMap(({ first, second }) => [
    [first, second],
    [second, first],
  ]);
  return strongGroups(count, links as [number, number][]);
}

/**
 * The same, for chains of votes that were won or tied: between two such blocs all votes went one way, and the likelihood alone
 * would put them infinitely far apart (Ford's condition, American Mathematical Monthly 64 (1957), 28).
 */
export function blocs(count: number, pairs: readonly PairCounts[]): number[][] {
  const links = pairs.flatMap(({ first, second, wins, losses, ties }) => [
    ...(0 < wins + ties ? [[first, second] as const] : []),
    ...(0 < losses + ties ? [[second, first] as const] : []),
  ]);
  return strongGroups(count, links);
}

/** Strongly connected sets, found by what each reaches: there are few variants. */
function strongGroups(count: number, links: readonly (readonly [number, number])[]): number[][] {
  const targets = Array.from({ length: count }, (): number[] => []);
  for (const [from, to] of links) targets[from]!.push(to);
  const reached = targets.map((_, i) => reachedFrom(i, targets));
  const groups: number[][] = [];
  const done = new Set<number>();
  for (let i = 0; i < count; i++) {
    if (done.has(i)) continue;
    const group = [...reached[i]!].filter((it) => reached[it]!.has(i)).sort((a, b) => a - b);
    for (const it of group) done.add(it);
    groups.push(group);
  }
  return groups;
}

function reachedFrom(start: number, targets: readonly (readonly number[])[]): Set<number> {
  const reached = new Set([start]);
  for (const it of reached) for (const target of targets[it]!) reached.add(target); // a set is walked while it grows
  return reached;
}
