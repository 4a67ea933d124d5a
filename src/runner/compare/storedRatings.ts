/** Ratings from the votes in a folder, and how far the judge prompt agrees with them. */

import { TillerError } from "../../base/error.js";
import { cohensKappa } from "../../compare/kappa.js";
import { rateVotes } from "../../compare/rate.js";
import type { Agreement, CompareResult, Ratings, RatingsRequest, Vote } from "../../protocol/compare.js";
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
  return { ...rateVotes(chosen, { seed }), agreement: agreementOf(store, chosen), warnings };
}

/** Votes beside what the judge prompt said of the same two outputs. */
function agreementOf(store: CompareStoreFiles, votes: readonly Vote[]): Agreement | undefined {
  const known = new Map<string, CompareResult | undefined>();
  const resultOf = (id: string): CompareResult | undefined => {
    if (!known.has(id)) known.set(id, openIfThere(store, id));
    return known.get(id);
  };
  const said = votes.flatMap((vote): [string, string][] => {
    const result = vote.comparison === undefined ? undefined : resultOf(vote.comparison);
    const judge = result && judgeSaid(result, vote);
    return judge === undefined ? [] : [[vote.vote === "both-bad" ? "tie" : vote.vote, judge]];
  });
  return cohensKappa(said);
}

function judgeSaid({ variants, inputs, seeds, judged }: CompareResult, vote: Vote): string | undefined {
  const idOf = (key: string) => variants.find((it) => it.key === key)?.id;
  const [left, right] = [idOf(vote.left.variant.key), idOf(vote.right.variant.key)];
  const values = JSON.stringify(vote.input.values);
  const found = judged.find(
    (it) =>
      seeds[it.repeat] === vote.left.seed &&
      JSON.stringify(inputs[it.input]?.values) === values &&
      ((it.a === left && it.b === right) || (it.a === right && it.b === left)),
  );
  if (found === undefined || found.choice === "tie") return found?.choice;
  return (found.choice === "a") === (found.a === left) ? "left" : "right";
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
