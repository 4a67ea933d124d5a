/** A comparison of three variants on two inputs with two seeds, as the engine tells it. */

import type {
  CellResult,
  ComparedVariant,
  CompareEvent,
  CompareResult,
  FinishedCell,
  Ratings,
} from "../../../src/protocol/compare.js";
import { startCompare, type CompareData } from "../../../src/extension/compare/compareData.js";
import { withCompareEvent, withResult, withStart } from "../../../src/extension/compare/runEvents.js";

export const labels = ["Plain", "Pirate", "Terse"] as const;

export const variants: readonly ComparedVariant[] = labels.map((label, i) => ({
  id: "abc"[i]!,
  label,
  key: `key ${label}`,
  model: "m.gguf",
  adapters: [],
  summary: `m, ${label}`,
  settings: {},
}));

export const inputs = [
  { name: "late refund", values: { text: "Where is my money?" } },
  { name: "greeting", values: { text: "Hello" } },
];

export const seeds = [42, 43];

export function finishedCell(variant: string, input: number, repeat: number, text: string): FinishedCell {
  return {
    variant,
    input,
    repeat,
    seed: seeds[repeat]!,
    status: "finished",
    output: [{ text: "Reply: " }, { text, hole: "reply" }],
    text: `Reply: ${text}`,
    value: text,
    finish: "stop",
    metrics: {
      promptTokens: 20,
      cachedTokens: 0,
      tokens: 31,
      firstTokenMs: 58.4,
      tokensPerSecond: 168.2,
      ms: 200,
      rows: 3,
    },
    validity: { valid: 1, holes: 1, problems: [] },
    tests: [],
    presets: [],
  };
}

const words: Readonly<Record<string, string>> = {
  a: "We will look into it.",
  b: "Arr, we will look into it, matey.",
  c: "Soon.",
};

export function allCells(): readonly CellResult[] {
  return variants.flatMap(({ id }) =>
    inputs.flatMap((_, input) => seeds.map((seed, repeat) => finishedCell(id, input, repeat, `${words[id]} ${seed}`))),
  );
}

export function result(cells: readonly CellResult[] = allCells()): CompareResult {
  return {
    schema: 1,
    id: "comparison-1",
    time: "2026-05-03T14:02:00.000Z",
    prompt: "hello.prompt",
    promptHash: "0123456789abcdef",
    promptText: "",
    variants,
    inputs,
    seeds,
    cells,
    judged: [],
    finish: "complete",
    ms: 108_000,
  };
}

/** Pirate was preferred to Plain, and Terse found as good as both, once only because of the order. */
export function judgedResult(): CompareResult {
  const judged = [
    { input: 0, repeat: 0, a: "a", b: "b", choice: "b", consistent: true },
    { input: 0, repeat: 0, a: "a", b: "c", choice: "tie", consistent: true },
    { input: 0, repeat: 0, a: "b", b: "c", choice: "tie", consistent: false },
  ] as const;
  const judges = { prompt: { name: "judges/judge.prompt", hash: "0123456789abcdef", model: "m.gguf" } };
  return { ...result(), judged, judges };
}

export const started: CompareEvent = { type: "started", id: "comparison-1", variants, inputs, seeds, total: 12 };

/** After the run. */
export function finished(cells?: readonly CellResult[]): CompareData {
  const base = { ...startCompare(), uri: "file:///w/hello.prompt", title: "hello.prompt" };
  return withResult(withCompareEvent(withStart(base), started), result(cells));
}

export const ratings: Ratings = {
  variants: [
    { key: "key Pirate", label: "Pirate", summary: "", rating: 1112, interval: [1046, 1178], wins: 11, losses: 3, ties: 2, bothBad: 0, group: 0 }, // prettier-ignore
    { key: "key Terse", label: "Terse", summary: "", rating: 1034, interval: [968, 1100], wins: 8, losses: 5, ties: 3, bothBad: 0, group: 0 }, // prettier-ignore
    { key: "key Plain", label: "Plain", summary: "", rating: 854, interval: [782, 926], wins: 2, losses: 13, ties: 1, bothBad: 0, group: 0 }, // prettier-ignore
  ],
  votes: 24,
  ties: 3,
  bothBad: 0,
  open: [{ a: "key Pirate", b: "key Terse", votesMissing: 15 }],
  groups: [["key Pirate", "key Terse", "key Plain"]],
  separated: [],
  position: undefined,
  prompts: [],
  agreements: [],
  warnings: [],
};
