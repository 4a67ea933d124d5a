/**
 * The lines of `.tiller/votes.jsonl`. Lines are only added, so two branches of a repository merge by taking the lines of both
 * (git's union driver), in whatever order: a vote counts once, and not at all when a line takes it back.
 */

import { isJsonObject, type Json } from "../base/json.js";
import type { Vote, VoteLine } from "../protocol/compare.js";

export interface ReadVotes {
  /** Those that count, in the order of the file. */
  readonly votes: readonly Vote[];
  /** What was skipped, in words. */
  readonly warnings: readonly string[];
}

/** With the line break that ends it. */
export function printVoteLine(line: VoteLine): string {
  return `${JSON.stringify(line)}\n`;
}

export function readVoteLines(text: string): ReadVotes {
  const warnings: string[] = [];
  const votes = new Map<string, Vote>();
  const undone = new Set<string>();
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const read = readLine(line);
    if (typeof read === "string") {
      const isCutOff = i === lines.length - 1;
      const why = isCutOff ? "the last line was cut off while it was written" : read;
      warnings.push(`Line ${i + 1} is not counted: ${why}.`);
    } else if (read.kind === "undo") undone.add(read.vote);
    else if (!votes.has(read.id)) votes.set(read.id, read);
  }
  return { votes: [...votes.values()].filter((it) => !undone.has(it.id)), warnings };
}

/** The line, or why it cannot be read. */
function readLine(line: string): VoteLine | string {
  if (/^(<{7}|={7}|>{7}|\|{7})/.test(line)) return "it is a mark of a merge that was not finished";
  let value: Json;
  try {
    value = JSON.parse(line) as Json;
  } catch {
    return "it is not JSON";
  }
  if (!isJsonObject(value)) return "it is no vote";
  if (value["schema"] !== 1) return `it has the schema ${JSON.stringify(value["schema"])}, and this version reads 1`;
  if (typeof value["id"] !== "string") return "it has no id";
  if (value["kind"] === "undo")
    return typeof value["vote"] === "string"
      ? (value as unknown as VoteLine)
      : "it does not say which vote it takes back";
  return isVote(value) ? (value as unknown as Vote) : "it is no vote";
}

const choices: readonly Json[] = ["left", "right", "tie", "both-bad"];

/** All that ratings and reports read of it. */
function isVote({ kind, prompt, input, left, right, blind, vote }: { readonly [key: string]: Json }): boolean {
  return (
    kind === "vote" &&
    choices.includes(vote!) &&
    typeof prompt === "string" &&
    typeof blind === "boolean" &&
    isJsonObject(input) &&
    [left, right].every(isVotedOutput)
  );
}

function isVotedOutput(value: Json | undefined): boolean {
  if (!isJsonObject(value) || typeof value["output"] !== "string") return false;
  const { variant } = value;
  return isJsonObject(variant) && ["key", "label", "summary"].every((it) => typeof variant[it] === "string");
}
