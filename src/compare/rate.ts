/**
 * Ratings from votes: strengths by Davidson's model, intervals by the Bayesian bootstrap (D. B. Rubin, Annals of Statistics 9
 * (1981), 130), which weighs each vote by chance instead of drawing it or not. All votes of one outcome on one pair together
 * weigh a gamma-distributed number, so that the cost does not grow with the number of votes.
 */

import type { OpenPair, PositionEffect, RatedVariant, Ratings, Vote } from "../protocol/compare.js";
import {
  createRefitter,
  fitDavidson,
  outcomeOdds,
  weightsOf,
  type Fit,
  type FitOptions,
  type PairCounts,
} from "./davidson.js";
import { drawGamma, seeded, type Random } from "./draw.js";
import { blocs, linkedGroups } from "./groups.js";
import { countVotes, withoutOrder, type VoteCounts } from "./voteCounts.js";

export interface RateOptions {
  /** The same seed gives the same intervals; default 0. */
  readonly seed?: number;
  /** Resamples for the intervals over all votes; default 1000. Those of single prompts are a quarter of it. */
  readonly resamples?: number;
}

/** Elo's scale: odds of 10 to 1 are 400 points. */
export const POINTS = 400 / Math.LN10;
export const MIDDLE = 1000;
const RESAMPLES = 1000;

/** All but what other files know: judges and lines that could not be read. */
export type VoteRatings = Omit<Ratings, "agreements" | "warnings">;

export function rateVotes(votes: readonly Vote[], { seed = 0, resamples = RESAMPLES }: RateOptions = {}): VoteRatings {
  const whole = ratedOf(votes, seed, resamples);
  const byPrompt = new Map<string, Vote[]>();
  for (const it of votes) {
    const own = byPrompt.get(it.prompt);
    if (own === undefined) byPrompt.set(it.prompt, [it]);
    else own.push(it);
  }
  const prompts = [...byPrompt].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...whole,
    prompts:
      prompts.length < 2
        ? []
        : prompts.map(([prompt, own]) => {
            const { variants, votes } = ratedOf(own, seed, Math.ceil(resamples / 4));
            return { prompt, votes, variants };
          }),
  };
}

function ratedOf(votes: readonly Vote[], seed: number, resamples: number): Omit<VoteRatings, "prompts"> {
  const counts = countVotes(votes);
  const count = counts.variants.length;
  const pairs = withoutOrder(counts.shown);
  const groups = linkedGroups(count, pairs);
  const groupOf = new Map(groups.flatMap((members, group) => members.map((it) => [it, group] as const)));
  const random = seeded(seed);
  const fit = fitDavidson(pairs, { count, position: "none" });
  const blocOf = new Map(blocs(count, pairs).flatMap((members, bloc) => members.map((it) => [it, bloc] as const)));
  const isOneSided = ({ first, second }: PairCounts) => blocOf.get(first) !== blocOf.get(second);
  const samples = resample(pairs, { count, position: "none", start: fit, resamples, isOneSided }, random);
  const keyOf = (index: number) => counts.variants[index]!.key;
  const byRating = (a: number, b: number) => fit.strengths[b]! - fit.strengths[a]!;
  const rated = Array.from({ length: count }, (_, i): RatedVariant => {
    const { key, label, summary } = counts.variants[i]!;
    const interval = around(
      fit.strengths[i]!,
      samples.map((it) => it.strengths[i]!),
    );
    return {
      ...{ key, label, summary },
      rating: MIDDLE + POINTS * fit.strengths[i]!,
      interval: [MIDDLE + POINTS * interval[0], MIDDLE + POINTS * interval[1]],
      ...counts.tallies[i]!,
      group: groupOf.get(i)!,
    };
  });
  const order = Array.from({ length: count }, (_, i) => i).sort(byRating);
  return {
    variants: order.map((it) => rated[it]!),
    votes: counts.votes,
    ties: counts.ties,
    bothBad: counts.bothBad,
    open: openPairs(order, { fit, samples, groupOf, keyOf }),
    groups: groups.map((it) => it.map(keyOf)),
    separated: separatedBlocs(count, pairs, groups, byRating).map((it) => it.map(keyOf)),
    position: positionOf(counts, random, resamples),
  };
}

/**
 * Fits to the votes with weights of chance. What nobody chose has no weight, but for one-sided pairs: there every resample
 * would agree that one side always wins, so the outcomes that were not seen weigh as half a vote (Jeffreys' prior).
 */
