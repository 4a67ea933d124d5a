// What sparse attention and an 8-bit cache gain and lose: reading and writing at growing lengths side by side with dense
// attention, perplexity, facts that lie far back, and 20,000 tokens written with positions counted inside of the cache.
// `npm run bench -- attention 8` divides all lengths by 8, to try it out.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { visibilityOf } from "../src/engine/attention/visibility.js";
import { logSumExp } from "../src/engine/decode/likeliest.js";
import { loadModel, type LoadedModel } from "../src/engine/loadedModel.js";
import type { KvCache } from "../src/engine/ort/kvCache.js";
import { testCache } from "../src/engine/ort/selfTest.js";
import { openReader, type Reader } from "../src/engine/reader.js";
import { argmax } from "../src/engine/sampling/argmax.js";
import type { Attention } from "../src/protocol/attention.js";
import type { CacheType } from "../src/protocol/engine.js";
import { summary, type Measured } from "./statistics.js";

const root = join(import.meta.dirname, "../..");
const path = join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf");

const DIVISOR = Number(process.argv[3] ?? 1);
/** The last one leaves room in the model's 8,192 positions for what is decoded behind it. */
const LENGTHS = [1024, 2048, 4096, 8128].map((it) => Math.round(it / DIVISOR));
const LONGEST = LENGTHS.at(-1)!;
const PIECE = 256;
const ROUNDS = 2;
const DECODED = 24;
/** Perplexity is that of the second half: in the first, a window holds nearly everything. */
const SCORED = 4096 / DIVISOR;
const HAYSTACK = 2560 / DIVISOR;
const DEPTHS = [0.1, 0.3, 0.5, 0.7, 0.9];
const ENDLESS = 20_000 / DIVISOR;

interface Variant {
  readonly name: string;
  readonly attention: Exclude<Attention, "auto">;
  readonly cache: CacheType;
  /** How many times as fast as dense attention reading and writing must be at the longest length. */
  readonly prefillGoal?: number;
  readonly decodeGoal?: number;
}

const wide = Math.max(16, 1024 / DIVISOR);
const narrow = Math.max(8, 512 / DIVISOR);
const variants: readonly Variant[] = [
  { name: "dense", attention: { pattern: "dense" }, cache: "float32" },
  {
    name: "sinks 64 + window 1,024",
    attention: { pattern: "streaming", window: wide },
    cache: "float32",
    prefillGoal: 1.7,
    decodeGoal: 3,
  },
  {
    name: "sinks 64 + window 512",
    attention: { pattern: "streaming", window: narrow },
    cache: "float32",
    prefillGoal: 1.9,
    decodeGoal: 3,
  },
  { name: "4 local blocks + every 4th", attention: { pattern: "block-sparse" }, cache: "float32" },
  {
    name: "4 local blocks + 8 columns of each",
    attention: { pattern: "block-sparse", columns: 8 },
    cache: "float32",
  },
  { name: "dense, int8 cache", attention: { pattern: "dense" }, cache: "int8" },
];
/** Raced at all lengths; the others' speed lies between theirs. */
const raced = variants.filter((it) => !it.name.includes("columns"));

export async function benchAttention(): Promise<readonly Measured[]> {
  const { kind } = await testCache();
  const load = (cache: CacheType) =>
    loadModel(
      {
        spec: { path, contextTokens: Math.max(256, LONGEST + 64), threads: 2, cache },
        cacheKind: kind,
        defaultThreads: 2,
      },
      () => undefined,
    );
  const models = { float32: await load("float32"), int8: await load("int8") };
  const ids = models.float32.tokenizer.encode(shippedText());
  const need = LONGEST + DECODED;
  if (ids.length < need) throw new Error(`the project's texts have ${ids.length} tokens, and ${need} are needed`);
  const rows = await race(models, ids);
  rows.push(...(await lost(models, ids)));
  rows.push(...(await retrieval(models, ids)));
  rows.push(...(await endless(models.float32)));
  await models.float32.dispose();
  await models.int8.dispose();
  return rows;
}

/** The project's own texts, which every clone has. */
function shippedText(): string {
  const docs = readdirSync(join(root, "docs")).map((it) => join("docs", it));
  return ["ARCHITECTURE.md", "README.md", ...docs.filter((it) => it.endsWith(".md")), "CHANGELOG.md", "LICENSE"]
    .map((it) => readFileSync(join(root, it), "utf8"))
    .join("\n\n");
}

type Models = Readonly<Record<CacheType, LoadedModel>>;

function open(models: Models, { attention, cache }: Variant): Promise<Reader> {
  const model = models[cache];
  return openReader(model, { visibility: visibilityOf(attention, model.facts.contextTokens) });
}

