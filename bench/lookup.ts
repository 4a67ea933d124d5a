// What guessing is worth: the same texts written with and without it, turn by turn; and what a step of several tokens costs.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { silentLog } from "../src/base/log.js";
import { createLocalEngine } from "../src/engine/localEngine.js";
import { loadModel } from "../src/engine/loadedModel.js";
import { testCache } from "../src/engine/ort/selfTest.js";
import { openReader } from "../src/engine/reader.js";
import type { GenerateRequest, LookupUsage, Precision, PromptInput } from "../src/protocol/engine.js";
import { median } from "./statistics.js";

const root = join(import.meta.dirname, "../..");
const path = join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf");
const signal = new AbortController().signal;
const sizes = [1, 2, 3, 4, 6, 8, 12, 16];

/** `rounds`: of each text. */
export async function benchLookup(rounds = 5): Promise<string> {
  const parts = [await texts("fast", rounds), await texts("exact", rounds), await steps()];
  return parts.join("\n");
}

interface Kind {
  readonly what: string;
  readonly prompts: readonly PromptInput[];
  readonly maxTokens: number;
  readonly more?: Partial<GenerateRequest>;
}

const open = (text: string): PromptInput => ({ type: "text", text });
const ask = (content: string): PromptInput => ({ type: "messages", messages: [{ role: "user", content }] });
const code = readFileSync(join(root, "bench/statistics.ts"), "utf8").slice(0, 1600);
const prose = readFileSync(join(root, "docs/attention.md"), "utf8").slice(0, 1800);
const people =
  "Ada Lovelace, born in London in 1815, wrote the first program. Alan Turing, born in London in 1912, asked whether " +
  "machines think. Grace Hopper, born in New York in 1906, wrote the first compiler.";
const peopleSchema = {
  type: "array",
  minItems: 3,
  maxItems: 3,
  items: {
    type: "object",
    properties: { name: { type: "string" }, birthplace: { type: "string" }, year: { type: "integer" } },
    required: ["name", "birthplace", "year"],
  },
} as const;

const kinds: readonly Kind[] = [
  {
    what: "code, written once more with small changes",
    prompts: [open(`${code}\n\n// The same again:\n${code.slice(0, 60)}`)],
    maxTokens: 160,
  },
  {
    what: "prose, quoted",
    prompts: [open(`${prose}\n\nThe text once more:\n\n${prose.slice(0, 40)}`)],
    maxTokens: 160,
  },
  {
    what: "JSON out of a text, under its schema",
    prompts: [ask(`List the people as JSON.\n\n${people}`)],
    maxTokens: 160,
    more: { constraint: { kind: "json", schema: peopleSchema } },
  },
  {
    what: "a list that goes on",
    prompts: [open("Monday: open 9 to 17\nTuesday: open 9 to 17\nWednesday: open 9 to 17\nThursday:")],
    maxTokens: 60,
  },
  {
    what: "free answers, the likeliest tokens",
    prompts: ["How do I make tea?", "Write a story about a ship.", "What is a prime number?"].map(ask),
    maxTokens: 100,
  },
  {
    what: "free answers, drawn (temperature 0.8)",
    prompts: ["How do I make tea?", "Write a story about a ship.", "What is a prime number?"].map(ask),
    maxTokens: 100,
    more: { sampling: { temperature: 0.8, seed: 1 } },
  },
];

async function texts(precision: Precision, rounds: number): Promise<string> {
  const engine = createLocalEngine({ log: silentLog });
  const model = { path, precision, threads: 2, contextTokens: 2048 };
  const lines = [
    `## ${precision}`,
    "",
    "| text | tokens | steps | guessed, right | times as fast (best to best) | same text |",
    "| --- | --- | --- | --- | --- | --- |",
  ];
  for (const { what, prompts, maxTokens, more } of kinds) {
    const ratios: number[] = [];
    const best = { plain: Infinity, looking: Infinity };
    let [tokens, same] = [0, 0];
    const sum = { steps: 0, draftedTokens: 0, acceptedTokens: 0 };
    for (let round = -1; round < rounds; round++) {
      const took = { plain: 0, looking: 0 };
      for (const prompt of prompts) {
        const write = (promptLookup: boolean) =>
          engine.generate({ model, prompt, maxTokens, ...more, promptLookup }, () => undefined, signal);
        const plain = await write(false);
        const looking = await write(true);
        took.plain += plain.usage.decodeMs / plain.ids.length;
        took.looking += looking.usage.decodeMs / looking.ids.length;
        if (round !== 0) continue;
        tokens += looking.ids.length;
        if (looking.text === plain.text) same++;
        add(sum, looking.usage.lookup!);
      }
      if (round < 0) continue;
      ratios.push(took.plain / took.looking);
      best.plain = Math.min(best.plain, took.plain);
      best.looking = Math.min(best.looking, took.looking);
    }
    const speed = `${median(ratios).toFixed(2)} (${(best.plain / best.looking).toFixed(2)})`;
    const guesses = `${sum.draftedTokens}, ${sum.acceptedTokens}`;
    lines.push(`| ${what} | ${tokens} | ${sum.steps} | ${guesses} | ${speed} | ${same} of ${prompts.length} |`);
    console.error(lines.at(-1));
  }
  await engine.dispose();
  return [...lines, ""].join("\n");
}

function add(sum: { -readonly [key in keyof LookupUsage]: number }, usage: LookupUsage): void {
  sum.steps += usage.steps;
  sum.draftedTokens += usage.draftedTokens;
  sum.acceptedTokens += usage.acceptedTokens;
}

/** What `stepCost` of draftLength.ts says in two lines. */
async function steps(): Promise<string> {
  const lines = [
    "## A step of several tokens, in steps of one",
    "",
    `| precision | context | ${sizes.slice(1).join(" | ")} |`,
    `| ${sizes.concat(0).map(() => "---").join(" | ")} |`, // prettier-ignore
  ];
  const { kind } = await testCache();
  for (const precision of ["fast", "exact"] as const) {
    const spec = { path, precision, threads: 2, contextTokens: 2100 };
    const model = await loadModel({ spec, cacheKind: kind, defaultThreads: 2 }, () => undefined);
    const reader = await openReader(model, {});
    const ids = model.tokenizer.encode(readFileSync(join(root, "CHANGELOG.md"), "utf8").repeat(2));
    const cache = reader.newCache();
    for (const context of [64, 512, 2048]) {
      cache.truncate(0);
      for (let at = 0; at < context; at += 64) await reader.read(cache, ids.slice(at, at + 64), []);
      const took = sizes.map((): number[] => []);
      for (let round = 0; round < 12; round++) {
        for (const [i, size] of sizes.entries()) {
          cache.truncate(context);
          const start = performance.now();
          await reader.read(cache, ids.slice(context, context + size), [...Array(size).keys()]);
          took[i]!.push(performance.now() - start);
        }
      }
      const [one, ...others] = took.map(median);
      lines.push(`| ${precision} | ${context} | ${others.map((it) => (it / one!).toFixed(2)).join(" | ")} |`);
    }
    reader.release();
    await model.dispose();
  }
  return [...lines, ""].join("\n");
}
