/** What a model costs and how well it does on a text, beside the model that it was made from. */

import { readFileSync } from "node:fs";

import { TillerError } from "../../base/error.js";
import { logSumExp } from "../decode/likeliest.js";
import { loadModel, type LoadedModel } from "../loadedModel.js";
import type { KvCache } from "../ort/kvCache.js";
import { testCache } from "../ort/selfTest.js";
import { openReader, type Reader } from "../reader.js";
import { argmax } from "../sampling/argmax.js";

export interface MeasuredModel {
  readonly path: string;
  readonly sizeBytes: number;
  /** Of all its weights together. */
  readonly bitsPerWeight: number;
  readonly prefillTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
  /** Processor time of all threads, to write 1,000 tokens. */
  readonly cpuSecondsPer1000: number;
  /** Where the system tells (Linux on Intel and AMD, and only if it lets us read it). */
  readonly joulesPer1000?: number;
  readonly perplexity: number;
  /** Against the source; none for the source itself. */
  readonly agreement?: Agreement;
}

export interface Agreement {
  /** Mean KL divergence, source to this model, in nats a token. */
  readonly meanKl: number;
  /** Part of the places at which both find the same token likeliest. */
  readonly sameTop: number;
}

/** What the source says, to compare others with. */
export interface Reference {
  readonly ids: readonly number[];
  /** Log-probabilities [ids.length - 1, vocabulary], one row a place. */
  readonly rows: readonly Float32Array[];
}

export interface MeasureOptions {
  readonly text: string;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onProgress: (what: string) => void;
}

/** Tokens of the text that are read; fewer with a shorter context. */
const MOST_TOKENS = 640;
/** Log-probabilities of the source that are kept: 400 MB. */
const MOST_NUMBERS = 1e8;
const PIECE = 64;
const PREFILL = 256;
const STEPS = 48;
/** The best of so many tries counts: others on the machine can only make it slower. */
const TRIES = 3;

/** Runs the model in fast mode. Rejects with `usage` where the reference has another vocabulary, and with the signal's reason. */
export async function measureModel(
  path: string,
  reference: Reference | undefined,
  { text, threads, signal, onProgress }: MeasureOptions,
): Promise<{ readonly measured: MeasuredModel; readonly reference: Reference }> {
  const { kind } = await testCache();
  onProgress("loading");
  const model = await loadModel({ spec: { path, threads }, cacheKind: kind, defaultThreads: threads }, () => undefined);
  const reader = await openReader(model, {});
  try {
    const ids = idsOf(model, text);
    if (reference !== undefined && !isSame(ids, reference.ids))
      throw new TillerError("usage", `${path} cuts the text into other tokens than the source: it is another model.`);
    onProgress("measuring speed");
    const speed = await measureSpeed(model, reader, ids, signal);
    const rows: Float32Array[] = [];
    let surprise = 0;
    let divergence = 0;
    let same = 0;
    const cache = model.caches.newCache(model.facts.contextTokens);
    const places = ids.length - 1;
    for (let from = 0; from < places; from += PIECE) {
      signal.throwIfAborted();
      onProgress(`reading the text, ${from} of ${places} tokens`);
      const piece = ids.slice(from, Math.min(from + PIECE, places));
      const logits = await reader.read(cache, piece, [...piece.keys()]);
      const size = logits.length / piece.length;
      piece.forEach((_, i) => {
        const place = from + i;
        const row = logits.slice(i * size, (i + 1) * size);
        const total = logSumExp(row);
        for (let id = 0; id < size; id++) row[id]! -= total;
        surprise -= row[ids[place + 1]!]!;
        if (reference === undefined) rows.push(row);
        else {
          divergence += divergenceOf(reference.rows[place]!, row);
          if (argmax(row) === argmax(reference.rows[place]!)) same++;
        }
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { sizeBytes, parameterCount } = model.facts.facts;
    const measured = {
      path,
      sizeBytes,
      bitsPerWeight: (8 * sizeBytes) / parameterCount,
      ...speed,
      perplexity: Math.exp(surprise / places),
      ...(reference !== undefined && { agreement: { meanKl: divergence / places, sameTop: same / places } }),
    };
    return { measured, reference: reference ?? { ids, rows } };
  } finally {
    reader.release();
    await model.dispose();
  }
}

function idsOf({ tokenizer, facts, shape }: LoadedModel, text: string): number[] {
  const ids = tokenizer.encode(text);
  const all = tokenizer.addBos && tokenizer.bos !== undefined ? [tokenizer.bos, ...ids] : ids;
  if (all.length < 2) throw new TillerError("usage", "The text to compare models on needs at least two tokens.");
  return all.slice(0, Math.min(MOST_TOKENS, facts.contextTokens, Math.floor(MOST_NUMBERS / shape.vocabularySize)));
}

async function measureSpeed(model: LoadedModel, reader: Reader, ids: readonly number[], signal: AbortSignal) {
  const prompt = ids.slice(0, Math.min(PREFILL, Math.floor(ids.length / 2)));
  const steps = Math.min(STEPS, ids.length - prompt.length);
  let prefillMs = Infinity;
  let best = { wallMs: Infinity, cpuSeconds: Infinity, joules: undefined as number | undefined };
  for (let attempt = 0; attempt < TRIES; attempt++) {
    signal.throwIfAborted();
    const cache = model.caches.newCache(model.facts.contextTokens);
    const start = performance.now();
    await readPieces(reader, cache, prompt);
    prefillMs = Math.min(prefillMs, performance.now() - start);
    await new Promise((resolve) => setImmediate(resolve));
    const before = { cpu: process.cpuUsage(), energy: energyMicrojoules(), wall: performance.now() };
    for (let step = 0; step < steps; step++) await reader.read(cache, [ids[prompt.length + step]!], [0]);
    const wallMs = performance.now() - before.wall;
    const cpu = process.cpuUsage(before.cpu);
    const energy = energyMicrojoules();
    if (wallMs < best.wallMs) {
      const used = energy === undefined || before.energy === undefined ? -1 : energy - before.energy;
      const joules = used < 0 ? undefined : used / 1e6; // the counter may have begun anew
      best = { wallMs, cpuSeconds: (cpu.user + cpu.system) / 1e6, joules };
    }
  }
  return {
    prefillTokensPerSecond: (1000 * prompt.length) / prefillMs,
    decodeTokensPerSecond: (1000 * steps) / best.wallMs,
    cpuSecondsPer1000: (1000 * best.cpuSeconds) / steps,
    ...(best.joules !== undefined && { joulesPer1000: (1000 * best.joules) / steps }),
  };
}

async function readPieces(reader: Reader, cache: KvCache, ids: readonly number[]): Promise<void> {
  for (let from = 0; from < ids.length; from += 2 * PIECE) {
    const piece = ids.slice(from, from + 2 * PIECE);
    await reader.read(cache, piece, [piece.length - 1]);
  }
}

/** A counter of the whole processor; undefined where there is none or it may not be read. */
function energyMicrojoules(): number | undefined {
  try {
    return Number(readFileSync("/sys/class/powercap/intel-rapl:0/energy_uj", "utf8"));
  } catch {
    return undefined; // most systems keep it to themselves
  }
}

function divergenceOf(expected: Float32Array, found: Float32Array): number {
  let sum = 0;
  for (let id = 0; id < expected.length; id++) sum += Math.exp(expected[id]!) * (expected[id]! - found[id]!);
  return sum;
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((it, i) => it === other[i]);
}
