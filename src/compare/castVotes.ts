/** Which pairs of a comparison were voted on, told from the lines of votes: by its id, the input, the seed and the variants. */

import type { CompareResult, Vote, VoteChoice } from "../protocol/compare.js";
import type { BlindPair } from "./blindPairs.js";
import { canonical } from "./variantKey.js";

export interface CastVote {
  /** The vote's. */
  readonly id: string;
  readonly pair: BlindPair;
  readonly choice: VoteChoice;
}

export type VotedOn = Pick<CompareResult, "id" | "variants" | "inputs" | "seeds">;

/** In the order of the votes; those of other comparisons, and on what this one does not hold, are left out. */
export function castVotes({ id, variants, inputs, seeds }: VotedOn, votes: readonly Vote[]): readonly CastVote[] {
  const inputKeys = inputs.map(inputKey);
  const variantOf = ({ key, label }: Vote["left"]["variant"]): string | undefined => {
    const same = variants.filter((it) => it.key === key);
    return (same.find((it) => it.label === label) ?? same[0])?.id;
  };
  return votes.flatMap((vote): CastVote[] => {
    if (vote.comparison !== id) return [];
    const { left, right } = vote;
    const input = inputKeys.indexOf(inputKey(vote.input));
    const repeat = left.seed === right.seed ? seeds.indexOf(left.seed) : -1;
    const [first, second] = [variantOf(left.variant), variantOf(right.variant)];
    if (input < 0 || repeat < 0 || first === undefined || second === undefined) return [];
    const pair = { left: { variant: first, input, repeat }, right: { variant: second, input, repeat } };
    return [{ id: vote.id, pair, choice: vote.vote }];
  });
}

function inputKey({ name, values }: Vote["input"]): string {
  return canonical([name, values]);
}
