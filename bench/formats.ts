// Formats and architectures against llama.cpp: the same file, turn by turn; and whether llama.cpp reads what
// `tiller quantize` writes and finds the same probabilities in it. `npm run bench -- formats 1` tries it with one round, and
// `npm run bench -- formats 1 qwen3moe` only the rows with that word.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { silentLog } from "../src/base/log.js";
import { openModelFile } from "../src/engine/gguf/modelFile.js";
import { createLocalEngine, type LocalEngine } from "../src/engine/localEngine.js";
import { planTypes, type Override } from "../src/engine/quantize/plan.js";
import { quantizeModel } from "../src/engine/quantize/quantizeModel.js";
import { sampleText } from "../src/engine/quantize/sampleText.js";
import { writableTypes, type WritableType } from "../src/engine/quantize/writableTypes.js";
import type { ModelSpec } from "../src/protocol/engine.js";
import { installLlama } from "./peers/install.js";
import { pipePeer, type PipePeer, type Timing } from "./peers/peer.js";
import { writeRandomModel, type RandomShape } from "./randomModel.js";
import { median } from "./statistics.js";

const root = join(import.meta.dirname, "../..");
const shipped = join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf");
/** To try it out on a machine that others use: there, threads of llama.cpp that wait for each other stand nearly still. */
const THREADS = Number(process.env["TILLER_BENCH_THREADS"] ?? 2);
const CONTEXT = 768;
const ROUNDS = 4;
const SHORT = 64;
const LONG = 512;
const DECODED = 24;
/** Of the check: tokens of a text that is read, and tokens that llama.cpp writes behind it. */
const READ = 96;
const WRITTEN = 48;
/** llama.cpp rounds activations to 8 bits, and we do not in `exact`: this much is that, and a wrong weight is more. */
const MOST_DIFFERENCE = 0.1;

interface Entry {
  readonly architecture: string;
  readonly format: string;
  readonly model: string;
  make(out: string): Promise<void>;
}

const dense: RandomShape = {
  architecture: "llama",
  layers: 12,
  hidden: 1024,
  heads: 16,
  kvHeads: 4,
  headSize: 64,
  feedForward: 2816,
};
const mixture: RandomShape = {
  ...dense,
  architecture: "qwen3moe",
  feedForward: 512,
  experts: { count: 24, used: 4 },
};

const races: readonly Entry[] = [
  ...(["Q4_1", "Q4_0", "Q8_0"] as const).map((it) => embedded(it, it)),
  embedded(
    "Q4_K_M",
    "Q4_K",
    // Rows of 576 values are no blocks of 256: only the way back of the feed-forward network can be what it is in larger models.
    moreBits(30).flatMap((i) => [
      { pattern: `blk.${i}.ffn_down.weight`, type: "Q6_K" },
      { pattern: `blk.${i}.attn_v.weight`, type: "Q8_0" },
    ]),
  ),
  random("random, 0.24 billion weights", dense, "Q4_K_M", (name) => typeInMix(name, dense.layers)),
  ...(["Q4_0", "Q8_0"] as const).map((type) =>
    random("random, 24 experts, 4 used", mixture, type, (name) => (isVocabulary(name) ? "Q8_0" : type)),
  ),
  random("random, 24 experts, 4 used", mixture, "Q4_K_M", (name) => typeInMix(name, mixture.layers)),
];

/** A row of the table, but for its first cells. */
interface Race {
  readonly decodeShort: Rates;
  readonly decodeLong: Rates;
  readonly prefill: Rates;
}