function resample(
  pairs: readonly PairCounts[],
  { isOneSided, resamples, ...options }: FitOptions & ResampleOptions,
  random: Random,
): Fit[] {
  const { refit } = createRefitter(pairs, options);
  const shapes = weightsOf(pairs);
  for (const [i, pair] of pairs.entries()) {
    if (!isOneSided(pair)) continue;
    for (let outcome = 3 * i; outcome < 3 * i + 2; outcome++) shapes[outcome] = Math.max(UNSEEN, shapes[outcome]!);
  }
  const weights = new Float64Array(shapes.length);
  return Array.from({ length: resamples }, () => {
    for (let i = 0; i < shapes.length; i++) weights[i] = shapes[i] === 0 ? 0 : drawGamma(shapes[i]!, random);
    return refit(weights);
  });
}

const UNSEEN = 0.5;

interface ResampleOptions {
  readonly resamples: number;
  readonly isOneSided: (pair: PairCounts) => boolean;
}

/** The middle 95 % of the samples; the value itself always lies within. */
function around(value: number, samples: readonly number[]): readonly [number, number] {
  if (samples.length === 0) return [value, value];
  const sorted = Float64Array.from(samples).sort();
  return [Math.min(value, quantile(sorted, 0.025)), Math.max(value, quantile(sorted, 0.975))];
}

function quantile(sorted: Float64Array, part: number): number {
  const place = part * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

function separatedBlocs(
  count: number,
  pairs: readonly PairCounts[],
  groups: readonly (readonly number[])[],
  byRating: (a: number, b: number) => number,
): number[][] {
  const all = blocs(count, pairs);
  const inPieces = groups.flatMap((group) => {
    const own = all.filter((it) => group.includes(it[0]!));
    return own.length < 2 ? [] : own;
  });
  return inPieces.sort((a, b) => byRating(a[0]!, b[0]!));
}

interface Fitted {
  readonly fit: Fit;
  readonly samples: readonly Fit[];
  readonly groupOf: ReadonlyMap<number, number>;
  readonly keyOf: (index: number) => string;
}

/** Twice the 97.5th percentile of a normal distribution is the width of a 95 % interval in deviations. */
const DEVIATIONS = 1.96;
/** Who needs more votes than this is alike for all purposes. */
const MOST_MISSING = 1000;

function openPairs(order: readonly number[], fitted: Fitted): OpenPair[] {
  const open: OpenPair[] = [];
  for (const [rank, a] of order.entries()) {
    for (const b of order.slice(rank + 1)) {
      if (fitted.groupOf.get(a) !== fitted.groupOf.get(b)) continue;
      const difference = fitted.fit.strengths[a]! - fitted.fit.strengths[b]!;
      const samples = fitted.samples.map((it) => it.strengths[a]! - it.strengths[b]!);
      if (0 < around(difference, samples)[0]) continue;
      open.push({
        ...{ a: fitted.keyOf(a), b: fitted.keyOf(b) },
        votesMissing: votesMissing(difference, varianceOf(samples), fitted.fit.tie),
      });
    }
  }
  return open.sort((a, b) => (a.votesMissing ?? Infinity) - (b.votesMissing ?? Infinity));
}

/**
 * Votes on a pair until the interval of its difference leaves out 0, if the difference stays what it is: each vote adds its
 * Fisher information, and the interval is wide as the inverse root of all of it.
 */
export function votesMissing(difference: number, variance: number, tie: number): number | undefined {
  const odds = outcomeOdds(difference, tie);
  const lean = (odds.win - odds.loss) / 2;
  const perVote = (odds.win + odds.loss) / 4 - lean * lean;
  const wanted = (DEVIATIONS / difference) ** 2;
  const known = 0 < variance ? 1 / variance : 0;
  const missing = Math.max(1, Math.ceil((wanted - known) / perVote));
  return missing <= MOST_MISSING ? missing : undefined;
}

function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((sum, it) => sum + it, 0) / values.length;
  return values.reduce((sum, it) => sum + (it - mean) ** 2, 0) / Math.max(1, values.length - 1);
}

/**
 * From blind votes only, whose order was drawn; in others, the place and the variant cannot be told apart. For the same reason
 * a pair counts only when it was shown both ways.
 */
function positionOf({ blind, variants }: VoteCounts, random: Random, resamples: number): PositionEffect | undefined {
  const shown = new Set(blind.map(({ first, second }) => `${first} ${second}`));
  const pairs = blind.filter(({ first, second }) => shown.has(`${second} ${first}`));
  if (pairs.length === 0) return undefined;
  const options = { count: variants.length, position: "fitted" } as const;
  const fit = fitDavidson(pairs, options);
  const fits = resample(pairs, { ...options, start: fit, resamples, isOneSided: () => true }, random);
  const [low, high] = around(
    fit.position,
    fits.map((it) => it.position),
  );
  return {
    rating: POINTS * fit.position,
    interval: [POINTS * low, POINTS * high],
    matters: 0 < low || high < 0,
  };
}
