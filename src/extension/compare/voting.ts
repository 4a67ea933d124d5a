/** Which pair is voted on, and what a vote changes. Orders and sides are drawn by `compare`. */

import { blindPairs, type BlindPair } from "../../compare/blindPairs.js";
import { castVotes, type CastVote } from "../../compare/castVotes.js";
import { cellKey, seedCount } from "../../protocol/cellPlace.js";
import type { CellPlace, CellResult, FinishedCell, Vote, VoteChoice } from "../../protocol/compare.js";
import { cellAt, textOf, type CompareData, type ShownResult } from "./compareData.js";

/** The pair that a vote would be about; undefined when there is none. */
export function currentPair(data: CompareData): BlindPair | undefined {
  const { result, voting, blind } = data;
  if (result === undefined) return undefined;
  if (voting.isRevealed) return voting.votes.at(-1)?.pair;
  if (voting.chosen !== undefined) return voting.chosen;
  return openPairs(data).find((it) => blind || isAt(it, data));
}

/** Pairs that were not voted on, in the order in which they are offered. */
export function openPairs({ result, voting, blind }: CompareData): readonly BlindPair[] {
  if (result === undefined) return [];
  const voted = new Set(voting.votes.map((it) => pairKey(it.pair)));
  const open = blindPairs({ id: result.id, cells: cellsOf(result) }).filter((it) => !voted.has(pairKey(it)));
  return blind ? open : open.map((it) => inOrder(it, result)).sort((a, b) => rankOf(a, result) - rankOf(b, result));
}

function cellsOf(result: ShownResult): readonly CellResult[] {
  return Object.values(result.cells).filter((it) => it.status !== "writing");
}

/** While names are shown, a pair stands as the cards do. */
function inOrder({ left, right }: BlindPair, result: ShownResult): BlindPair {
  const index = (it: CellPlace) => result.variants.findIndex((one) => one.id === it.variant);
  return index(left) <= index(right) ? { left, right } : { left: right, right: left };
}

function rankOf({ left, right }: BlindPair, { variants }: ShownResult): number {
  const index = (it: CellPlace) => variants.findIndex((one) => one.id === it.variant);
  return ((left.input * 1000 + left.repeat) * variants.length + index(left)) * variants.length + index(right);
}

function isAt({ left }: BlindPair, { at }: CompareData): boolean {
  return left.input === at.input && left.repeat === at.repeat;
}

export function pairKey({ left, right }: BlindPair): string {
  return [cellKey(left), cellKey(right)].sort().join(" | ");
}

/** The next one of the same input and seed. */
export function withOtherPair(data: CompareData): CompareData {
  const open = openPairs(data).filter((it) => data.blind || isAt(it, data));
  const now = currentPair(data);
  const index = open.findIndex((it) => now !== undefined && pairKey(it) === pairKey(now));
  return withChosen(data, open[(index + 1) % Math.max(1, open.length)]);
}

/** An open pair of these two variants, by their ids; the one that is shown before any other. */
export function withPairOf(data: CompareData, left: string, right: string): CompareData {
  const isOf = (it: BlindPair) =>
    [it.left.variant, it.right.variant].sort().join(" ") === [left, right].sort().join(" ");
  const open = openPairs(data).filter(isOf);
  const pair = open.find((it) => isAt(it, data)) ?? open[0];
  if (pair !== undefined) return withChosen(data, pair);
  return { ...data, notice: { kind: "info", text: "All pairs of these two were voted on. Run more inputs or seeds." } };
}

function withChosen(data: CompareData, pair: BlindPair | undefined): CompareData {
  const voting = { ...data.voting, chosen: pair, isRevealed: false };
  const at = pair === undefined ? data.at : { input: pair.left.input, repeat: pair.left.repeat };
  return { ...data, voting, at };
}

export function withNextPair(data: CompareData): CompareData {
  const next = { ...data, voting: { ...data.voting, chosen: undefined, isRevealed: false } };
  const open = openPairs(next);
  const pair = data.blind ? open[0] : (open.find((it) => isAt(it, data)) ?? open[0]);
  return withChosen(next, pair);
}

/** The line that is written for a vote on the pair; `id` is new. Undefined when an output is not there. */
export function voteOf(
  { result, blind }: CompareData,
  { left, right }: BlindPair,
  choice: VoteChoice,
  { id, time, prompt, promptHash }: Pick<Vote, "id" | "time" | "prompt" | "promptHash">,
): Vote | undefined {
  const input = result?.inputs[left.input];
  const sides = result && [left, right].map((it) => votedOutput(result, it));
  if (input === undefined || sides?.[0] === undefined || sides[1] === undefined) return undefined;
  return {
    kind: "vote",
    schema: 1,
    id,
    time,
    prompt,
    promptHash,
    input: {
      name: input.name,
      values: input.values,
      ...(input.reference !== undefined && { reference: input.reference }),
    },
    left: sides[0],
    right: sides[1],
    blind,
    vote: choice,
    comparison: result!.id,
  };
}

function votedOutput(result: ShownResult, place: CellPlace): Vote["left"] | undefined {
  const cell = cellAt(result, place);
  const variant = result.variants.find((it) => it.id === place.variant);
  if (cell?.status !== "finished" || variant === undefined) return undefined;
  const { key, label, model, adapters, summary } = variant;
  return { variant: { key, label, model, adapters, summary }, seed: (cell as FinishedCell).seed, output: textOf(cell) };
}

export function withVote(data: CompareData, vote: CastVote): CompareData {
  const voting = {
    votes: [...data.voting.votes, vote],
    chosen: undefined,
    isRevealed: true,
    isSaving: false,
  };
  return { ...data, voting, notice: undefined };
}

/**
 * With the votes as they are on disk: also those from before the window was loaded, and of other windows. Those of this one
 * stay the last, so that they are taken back first; one that another window took back is gone here too.
 */
export function withStoredVotes(data: CompareData, stored: readonly Vote[]): CompareData {
  const { result, voting } = data;
  if (result === undefined) return data;
  const cast = castVotes(result, stored);
  const counted = new Set(cast.map((it) => it.id));
  const known = voting.votes.filter((it) => counted.has(it.id));
  const knownIds = new Set(known.map((it) => it.id));
  const votes = [...cast.filter((it) => !knownIds.has(it.id)), ...known];
  const isRevealed = voting.isRevealed && votes.at(-1)?.id === voting.votes.at(-1)?.id;
  return { ...data, voting: { ...voting, votes, isRevealed } };
}

/** The last vote does not count any more, and its pair is voted on again. */
export function withoutLastVote(data: CompareData): CompareData {
  const last = data.voting.votes.at(-1);
  if (last === undefined) return data;
  const votes = data.voting.votes.slice(0, -1);
  return withChosen({ ...data, voting: { votes, chosen: undefined, isRevealed: false, isSaving: false } }, last.pair);
}

/** Another input or seed. In blind mode the next pair of it that was not voted on; the same one where there is none. */
export function withStep(data: CompareData, step: { readonly input: number; readonly repeat: number }): CompareData {
  const { result, blind } = data;
  if (result === undefined) return data;
  const pair = blind ? currentPair(data) : undefined;
  const from = pair === undefined ? data.at : pair.left;
  const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
  const input = within(from.input + step.input, result.inputs.length);
  const at = { input, repeat: within(from.repeat + step.repeat, seedCount(result, input)) };
  const moved = { ...data, at, voting: { ...data.voting, chosen: undefined, isRevealed: false } };
  if (!blind) return moved;
  const next = openPairs(moved).find((it) => isAt(it, moved));
  return next === undefined ? data : withChosen(moved, next);
}
