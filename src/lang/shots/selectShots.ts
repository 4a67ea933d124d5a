/** Which shots are used with an input, and why. The same shots, settings and input give the same choice. */

import type { Json, JsonObject } from "../../base/json.js";
import { sameValue } from "../inputs.js";
import { bm25 } from "./bm25.js";
import { draw } from "./draw.js";
import { inputText, outputText, valuesText, type Shot } from "./shot.js";
import type { ShotSelect } from "./shotSelect.js";

/** How many tokens a text is for the model that will read it. */
export type CountTokens = (text: string) => number;

export interface SelectedShot {
  readonly shot: Shot;
  /** From 0, the best; the highest are dropped first where there is too little room. */
  readonly rank: number;
  /** BM25 for `similar`, shared tags for `tags`, else 0. */
  readonly score: number;
  /** In words, such as "most similar: 4.21". */
  readonly reason: string;
}

export interface ShotSelection {
  /** In the order in which they stand in the prompt. */
  readonly shots: readonly SelectedShot[];
  /** How many the prompt has. */
  readonly of: number;
}

export const noShots: ShotSelection = { shots: [], of: 0 };

export interface SelectRequest {
  readonly shots: readonly Shot[];
  readonly select: ShotSelect;
  /** With the file's defaults. */
  readonly input: JsonObject;
  /** Left out: `maxTokens` drops nothing. */
  readonly count?: CountTokens | undefined;
}

type Ranked = Omit<SelectedShot, "rank">;

export function selectShots({ shots, select, input, count }: SelectRequest): ShotSelection {
  const eligible = shots.filter(({ when }) => Object.entries(when).every(([key, it]) => hasValue(input, key, it)));
  const ranked = rank(eligible, select, input).map((it, i): SelectedShot => ({ ...it, rank: i }));
  const kept = count === undefined ? ranked : ranked.slice(0, fitting(ranked, select.maxTokens, count));
  return { shots: ordered(kept, select.order), of: shots.length };
}

/** Without the `number` shots of the lowest ranks; those that stay keep their order. */
export function withoutLast({ shots, of }: ShotSelection, number: number): ShotSelection {
  return { shots: shots.filter(({ rank }) => rank < shots.length - number), of };
}

/** The best first, at most `k`. Shots of the same score stay in the order of the file. */
function rank(shots: readonly Shot[], { strategy, k = shots.length, seed, tags }: ShotSelect, input: JsonObject) {
  switch (strategy) {
    case "first": {
      const reason = `first ${Math.min(k, shots.length)} of ${shots.length}`;
      return shots.slice(0, k).map((shot): Ranked => ({ shot, score: 0, reason }));
    }
    case "random":
      return draw(shots, k, seed).map((shot): Ranked => ({ shot, score: 0, reason: `drawn with seed ${seed}` }));
    case "similar":
      return similar(shots, input).slice(0, k);
    case "tags":
      return sharing(shots, [...tags, ...textsIn(input["tags"])]).slice(0, k);
    default:
      return strategy satisfies never;
  }
}

function similar(shots: readonly Shot[], input: JsonObject): readonly Ranked[] {
  const scores = bm25(
    queryOf(shots, input),
    shots.map((it) => valuesText(it.input)),
  );
  return shots
    .map((shot, i): Ranked => {
      const score = scores[i]!;
      return { shot, score, reason: score === 0 ? "no word in common" : `most similar: ${score.toFixed(2)}` };
    })
    .sort((a, b) => b.score - a.score);
}

/** The variables that shots have values of; the others, such as a name or a date, say nothing of what is alike. */
function queryOf(shots: readonly Shot[], input: JsonObject): string {
  const compared = new Set(shots.flatMap((it) => (typeof it.input === "string" ? [] : Object.keys(it.input))));
  const values = Object.entries(input).filter(([key]) => compared.has(key));
  return valuesText(values.length === 0 ? input : Object.fromEntries(values));
}

function sharing(shots: readonly Shot[], tags: readonly string[]): readonly Ranked[] {
  return shots.flatMap((shot): Ranked[] => {
    const shared = [...new Set(shot.tags)].filter((it) => tags.includes(it));
    if (shared.length === 0) return [];
    const reason = `shares the tag${shared.length === 1 ? "" : "s"} ${shared.join(", ")}`;
    return [{ shot, score: shared.length, reason }];
  });
}

/** How many of the first shots have no more than `maxTokens` together. */
function fitting(ranked: readonly SelectedShot[], maxTokens: number | undefined, count: CountTokens): number {
  if (maxTokens === undefined) return ranked.length;
  // All are counted, also behind the last that fits: who counts from afar learns in one go what will be asked.
  const sizes = ranked.map(({ shot }) => count(inputText(shot.input)) + count(outputText(shot.output)));
  let sum = 0;
  const end = sizes.findIndex((it) => maxTokens < (sum += it));
  return end < 0 ? sizes.length : end;
}

function ordered(shots: readonly SelectedShot[], order: ShotSelect["order"]): readonly SelectedShot[] {
  switch (order) {
    case "asc":
      return [...shots].sort((a, b) => a.shot.index - b.shot.index);
    case "desc":
      return [...shots].sort((a, b) => b.shot.index - a.shot.index);
    case "nearest-last":
      return [...shots].sort((a, b) => b.rank - a.rank);
    default:
      return order satisfies never;
  }
}

function hasValue(input: JsonObject, key: string, value: Json): boolean {
  return Object.hasOwn(input, key) && sameValue(input[key]!, value);
}

function textsIn(value: Json | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? (value as readonly Json[]).filter((it) => typeof it === "string") : [];
}