/** Every variant reads the same text, one stretch after the other, so that all meet the same state of the machine. */
async function race(models: Models, ids: readonly number[]): Promise<Measured[]> {
  const readers = await Promise.all(raced.map((it) => open(models, it)));
  // The first run of a graph allocates what the others find.
  for (const it of readers) await it.read(it.newCache(), ids.slice(0, 16), []);
  const prefillMs = new Map<string, number[]>();
  const decodeMs = new Map<string, number[]>();
  const add = (to: Map<string, number[]>, key: string, ms: number) => to.set(key, [...(to.get(key) ?? []), ms]);
  for (let round = 0; round < ROUNDS; round++) {
    const caches = readers.map((it) => it.newCache());
    const total = raced.map(() => 0);
    for (const length of LENGTHS) {
      for (const [i, variant] of raced.entries()) {
        const [reader, cache] = [readers[i]!, caches[i]!];
        total[i]! += await timed(() => readUpTo(reader, cache, ids, length));
        add(prefillMs, `${variant.name} ${length}`, total[i]!);
        const ms: number[] = [];
        for (let step = 0; step < DECODED; step++) {
          const id = ids[cache.length]!;
          ms.push(await timed(() => reader.read(cache, [id], [0])));
        }
        add(decodeMs, `${variant.name} ${length}`, summary(ms).median);
      }
    }
  }
  readers.forEach((it) => it.release());
  const rows: Measured[] = [];
  for (const [what, times] of [
    ["prefill", prefillMs],
    ["decode", decodeMs],
  ] as const) {
    for (const { name, prefillGoal, decodeGoal } of raced) {
      for (const length of LENGTHS) {
        const own = times.get(`${name} ${length}`)!;
        rows.push(plain(`${what} at ${length}, ${name} (ms)`, summary(own)));
        const goal = length === LONGEST ? (what === "prefill" ? prefillGoal : decodeGoal) : undefined;
        if (name === "dense") continue;
        const ratios = times.get(`dense ${length}`)!.map((it, round) => it / own[round]!);
        const ratio = summary(ratios, "largest");
        rows.push({
          what: `${what} at ${length}, ${name}: times as fast as dense`,
          ...ratio,
          goal: goal === undefined ? "" : `at least ${goal}`,
          reached: goal === undefined || goal <= ratio.median,
        });
      }
    }
  }
  for (const { name } of raced) {
    const [first, last] = [LENGTHS[0]!, LONGEST].map((it) => prefillMs.get(`${name} ${it}`)!);
    const exponents = first!.map((it, round) => Math.log(last![round]! / it) / Math.log(LONGEST / LENGTHS[0]!));
    rows.push(plain(`growth exponent of prefill, ${name}`, summary(exponents)));
  }
  return rows;
}

async function readUpTo(reader: Reader, cache: KvCache, ids: readonly number[], length: number): Promise<void> {
  while (cache.length < length)
    await reader.read(cache, ids.slice(cache.length, Math.min(length, cache.length + PIECE)), []);
}

/** Nats a token that a text is less likely than under dense attention, and the KL of each next token's distribution. */
async function lost(models: Models, ids: readonly number[]): Promise<Measured[]> {
  const readers = await Promise.all(variants.map((it) => open(models, it)));
  const caches = readers.map((it) => it.newCache());
  const sums = variants.map(() => 0);
  const divergences = variants.map(() => 0);
  for (const [i, reader] of readers.entries()) await readUpTo(reader, caches[i]!, ids, SCORED / 2);
  for (let from = SCORED / 2; from < SCORED; from += 64) {
    const piece = ids.slice(from, Math.min(SCORED, from + 64));
    let dense: Float32Array | undefined;
    for (const [i, reader] of readers.entries()) {
      const logits = await reader.read(
        caches[i]!,
        piece,
        piece.map((_, row) => row),
      );
      dense ??= logits;
      const size = logits.length / piece.length;
      for (let row = 0; row < piece.length; row++) {
        const own = logits.subarray(row * size, (row + 1) * size);
        const [total, ofDense] = [logSumExp(own), dense.subarray(row * size, (row + 1) * size)];
        sums[i]! -= own[ids[from + row + 1]!]! - total;
        if (row % 8 === 0) divergences[i]! += 8 * kl(ofDense, own, total);
      }
    }
  }
  readers.forEach((it) => it.release());
  const tokens = SCORED / 2;
  return variants.flatMap(({ name }, i) => [
    plain(`perplexity of ${tokens} tokens behind ${tokens}, ${name}`, summary([Math.exp(sums[i]! / tokens)])),
    ...(i === 0
      ? []
      : [
          plain(`perplexity lost, ${name} (%)`, summary([100 * (Math.exp((sums[i]! - sums[0]!) / tokens) - 1)])),
          plain(`KL from dense, ${name} (nats)`, summary([divergences[i]! / tokens])),
        ]),
  ]);
}

