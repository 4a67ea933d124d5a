/** Comparing as the protocol has it: the matrix on an engine, votes and results in the workspace's folder. */

import { relative, sep } from "node:path";

import { TillerError } from "../../base/error.js";
import { diffComparisons } from "../../compare/diffComparisons.js";
import { cohensKappa } from "../../compare/kappa.js";
import { rateVotes } from "../../compare/rate.js";
import { renderReport } from "../../compare/report/renderReport.js";
import type { Agreement, Comparer, CompareResult, Ratings, RatingsRequest, Vote } from "../../protocol/compare.js";
import type { Engine } from "../../protocol/engine.js";
import type { PromptFiles } from "../promptFiles.js";
import { KEEP, openCompareStore, type CompareStoreFiles } from "../store/compareStore.js";
import { runComparison } from "./compareRunner.js";

export interface ComparerOptions {
  readonly engine: Engine;
  readonly files: PromptFiles;
  /** Default: that of the disk. */
  readonly openStore?: (folder: string) => CompareStoreFiles;
}

export function createComparer({ engine, files, openStore = openCompareStore }: ComparerOptions): Comparer {
  return {
    async compare(request, onEvent, signal) {
      const { store } = request;
      const promptName = (path: string): string => nameFrom(store?.folder, path);
      const result = await runComparison(request, { engine, files, promptName }, onEvent, signal);
      if (store === undefined) return result;
      try {
        openStore(store.folder).save(result, store.keep ?? KEEP);
      } catch (error) {
        // What was written is worth more than that it is kept: it is shown, and that it is not on disk is said.
        if (!(error instanceof TillerError)) throw error;
        onEvent({ type: "not-stored", message: error.message });
      }
      return result;
    },
    async vote({ folder, vote }, _onEvent, signal) {
      signal.throwIfAborted();
      return openStore(folder).addVote(vote);
    },
    async undoVote({ folder, vote }, _onEvent, signal) {
      signal.throwIfAborted();
      return openStore(folder).undoVote(vote);
    },
    async ratings(request, _onEvent, signal) {
      signal.throwIfAborted();
      return ratingsOf(openStore(request.folder), request);
    },
    async comparisons({ folder, prompt }, _onEvent, signal) {
      signal.throwIfAborted();
      const { comparisons, warnings } = openStore(folder).list();
      return { comparisons: comparisons.filter((it) => prompt === undefined || it.prompt === prompt), warnings };
    },
    async openComparison({ folder, id }, _onEvent, signal) {
      signal.throwIfAborted();
      return openStore(folder).open(id);
    },
    async diffComparisons({ folder, older, newer }, _onEvent, signal) {
      signal.throwIfAborted();
      const store = openStore(folder);
      return diffComparisons(store.open(older), store.open(newer));
    },
    async exportComparison({ folder, comparison, format }, _onEvent, signal) {
      signal.throwIfAborted();
      const store = openStore(folder);
      const result = typeof comparison === "string" ? store.open(comparison) : comparison;
      const variants = result.variants.map((it) => it.key);
      const ratings = ratingsOf(store, { folder, prompt: result.prompt, variants });
      return { text: renderReport({ result, ...(0 < ratings.votes && { ratings }) }, format) };
    },
  };
}

/** Of the workspace, with forward slashes; a prompt outside of it keeps its whole path. */
function nameFrom(folder: string | undefined, path: string): string {
  if (folder === undefined) return path;
  const steps = relative(folder, path);
  return steps.startsWith("..") ? path : steps.split(sep).join("/");
}

function ratingsOf(store: CompareStoreFiles, { prompt, variants, seed = 0 }: RatingsRequest): Ratings {
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
