// A small comparison that holds one of everything.

import type { CompareResult, ComparedVariant, FinishedCell } from "../../src/protocol/compare.js";

export const base: ComparedVariant = {
  ...{ id: "a", label: "Base", key: "m.gguf", model: "m.gguf", adapters: [], summary: "m, no adapter" },
  settings: {},
};
export const pirate: ComparedVariant = {
  ...{ id: "b", label: "Pirate | <b>", key: "m.gguf|adapters=pirate@1", model: "m.gguf", summary: "m, pirate 1" },
  adapters: [{ name: "pirate", scale: 1 }],
  settings: { adapters: [{ name: "pirate" }] },
};

export function finished(variant: string, text: string, more: Partial<FinishedCell> = {}): FinishedCell {
  return {
    ...{ variant, input: 0, repeat: 0, seed: 42, status: "finished", text, value: text, finish: "stop" },
    output: [{ text: "He said: " }, { text, hole: "output" }],
    metrics: {
      promptTokens: 20,
      cachedTokens: 0,
      tokens: 10,
      firstTokenMs: 50,
      tokensPerSecond: 100,
      ms: 150,
      rows: 2,
    },
    validity: { valid: 1, holes: 1, problems: [] },
    tests: [{ name: 'contains "x"', passed: false, result: "not found" }],
    presets: [],
    ...more,
  };
}

export const result: CompareResult = {
  ...{ schema: 1, id: "20260101-000000-0123456789abcdef", time: "2026-01-01T00:00:00.000Z", prompt: "a.prompt" },
  ...{ promptHash: "0123456789abcdef", promptText: "Hi", variants: [base, pirate], seeds: [42], judged: [] },
  inputs: [{ name: "first", values: { who: "</script><script>alert(1)</script>" } }],
  cells: [
    finished("a", "Hello ```there``` <img src=x>"),
    {
      variant: "b",
      input: 0,
      repeat: 0,
      seed: 42,
      output: [],
      status: "failed",
      code: "adapter-mismatch",
      message: "It is made for another model.",
    },
  ],
  ...{ finish: "complete", ms: 1234 },
};