/** Tokens a second, round by round. */
interface Rates {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

interface Agreement {
  /** Perplexity of what llama.cpp wrote, as it finds it and as we do. */
  readonly theirs: number;
  readonly ours: number;
  /** Mean of what the logarithms of a token's probability differ by. */
  readonly difference: number;
  /** Tokens that are our likeliest too. */
  readonly same: number;
}

export async function benchFormats(rounds = ROUNDS, only = ""): Promise<string> {
  const python = installLlama(root);
  const folder = mkdtempSync(join(tmpdir(), "tiller-formats-"));
  const engine = createLocalEngine({ log: silentLog });
  const llama = (path: string) =>
    pipePeer(
      "llama.cpp",
      python,
      [join(root, "bench/peers/llamaServer.py"), path, String(CONTEXT), String(THREADS)],
      root,
    );
  const speeds: string[] = [];
  const agreements: string[] = [];
  try {
    for (const entry of races.filter((it) => titleOf(it).includes(only))) {
      const path = join(folder, "race.gguf");
      await entry.make(path);
      const peer = await llama(path);
      speeds.push(speedRow(entry, path, await race(engine, peer, path, rounds), await agree(engine, peer, path)));
      console.error(speeds.at(-1));
      peer.close();
    }
    for (const type of writableTypes.filter((it) => it.includes(only))) {
      const path = join(folder, "check.gguf");
      await quantizeEmbedded(path, type, []);
      const peer = await llama(path);
      agreements.push(agreementRow(type, path, await agree(engine, peer, path)));
      console.error(agreements.at(-1));
      peer.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await engine.dispose();
  return report(speeds, agreements);
}

function titleOf({ architecture, format }: Entry): string {
  return `${architecture} ${format}`;
}

// ------------------------------------------------------------------------------------------------ files

function embedded(format: string, type: WritableType, overrides: readonly Override[] = []): Entry {
  const make = (out: string) => quantizeEmbedded(out, type, overrides);
  return { architecture: "llama", format, model: "SmolLM2-135M", make };
}

async function quantizeEmbedded(out: string, type: WritableType, overrides: readonly Override[]): Promise<void> {
  const file = await openModelFile(shipped);
  const plan = planTypes(file.tensors, type, overrides);
  const options = { signal: new AbortController().signal, onProgress: () => undefined };
  await quantizeModel(file, out, { plan, type }, options);
  file.close();
}

function random(model: string, shape: RandomShape, format: string, typeOf: (name: string) => WritableType): Entry {
  const type = (name: string) => (name.includes("ffn_gate_inp") ? "F32" : typeOf(name));
  return {
    architecture: shape.architecture,
    format,
    model,
    make: (out) => writeRandomModel(out, shape, type, shipped),
  };
}

function isVocabulary(name: string): boolean {
  return name === "token_embd.weight" || name === "output.weight";
}

/** llama.cpp's mixture of that name: 6 bits for the output and, in half of the layers, for values and the way back. */
function typeInMix(name: string, layers: number): WritableType {
  if (name === "output.weight") return "Q6_K";
  const isSensitive = /attn_v|ffn_down/.test(name) && moreBits(layers).includes(Number(name.split(".")[1]));
  return isSensitive ? "Q6_K" : "Q4_K";
}

/** The first and last eighth of the layers, and every third between them. */
function moreBits(layers: number): number[] {
  const eighth = Math.floor(layers / 8);
  const isOne = (i: number) => i < eighth || Math.floor((7 * layers) / 8) <= i || (i - eighth) % 3 === 2;
  return Array.from({ length: layers }, (_, i) => i).filter(isOne);
}

// ------------------------------------------------------------------------------------------------ measuring

async function race(engine: LocalEngine, llama: PipePeer, path: string, rounds: number): Promise<Race> {
  const model: ModelSpec = { path, threads: THREADS, contextTokens: CONTEXT };
  const signal = new AbortController().signal;
  const ours = async (ids: readonly number[]): Promise<Timing> => {
    // A text that ends early would be no race.
    const request = {
      model,
      prompt: { type: "ids", ids },
      maxTokens: DECODED,
      sampling: { logitBias: { 0: -1e9, 2: -1e9 } },
    };
    const { usage } = await engine.generate(request as Parameters<LocalEngine["generate"]>[0], () => undefined, signal);
    if (usage.completionTokens !== DECODED || 0 < usage.cachedTokens)
      throw new Error("the race was not run to its end");
    return usage;
  };
  const timings: Record<number, { ours: Timing[]; theirs: Timing[] }> = {
    [SHORT]: { ours: [], theirs: [] },
    [LONG]: { ours: [], theirs: [] },
  };
  for (let round = -1; round < rounds; round++) {
    for (const context of [SHORT, LONG]) {
      // Other ids each time, so that nobody finds them in a cache.
      const ids = Array.from({ length: context }, (_, i) => ((i * 7919 + (round + 2) * 131 + context) % 40000) + 100);
      const [one, other] = [await ours(ids), await llama.run(ids, DECODED)];
      if (round < 0) continue;
      timings[context]!.ours.push(one);
      timings[context]!.theirs.push(other);
    }
  }
  await engine.unload({ model }, () => undefined, signal);
  const rates = (context: number, rate: (it: Timing) => number): Rates => ({
    ours: timings[context]!.ours.map(rate),
    theirs: timings[context]!.theirs.map(rate),
  });
  const decode = (it: Timing) => ((DECODED - 1) / it.decodeMs) * 1000;
  return {
    decodeShort: rates(SHORT, decode),
    decodeLong: rates(LONG, decode),
    prefill: rates(LONG, (it) => (LONG / it.prefillMs) * 1000),
  };
}

/** llama.cpp continues a text; we say how likely each of its tokens is. */
async function agree(engine: LocalEngine, llama: PipePeer, path: string): Promise<Agreement> {
  const model: ModelSpec = { path, threads: THREADS, contextTokens: CONTEXT, precision: "exact" };
  const signal = new AbortController().signal;
  const none = () => undefined;
  const text = { type: "text", text: sampleText } as const;
  const { ids } = await engine.tokenize({ model, prompt: text }, none, signal);
  const read = ids.slice(0, READ);
  const written = await llama.write(read, WRITTEN);
  const all = [...read, ...written.ids];
  const { logprobs, top } = await engine.score({ model, prompt: { type: "ids", ids: all }, top: 1 }, none, signal);
  await engine.unload({ model }, none, signal);
  const own = logprobs.slice(read.length).map((it) => it!);
  const perplexity = (of: readonly number[]) => Math.exp(-mean(of));
  return {
    theirs: perplexity(written.logprobs),
    ours: perplexity(own),
    difference: mean(own.map((it, i) => Math.abs(it - written.logprobs[i]!))),
    same: written.ids.filter((id, i) => top[read.length + i - 1]![0]!.id === id).length,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, it) => sum + it, 0) / values.length;
}

// ------------------------------------------------------------------------------------------------ writing down

function report(speeds: readonly string[], agreements: readonly string[]): string {
  return [
    `Threads of each: ${THREADS}. Turn by turn, ${DECODED} tokens are written behind a prompt of ${SHORT} and one of ${LONG}. Ratios are Tiller's rate to`,
    "llama.cpp's on the same file: the median over the rounds, then best to best in brackets; above 1 Tiller is faster. All files were made by",
    "`tiller quantize`, or with its formats where weights are random.",
    "",
    line([
      "architecture",
      "format",
      "model",
      "MB",
      `decode at ${SHORT}`,
      `decode at ${LONG}`,
      `prefill of ${LONG}`,
      "tokens/s, tiller to llama.cpp (decode, prefill)",
      "loaded by llama.cpp",
    ]),
    line(Array.from({ length: 9 }, () => "---")),
    ...speeds,
    "",
    "## Where Tiller is slower, and why",
    "",
    "Most of a dense model's step behind a short prompt are products of one token with packed weights, in onnxruntime's kernels. llama.cpp rearranges",
    "Q4_0 and Q4_K into eight interleaved rows while it loads (its log says `q4_0_8x8`, `q4_K_8x8`), and its kernels for those are faster for",
    "one token; it does not do so for Q4_1, where both are about equal. Eight bits (Q8_0, Q6_K) are slower in onnxruntime for one token as well.",
    "With many tokens at once (prefill) onnxruntime's kernels are the faster ones, and the longer the context, the more attention counts, which is",
    "faster here too. Block sums for 4-bit types with minimums (Q4_1, Q4_K) are 4 to 9 % of a step; in a mixture every expert of a layer is a few",
    "operators more, chosen or not. (The build of llama.cpp that Python's package",
    "registry has uses AVX2, no AVX-512.)",
    "",
    "## What llama.cpp finds in our files",
    "",
    `The embedded model in each type that \`tiller quantize\` writes. llama.cpp reads ${READ} tokens of a text and writes ${WRITTEN}, the likeliest`,
    "each time. Perplexity of those by both, what the logarithms of a token's probability differ by on average, and how many are our likeliest",
    "too. Tiller computes in `exact`; llama.cpp rounds activations to 8 bits. K-types need rows of whole 256 values, which only `ffn_down`",
    "has here; the random models above have them everywhere.",
    "",
    line([
      "type",
      "MB",
      "loaded",
      "perplexity, llama.cpp",
      "perplexity, tiller",
      "mean difference",
      "same token",
      "agree",
    ]),
    line(Array.from({ length: 8 }, () => "---")),
    ...agreements,
  ].join("\n");
}

function speedRow({ architecture, format, model }: Entry, path: string, found: Race, agreement: Agreement): string {
  const best = ({ ours, theirs }: Rates) => `${Math.max(...ours).toFixed(0)} to ${Math.max(...theirs).toFixed(0)}`;
  return line([
    architecture,
    format,
    model,
    megabytes(path),
    ratio(found.decodeShort),
    ratio(found.decodeLong),
    ratio(found.prefill),
    `${best(found.decodeShort)}, ${best(found.prefill)}`,
    `yes: ${agreement.same} of ${WRITTEN} tokens are ours, differing by ${agreement.difference.toFixed(3)}`,
  ]);
}

function ratio({ ours, theirs }: Rates): string {
  const ratios = ours.map((it, i) => it / theirs[i]!);
  return `${median(ratios).toFixed(2)} (${(Math.max(...ours) / Math.max(...theirs)).toFixed(2)})`;
}

function agreementRow(type: string, path: string, { theirs, ours, difference, same }: Agreement): string {
  return line([
    type,
    megabytes(path),
    "yes",
    theirs.toFixed(3),
    ours.toFixed(3),
    difference.toFixed(4),
    `${same} of ${WRITTEN}`,
    Number.isFinite(theirs) && difference < MOST_DIFFERENCE ? "yes" : "no",
  ]);
}

function megabytes(path: string): string {
  return (statSync(path).size / 1e6).toFixed(0);
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
