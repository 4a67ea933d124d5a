// Token masks over real schemas, at the embedded model's vocabulary and at a larger one, and what they cost while decoding.

import { existsSync } from "node:fs";
import { join } from "node:path";

import { silentLog } from "../src/base/log.js";
import { createLocalEngine } from "../src/engine/localEngine.js";
import type { ConstraintSpec } from "../src/protocol/constraint.js";
import { embeddedTokenizer, vocabularyOf } from "../test/constraint/masks/embeddedVocabulary.js";
import { walkFolder } from "../test/constraint/masks/walk.js";
import { summary, type Measured } from "./statistics.js";

const root = join(import.meta.dirname, "../..");
const folder = process.env["TILLER_MASKBENCH"] ?? join(root, "../shared/data/maskbench");
const LARGE_VOCABULARY = 150_000;

export async function benchMasks(): Promise<readonly Measured[]> {
  const rows: Measured[] = [...(await decoding())];
  if (!existsSync(folder)) throw new Error(`there are no schemas at ${folder}; name their folder in TILLER_MASKBENCH`);
  const tokenizer = await embeddedTokenizer(join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf"));
  for (const size of [tokenizer.vocabularySize, LARGE_VOCABULARY]) {
    const before = process.memoryUsage().rss;
    const { report } = walkFolder(folder, tokenizer, vocabularyOf(tokenizer, size));
    const { ttfmUs, maskUs, schemas, passed, refused, rejectedValid, acceptedInvalid } = report;
    const row = (what: string, value: number, most: number): Measured => ({
      what: `${what} at ${size} tokens (us)`,
      median: value,
      best: value,
      samples: schemas,
      goal: `<= ${most}`,
      reached: value <= most,
    });
    const megabytes = (process.memoryUsage().rss - before) / 1e6;
    console.error(
      `${passed} pass, ${refused} refused, ${rejectedValid} reject valid, ${acceptedInvalid} accept invalid`,
    );
    rows.push(
      row("first mask, p50", ttfmUs.p50, 2000),
      row("first mask, p99", ttfmUs.p99, 50_000),
      row("mask, p50", maskUs.p50, 50),
      row("mask, p90", maskUs.p90, 200),
      row("mask, p99", maskUs.p99, 2000),
      {
        what: `memory after all schemas at ${size} tokens (MB)`,
        median: megabytes,
        best: megabytes,
        samples: schemas,
        goal: "",
        reached: true,
      },
    );
  }
  return rows;
}

/** Tokens for a second under a schema, and freely; turn by turn. */
async function decoding(): Promise<readonly Measured[]> {
  const engine = createLocalEngine({ log: silentLog });
  const path = join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf");
  const item = {
    type: "object",
    properties: { name: { type: "string" }, note: { type: "string" } },
    required: ["name", "note"],
  };
  const constraint: ConstraintSpec = {
    kind: "json",
    schema: { type: "array", items: item, minItems: 5 },
    spaces: true,
  };
  const rate = async (constraint?: ConstraintSpec): Promise<number> => {
    const request = {
      model: { path, threads: 2 },
      prompt: {
        type: "messages",
        messages: [{ role: "user", content: "List the planets as JSON, each with a note." }],
      },
      maxTokens: 400,
      sampling: { temperature: 1, seed: 5, ...(constraint === undefined && { logitBias: { 2: -100, 0: -100 } }) },
      ...(constraint && { constraint }),
    } as const;
    const { usage } = await engine.generate(request, () => undefined, new AbortController().signal);
    return (usage.completionTokens / usage.decodeMs) * 1000;
  };
  await rate(constraint);
  await rate();
  const ratios: number[] = [];
  for (let i = 0; i < 6; i++) {
    const free = await rate();
    ratios.push((await rate(constraint)) / free);
  }
  await engine.dispose();
  const found = summary(ratios, "largest");
  return [
    { what: "decode under a JSON schema, ratio to free text", ...found, goal: ">= 0.9", reached: 0.9 <= found.median },
  ];
}
