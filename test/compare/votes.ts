// Votes for tests, made of little.

import type { Vote, VoteChoice, VotedVariant } from "../../src/protocol/compare.js";

export function variant(key: string): VotedVariant {
  return { key, label: key.toUpperCase(), model: "m.gguf", adapters: [], summary: key };
}

let made = 0;

export function vote(left: string, right: string, choice: VoteChoice, more: Partial<Vote> = {}): Vote {
  return {
    kind: "vote",
    schema: 1,
    id: `v${made++}`,
    time: "2026-01-01T00:00:00.000Z",
    prompt: "a.prompt",
    promptHash: "0123456789abcdef",
    input: { name: "first", values: {} },
    left: { variant: variant(left), seed: 0, output: `${left} says` },
    right: { variant: variant(right), seed: 0, output: `${right} says` },
    blind: true,
    vote: choice,
    ...more,
  };
}

export function times(count: number, make: () => Vote): Vote[] {
  return Array.from({ length: count }, make);
}
