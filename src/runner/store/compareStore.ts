/**
 * What comparing leaves in a workspace: `.tiller/votes.jsonl`, to which lines are only added, and `.tiller/runs/`, a file for
 * each comparison, which appears whole.
 */

import { randomUUID } from "node:crypto";
import { join } from "node:path";

import { TillerError } from "../../base/error.js";
import { isJsonObject } from "../../base/json.js";
import { printVoteLine, readVoteLines, type ReadVotes } from "../../compare/voteLines.js";
import type {
  CompareResult,
  ComparisonList,
  StoredComparison,
  Vote,
  VoteLine,
  VoteReceipt,
} from "../../protocol/compare.js";
import { nodeStoreFiles, type StoreFiles } from "./storeFiles.js";

export interface CompareStoreFiles {
  /** On disk when it returns. Throws `file-unwritable`. */
  addVote(vote: Vote): VoteReceipt;
  /** Throws `usage` for a vote that does not count now, and `file-unwritable`. */
  undoVote(id: string): VoteReceipt;
  /** Throws `file-unreadable`. */
  votes(): ReadVotes;
  /** Throws `file-unwritable`. The oldest beyond `keep` are deleted. */
  save(result: CompareResult, keep: number): void;
  list(): ComparisonList;
  /** Throws `file-not-found`, `file-unreadable`. */
  open(id: string): CompareResult;
}

export const KEEP = 100;

/** `folder`: of the workspace. */
export function openCompareStore(folder: string, files: StoreFiles = nodeStoreFiles): CompareStoreFiles {
  const own = join(folder, ".tiller");
  const votesPath = join(own, "votes.jsonl");
  const runs = join(own, "runs");
  const pathOf = (id: string): string => join(runs, `${id}.json`);

  const readVotes = (): ReadVotes =>
    attempt("file-unreadable", votesPath, () => readVoteLines(files.read(votesPath) ?? ""));

  function append(line: VoteLine): void {
    attempt("file-unwritable", votesPath, () => {
      files.makeFolder(own);
      files.append(votesPath, printVoteLine(line));
    });
  }

  function open(id: string): CompareResult {
    if (!/^[\w-]+$/.test(id)) throw new TillerError("usage", `"${id}" is not the id of a comparison.`);
    const text = attempt("file-unreadable", pathOf(id), () => files.read(pathOf(id)));
    if (text === undefined) throw new TillerError("file-not-found", `There is no comparison ${id} in ${runs}.`);
    const result = resultOf(text);
    if (typeof result === "string")
      throw new TillerError("file-unreadable", `${pathOf(id)} cannot be read: ${result}.`);
    return result;
  }

  const ids = (): readonly string[] =>
    attempt("file-unreadable", runs, () => files.names(runs))
      .filter((it) => it.endsWith(".json"))
      .map((it) => it.slice(0, -".json".length))
      .sort()
      .reverse(); // ids begin with the time

  return {
    addVote(vote) {
      append(vote);
      return { votes: readVotes().votes.length };
    },
    undoVote(vote) {
      if (!readVotes().votes.some((it) => it.id === vote))
        throw new TillerError("usage", `There is no vote ${vote} that counts, so nothing was taken back.`);
      append({ ...{ kind: "undo", schema: 1, vote }, id: randomUUID(), time: new Date().toISOString() });
      return { votes: readVotes().votes.length };
    },
    votes: readVotes,
    save(result, keep) {
      attempt("file-unwritable", pathOf(result.id), () => {
        files.makeFolder(runs);
        files.replace(pathOf(result.id), `${JSON.stringify(result)}\n`);
        for (const old of ids().slice(Math.max(1, keep))) files.remove(pathOf(old));
      });
    },
    list() {
      const warnings: string[] = [];
      const comparisons = ids().flatMap((id): StoredComparison[] => {
        try {
          return [summaryOf(open(id))];
        } catch (error) {
          if (!(error instanceof TillerError)) throw error;
          warnings.push(error.message);
          return [];
        }
      });
      return { comparisons, warnings };
    },
    open,
  };
}

/** The result, or why it is none. */
function resultOf(text: string): CompareResult | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  if (!isJsonObject(value)) return "it is no comparison";
  if (value["schema"] !== 1) return `it has the schema ${JSON.stringify(value["schema"])}, and this version reads 1`;
  const isWhole = ["variants", "inputs", "seeds", "cells", "judged"].every((it) => Array.isArray(value[it]));
  return isWhole && typeof value["id"] === "string" ? (value as unknown as CompareResult) : "it is no comparison";
}

function summaryOf(result: CompareResult): StoredComparison {
  const { id, time, prompt, promptHash, variants, inputs, cells, finish, ms } = result;
  return {
    ...{ id, time, prompt, promptHash, finish, ms },
    variants: variants.map((it) => ({ id: it.id, label: it.label, summary: it.summary })),
    inputs: inputs.length,
    done: cells.filter((it) => it.status === "finished").length,
    failed: cells.filter((it) => it.status === "failed").length,
  };
}

function attempt<T>(code: "file-unreadable" | "file-unwritable", path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof TillerError) throw error;
    const { code: reason = "", message } = error as NodeJS.ErrnoException;
    const why = reasons[reason] ?? message;
    const verb = code === "file-unreadable" ? "read" : "written";
    throw new TillerError(code, `${path} cannot be ${verb}: ${why}.`, { cause: error });
  }
}

/** What happened, and what to do. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full. Free some space on it, then try again",
  EDQUOT: "the disk quota is used up. Free some space, then try again",
  EFBIG: "the largest size of a file is reached. Free some space or raise the limit (ulimit -f), then try again",
  EACCES: "permission denied. Allow writing to it, then try again",
  EPERM: "permission denied. Allow writing to it, then try again",
  EROFS: "the file system is read-only",
  ENOTDIR: "a folder in its path is a file",
  EISDIR: "it is a folder. Move it elsewhere, then try again",
};
