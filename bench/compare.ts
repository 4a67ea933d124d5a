// What comparing costs: four variants of one model as a batch against one alone, rating many votes, and the memory of many cells.

import { join } from "node:path";

import { rateVotes } from "../src/compare/rate.js";
import { seeded } from "../src/compare/draw.js";
import { silentLog } from "../src/base/log.js";
import { createLocalEngine } from "../src/engine/localEngine.js";
import type { Vote, VotedVariant } from "../src/protocol/compare.js";
import { summary, type Measured } from "./statistics.js";
import { unattended } from "./unattended.js";

const root = join(import.meta.dirname, "../..");
const model = { path: join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf"), contextTokens: 1024 };
const adapters = ["pirate", "terse", "commit-message"].map((it) => join(root, "examples/adapters", it));
const never = new AbortController().signal;
const ignore = () => undefined;
const ROUNDS = 5;
const TOKENS = 48;

export async function benchCompare(): Promise<readonly Measured[]> {
  return [rating(), await batch(), ...(await unattended())];
}

function rating(): Measured {
  const random = seeded(1);
  const variant = (i: number): VotedVariant => ({
    ...{ key: `v${i}`, label: `v${i}`, model: "m.gguf", adapters: [], summary: "" },
  });
  const output = (i: number) => ({ variant: variant(i), seed: 0, output: "text" });
  const votes = Array.from({ length: 10_000 }, (_, id): Vote => {
    const left = Math.floor(random() * 8);
    const right = (left + 1 + Math.floor(random() * 7)) % 8;
    return {
      ...{ kind: "vote", schema: 1, id: String(id), time: "", promptHash: "", blind: true },
      ...{ prompt: `p${id % 20}`, input: { name: "", values: {} }, left: output(left), right: output(right) },
      vote: random() < 0.2 ? "tie" : random() < 0.5 + (left - right) / 20 ? "left" : "right",
    };
  });
  const samples = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    rateVotes(votes);
    return performance.now() - start;
  });
  const times = summary(samples);
  return {
    what: "rating 10,000 votes on 8 variants and 20 prompts (ms)",
    ...times,
    goal: "<= 1000",
    reached: times.median <= 1000,
  };
}

async function batch(): Promise<Measured> {
  const engine = createLocalEngine({ log: silentLog });
  const prompt = { type: "messages", messages: [{ role: "user", content: "Tell me about the sea." }] } as const;
  const variants = [[], ...adapters.map((it) => [{ path: it }])].map((it) => ({
    prompt,
    adapters: it,
    maxTokens: TOKENS,
    minTokens: TOKENS,
  }));
  const write = async (rows: typeof variants): Promise<number> => {
    const start = performance.now();
    await engine.generateRows({ model, rows }, ignore, never);
    return performance.now() - start;
  };
  await write(variants);
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // One of them with an adapter, as three of four are.
    const alone = await write([variants[1]!]);
    ratios.push((await write(variants)) / alone);
  }
  await engine.dispose();
  const times = summary(ratios);
  return {
    what: "four variants of one model as a batch, in times of one",
    ...times,
    goal: "<= 2.5",
    reached: times.median <= 2.5,
  };
}
