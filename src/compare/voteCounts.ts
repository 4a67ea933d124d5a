/** Votes as numbers: who was shown against whom, in which order, and how often each outcome was chosen. */

import type { Vote, VotedVariant } from "../protocol/compare.js";
import type { PairCounts } from "./davidson.js";

export interface VoteCounts {
  /** In the order in which votes name them; the last vote says what each is called now. */
  readonly variants: readonly VotedVariant[];
  /** By the order in which the two were shown: at most two entries for a pair. */
  readonly shown: readonly PairCounts[];
  /** The same of votes that were blind, whose order was drawn. */
  readonly blind: readonly PairCounts[];
  readonly tallies: readonly Tally[];
  readonly votes: number;
  readonly ties: number;
  readonly bothBad: number;
}

/** Of one variant. */
export interface Tally {
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
  readonly bothBad: number;
}

/**
 * "Both bad" counts as a tie: it says that neither is better, and nothing else that strengths could express. It is told apart
 * from a tie in the tallies only. A variant against itself says nothing and is left out.
 */
export function countVotes(votes: readonly Vote[]): VoteCounts {
  const indices = new Map<string, number>();
  const variants: VotedVariant[] = [];
  const tallies: { -readonly [K in keyof Tally]: Tally[K] }[] = [];
  const shown = new Map<string, MutableCounts>();
  const blind = new Map<string, MutableCounts>();
  const totals = { votes: 0, ties: 0, bothBad: 0 };
  const indexOf = (variant: VotedVariant): number => {
    const index = indices.get(variant.key) ?? variants.length;
    indices.set(variant.key, index);
    variants[index] = variant;
    tallies[index] ??= { wins: 0, losses: 0, ties: 0, bothBad: 0 };
    return index;
  };
  for (const { left, right, vote, blind: isBlind } of votes) {
    if (left.variant.key === right.variant.key) continue;
    const first = indexOf(left.variant);
    const second = indexOf(right.variant);
    totals.votes++;
    for (const table of isBlind ? [shown, blind] : [shown]) {
      const counts = entryOf(table, first, second);
      counts[vote === "left" ? "wins" : vote === "right" ? "losses" : "ties"]++;
    }
    const [a, b] = [tallies[first]!, tallies[second]!];
    switch (vote) {
      case "left":
        a.wins++;
        b.losses++;
        break;
      case "right":
        a.losses++;
        b.wins++;
        break;
      case "tie":
        a.ties++;
        b.ties++;
        totals.ties++;
        break;
      case "both-bad":
        a.bothBad++;
        b.bothBad++;
        totals.bothBad++;
        break;
      default:
        vote satisfies never;
    }
  }
  return { variants, tallies, shown: [...shown.values()], blind: [...blind.values()], ...totals };
}

type MutableCounts = { -readonly [K in keyof PairCounts]: PairCounts[K] };

function entryOf(table: Map<string, MutableCounts>, first: number, second: number): MutableCounts {
  const key = `${first} ${second}`;
  const known = table.get(key) ?? { first, second, wins: 0, losses: 0, ties: 0 };
  table.set(key, known);
  return known;
}

/** One entry for each pair, whichever of the two was shown first. */
export function withoutOrder(shown: readonly PairCounts[]): PairCounts[] {
  const pairs = new Map<string, MutableCounts>();
  for (const { first, second, wins, losses, ties } of shown) {
    const turned = second < first;
    const pair = turned ? entryOf(pairs, second, first) : entryOf(pairs, first, second);
    pair.wins += turned ? losses : wins;
    pair.losses += turned ? wins : losses;
    pair.ties += ties;
  }
  return [...pairs.values()];
}
