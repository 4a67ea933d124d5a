/** Which of two outputs each judge that is not a person finds better, and how often that is what people said. */

import type { CompareResult, FinishedCell, JudgeAgreement, JudgeKind, Vote } from "../protocol/compare.js";
import type { BlindPair } from "./blindPairs.js";
import { castVotes } from "./castVotes.js";
import { cohensKappa } from "./kappa.js";

export type Opinion = "left" | "right" | "tie";

export const judgeKinds: readonly JudgeKind[] = ["prompt", "checks", "likelihood", "distance"];

/** Undefined where the judge said nothing of the two. */
export function opinionOn(
  { cells, judged }: Pick<CompareResult, "cells" | "judged">,
  { left, right }: BlindPair,
  judge: JudgeKind,
): Opinion | undefined {
  if (judge === "prompt") {
    const found = judged.find(
      ({ input, repeat, a, b }) =>
        input === left.input &&
        repeat === left.repeat &&
        ((a === left.variant && b === right.variant) || (a === right.variant && b === left.variant)),
    );
    if (found === undefined) return undefined;
    if (found.choice === "tie") return "tie";
    return (found.choice === "a") === (found.a === left.variant) ? "left" : "right";
  }
  const [first, second] = [left, right].map((place) => {
    const cell = cells.find(
      (it) => it.variant === place.variant && it.input === place.input && it.repeat === place.repeat,
    );
    return cell?.status === "finished" ? worthOf(cell, judge) : undefined;
  });
  if (first === undefined || second === undefined) return undefined;
  return first === second ? "tie" : second < first ? "left" : "right";
}

/** More is better. */
function worthOf({ tests, metrics }: FinishedCell, judge: Exclude<JudgeKind, "prompt">): number | undefined {
  switch (judge) {
    case "checks":
      return tests.length === 0 ? undefined : tests.filter((it) => it.passed).length / tests.length;
    case "likelihood":
      return metrics.likelihood;
    case "distance":
      return metrics.distance === undefined ? undefined : -metrics.distance;
    default:
      return judge satisfies never;
  }
}

export interface VotedComparison {
  readonly result: CompareResult;
  /** On it. */
  readonly votes: readonly Vote[];
}

/** Of the judges that said something of a pair that was voted on. "Both bad" is a tie: neither is better. */
export function judgeAgreements(voted: readonly VotedComparison[]): readonly JudgeAgreement[] {
  const cast = voted.flatMap(({ result, votes }) => castVotes(result, votes).map((it) => ({ ...it, result })));
  return judgeKinds.flatMap((judge) => {
    const said = cast.flatMap(({ result, pair, choice }): [string, string][] => {
      const opinion = opinionOn(result, pair, judge);
      return opinion === undefined ? [] : [[choice === "both-bad" ? "tie" : choice, opinion]];
    });
    const agreement = cohensKappa(said);
    return agreement === undefined ? [] : [{ judge, ...agreement }];
  });
}
