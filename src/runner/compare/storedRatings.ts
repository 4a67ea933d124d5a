/** Ratings from the votes in a folder, and how far judges agree with them. */

import { TillerError } from "../../base/error.js";
import { judgeAgreements, type VotedComparison } from "../../compare/opinions.js";
import { rateVotes } from "../../compare/rate.js";
import type { CompareResult, Ratings, RatingsRequest, Vote } from "../../protocol/compare.js";
import type { CompareStoreFiles } from "../store/compareStore.js";

export function storedRatings(
  store: CompareStoreFiles,
  { prompt, variants, seed = 0 }: Omit<RatingsRequest, "folder">,
): Ratings {
  const { votes, warnings } = store.votes();
  const chosen = votes.filter(
    (it) =>
      (prompt === undefined || it.prompt === prompt) &&
      (variants === undefined || [it.left, it.right].every(({ variant }) => variants.includes(variant.key))),
  );
  return { ...rateVotes(chosen, { seed }), agreements: judgeAgreements(votedComparisons(store, chosen)), warnings };
}

/** Votes with the comparisons that they were cast on, as far as these are still there. */
function votedComparisons(store: CompareStoreFiles, votes: readonly Vote[]): readonly VotedComparison[] {
  const byComparison = new Map<string, Vote[]>();
  for (const vote of votes) {
    if (vote.comparison === undefined) continue;
    const known = byComparison.get(vote.comparison);
    if (known === undefined) byComparison.set(vote.comparison, [vote]);
    else known.push(vote);
  }
  return [...byComparison].flatMap(([id, own]) => {
    const result = openIfThere(store, id);
    return result === undefined ? [] : [{ result, votes: own }];
  });
}

/** A comparison that was pruned says nothing of agreement. */
function openIfThere(store: CompareStoreFiles, id: string): CompareResult | undefined {
  try {
    return store.open(id);
  } catch (error) {
    if (error instanceof TillerError) return undefined;
    throw error;
  }
}
