/** Comparing as the protocol has it: the matrix on an engine, votes and results in the workspace's folder. */

import { TillerError } from "../../base/error.js";
import { diffComparisons } from "../../compare/diffComparisons.js";
import { renderReport } from "../../compare/report/renderReport.js";
import type { Comparer, CompareResult } from "../../protocol/compare.js";
import type { Engine } from "../../protocol/engine.js";
import type { PromptFiles } from "../promptFiles.js";
import { KEEP, openCompareStore, type CompareStoreFiles } from "../store/compareStore.js";
import { runComparison } from "./compareRunner.js";
import { createOutsideModels, type Asker } from "./outsideModels.js";
import { promptName } from "./promptName.js";
import { storedRatings } from "./storedRatings.js";

export interface ComparerOptions {
  readonly engine: Engine;
  readonly files: PromptFiles;
  /** Default: that of the disk. */
  readonly openStore?: (folder: string) => CompareStoreFiles;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** What was written is kept so often while the rest is: a window may be closed, or the light go out. */
const PART_MS = 3000;

export function createComparer({
  engine,
  files,
  openStore = openCompareStore,
  now = () => performance.now(),
}: ComparerOptions): Comparer {
  const outside = createOutsideModels(engine);
  return {
    async compare(request, onEvent, signal) {
      const { store, asksOutside = false } = request;
      const asker: Asker = {
        ask: (asked) => onEvent({ type: "outside", request: asked }),
        enough: (ask) => onEvent({ type: "outside-enough", ask }),
      };
      const nameOf = (path: string) => (store === undefined ? path : promptName(store.folder, path));
      let savedAt = now();
      const onPart = (soFar: () => CompareResult): void => {
        if (store === undefined || now() - savedAt < PART_MS) return;
        savedAt = now();
        try {
          openStore(store.folder).save(soFar(), store.keep ?? KEEP);
        } catch (error) {
          // Whether all of it can be kept is said at the end.
          if (!(error instanceof TillerError)) throw error;
        }
      };
      const options = { engine: outside.engineFor(asksOutside ? asker : undefined), files, promptName: nameOf, onPart };
      const result = await runComparison(request, options, onEvent, signal);
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
    async answerOutside(answer, _onEvent, signal) {
      signal.throwIfAborted();
      outside.answer(answer);
    },
    async vote({ folder, vote }, _onEvent, signal) {
      signal.throwIfAborted();
      return openStore(folder).addVote(vote);
    },
    async undoVote({ folder, vote }, _onEvent, signal) {
      signal.throwIfAborted();
      return openStore(folder).undoVote(vote);
    },
    async votes({ folder, comparison }, _onEvent, signal) {
      signal.throwIfAborted();
      const { votes, warnings } = openStore(folder).votes();
      return { votes: votes.filter((it) => it.comparison === comparison), warnings };
    },
    async ratings(request, _onEvent, signal) {
      signal.throwIfAborted();
      return storedRatings(openStore(request.folder), request);
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
      const ratings = storedRatings(store, { prompt: result.prompt, variants });
      return { text: renderReport({ result, ...(0 < ratings.votes && { ratings }) }, format) };
    },
  };
}
