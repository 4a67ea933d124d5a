// Token masks over real schemas, at the embedded model's vocabulary and at a larger one, and what they cost while decoding.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { TillerError } from "../src/base/error.js";
import type { Json } from "../src/base/json.js";
import { silentLog } from "../src/base/log.js";
import { compileConstraint, type CompiledConstraint } from "../src/constraint/constraint.js";
import { createShared, type Shared } from "../src/constraint/shared.js";
import type { Vocabulary } from "../src/constraint/vocabulary.js";
import { createLocalEngine } from "../src/engine/localEngine.js";
import type { Tokenizer } from "../src/engine/tokenizer/tokenizer.js";
import type { ConstraintSpec } from "../src/protocol/constraint.js";
import { embeddedTokenizer, vocabularyOf } from "../test/constraint/masks/embeddedVocabulary.js";
import { rawAt } from "../test/constraint/masks/rawJson.js";
import { accepts, quantile, walkFolder, type MaskReport } from "../test/constraint/masks/walk.js";
import { summary, type Measured } from "./statistics.js";

const root = join(import.meta.dirname, "../..");
const folder = process.env["TILLER_MASKBENCH"] ?? join(root, "../shared/data/maskbench");
const LARGE_VOCABULARY = 150_000;
/** Walks over all schemas; the machine is shared, and what else runs on it only makes one slower. */
const ROUNDS = 3;

export async function benchMasks(): Promise<readonly Measured[]> {
  const rows: Measured[] = [...(await decoding())];
  if (!existsSync(folder)) throw new Error(`there are no schemas at ${folder}; name their folder in TILLER_MASKBENCH`);
  const tokenizer = await embeddedTokenizer(join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf"));
  for (const size of [tokenizer.vocabularySize, LARGE_VOCABULARY]) {
    const reports = Array.from(
      { length: ROUNDS },
      () => walkFolder(folder, tokenizer, vocabularyOf(tokenizer, size)).report,
    );
    const [{ passed, refused, rejectedValid, acceptedInvalid }] = reports as [MaskReport];
    const row = (what: string, value: (report: MaskReport) => number, most: number): Measured => {
      const found = summary(reports.map(value));
      return { what: `${what} at ${size} tokens (us)`, ...found, goal: `<= ${most}`, reached: found.best <= most };
    };
    console.error(
      `${passed} pass, ${refused} refused, ${rejectedValid} reject valid, ${acceptedInvalid} accept invalid`,
    );
    rows.push(
      row("first mask, p50", (it) => it.ttfmUs.p50, 2000),
      row("first mask, p99", (it) => it.ttfmUs.p99, 50_000),
      row("mask, p50", (it) => it.maskUs.p50, 50),
      row("mask, p90", (it) => it.maskUs.p90, 200),
      row("mask, p99", (it) => it.maskUs.p99, 2000),
      ...memory(tokenizer, size),
    );
  }
  return rows;
}

/** One schema in so many is weighed: collecting the garbage before and after each takes its time. */
const EVERY = 8;

/** What a schema holds on to, once it is compiled and all of its instances were walked. */
function memory(tokenizer: Tokenizer, size: number): readonly Measured[] {
  const vocabulary = vocabularyOf(tokenizer, size);
  const shared = createShared(vocabulary);
  const names = readdirSync(folder).filter((it) => it.endsWith(".json"));
  const sizes = names
    .filter((_, i) => i % EVERY === 0)
    .flatMap((name) => {
      const source = readFileSync(join(folder, name), "utf8");
      const { schema, tests } = JSON.parse(source) as { schema: Json; tests: readonly unknown[] };
      const before = heldBytes();
      const constraint = compiled(schema, vocabulary, shared);
      if (constraint === undefined) return [];
      tests.forEach((_, i) => accepts(constraint, rawAt(source, ["tests", i, "data"]), tokenizer, []));
      const after = heldBytes();
      return constraint.maskBytes() < 0 ? [] : [Math.max(0, after - before) / 1024];
    });
  return ([0.5, 0.9, 1] as const).map((share) => {
    const value = quantile(sizes, share);
    const what = `memory of a schema and its masks, ${share === 1 ? "most" : `p${share * 100}`} at ${size} tokens (KB)`;
    return { what, median: value, best: value, samples: sizes.length, goal: "", reached: true };
  });
}

function compiled(schema: Json, vocabulary: Vocabulary, shared: Shared): CompiledConstraint | undefined {
  try {
    return compileConstraint({ kind: "json", schema }, vocabulary, shared);
  } catch (error) {
    if (error instanceof TillerError) return undefined;
    throw error;
  }
}

function heldBytes(): number {
  globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
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