function kl(p: Float32Array, q: Float32Array, totalOfQ: number): number {
  const totalOfP = logSumExp(p);
  let sum = 0;
  for (let id = 0; id < p.length; id++) {
    const logP = p[id]! - totalOfP;
    sum += Math.exp(logP) * (logP - q[id]! + totalOfQ);
  }
  return sum;
}

/** A fact is planted at five depths of a long text, and asked for at its end. */
async function retrieval(models: Models, ids: readonly number[]): Promise<Measured[]> {
  const { tokenizer } = models.float32;
  const fact = "The code of the safe in room 12 is";
  const answer = tokenizer.encode(" 7341");
  const rows: Measured[] = [];
  for (const variant of variants) {
    const reader = await open(models, variant);
    let found = 0;
    const logprobs: number[] = [];
    for (const depth of DEPTHS) {
      const at = Math.round(HAYSTACK * depth);
      const planted = tokenizer.encode(`\n\n${fact} 7341.\n\n`);
      const question = tokenizer.encode(`\n\n${fact}`);
      const prompt = [...ids.slice(0, at), ...planted, ...ids.slice(at, HAYSTACK), ...question];
      const cache = reader.newCache();
      await readUpTo(reader, cache, prompt, prompt.length - 1);
      let logits = await reader.read(cache, prompt.slice(-1), [0]);
      let logprob = 0;
      let isFound = true;
      for (const id of answer) {
        logprob += logits[id]! - logSumExp(logits);
        isFound &&= argmax(logits) === id;
        logits = await reader.read(cache, [id], [0]);
      }
      logprobs.push(logprob);
      if (isFound) found++;
    }
    reader.release();
    rows.push(
      plain(`a fact planted at five depths of ${HAYSTACK} tokens is found, ${variant.name} (of 5)`, summary([found])),
    );
    rows.push(
      plain(`its log-probability at depths ${DEPTHS.join(", ")}, ${variant.name}`, summary(logprobs, "largest")),
    );
  }
  return rows;
}

/** Text that is longer than the model was trained for: the same speed and memory at its end as at its beginning. */
async function endless(model: LoadedModel): Promise<Measured[]> {
  const visibility = visibilityOf({ pattern: "streaming", window: narrow, endless: true }, model.facts.contextTokens);
  const reader = await openReader(model, { visibility });
  const cache = reader.newCache();
  const stretch = Math.max(8, Math.floor(ENDLESS / 10));
  const medians: number[] = [];
  const memory: number[] = [];
  const begin = model.tokenizer.encode("Once upon a time, far away,");
  let logits = await reader.read(cache, begin, [begin.length - 1]);
  let times: number[] = [];
  for (let written = 1; written <= ENDLESS; written++) {
    // The likeliest of all tokens would go round in circles: the draw is seeded by the place.
    const id = drawn(logits, written, model.tokenizer.eos);
    times.push(await timed(async () => void (logits = await reader.read(cache, [id], [0]))));
    if (written % stretch !== 0) continue;
    medians.push(summary(times).median);
    memory.push(process.memoryUsage.rss() / 1e6);
    times = [];
  }
  reader.release();
  // The first stretch fills the window.
  const [second, last] = [medians[1]!, medians.at(-1)!];
  const grown = memory.at(-1)! - memory[1]!;
  return [
    plain(`endless: tokens written with sinks 64 + window 512`, summary([cache.length])),
    limit(`endless: a token of the last tenth against one of the second (times)`, last / second, 1.15),
    limit(`endless: memory that grew between them (MB)`, grown, 50),
    plain(`endless: a token (ms)`, summary(medians)),
  ];
}

/** One of the eight likeliest, never the end. */
function drawn(logits: Float32Array, seed: number, ends: ReadonlySet<number>): number {
  const best: number[] = [];
  const copy = logits.slice();
  for (const it of ends) copy[it] = -Infinity;
  for (let i = 0; i < 8; i++) {
    const id = argmax(copy);
    best.push(id);
    copy[id] = -Infinity;
  }
  const weights = best.map((id) => Math.exp(logits[id]! - logits[best[0]!]!));
  let left = ((Math.imul(seed, 2654435761) >>> 0) / 2 ** 32) * weights.reduce((sum, it) => sum + it, 0);
  return best.find((_, i) => (left -= weights[i]!) < 0) ?? best[0]!;
}

function plain(what: string, found: ReturnType<typeof summary>): Measured {
  return { what, ...found, goal: "", reached: true };
}

function limit(what: string, value: number, most: number): Measured {
  return { what, ...summary([value]), goal: `at most ${most}`, reached: value <= most };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
