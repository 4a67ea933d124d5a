/**
 * Entry point of a process that is thrown away: tries one device on small graphs, prints one line of JSON, and ends. It may
 * crash, hang or write whatever it likes: deviceProbe.ts, which starts it, loses nothing.
 *
 *     node probeProcess.js DEVICE
 */

import { InferenceSession, Tensor } from "onnxruntime-node";

import { messageOf } from "../../base/error.js";
import type { OnnxModel } from "../onnx/graphBuilder.js";
import type { AttentionFeature, ProbeAnswer, Speedup } from "./deviceProbe.js";
import { refuseTelemetry } from "./noTelemetry.js";
import { attentionGraph, attentionSizes, HEAD, layersGraph, type AttentionVariant } from "./probeGraphs.js";

const TOLERANCE = 1e-2;
/** The second kind may round its inputs to 8 bits, on either side. Values are at most 1. */
const products = [
  ["a product of packed weights", 1, TOLERANCE],
  ["a product of rounded inputs", 4, 0.15],
] as const;
/** Pieces of a prompt that are tried. Where the first comes out wrong, a device may still do with the second. */
const PIECES = [64, 16] as const;
/** Narrow as the smallest models are, and wide as those that fill a device. */
const TIMED = [
  { width: 640, layers: 8 },
  { width: 2048, layers: 4 },
] as const;
/** A step that takes longer says enough. */
const SLOW_MS = 1000;
const MOST_STEPS = 32;
const MOST_MS = 2000;
const features: readonly (readonly [AttentionFeature, AttentionVariant])[] = [
  ["soft cap", { softCap: 2 }],
  ["window", { window: 24 }],
];

/** A graph on the device and on the CPU. */
interface Pair {
  readonly onDevice: InferenceSession;
  readonly onCpu: InferenceSession;
}

async function probe(device: string): Promise<ProbeAnswer> {
  const plain = await pairOf(device, 1, () => attentionGraph({}));
  let worst = Infinity;
  const piece = await firstOf(PIECES, async (it) => (worst = await attentionError(plain, it)) <= TOLERANCE);
  if (piece === undefined) return { kind: "wrong", what: "attention", worst };
  for (const [what, level, tolerance] of products) {
    const layer = await pairOf(device, 1, () => layersGraph(TIMED[0].width, 1, level));
    worst = await layersError(layer, TIMED[0].width);
    if (!(worst <= tolerance)) return { kind: "wrong", what, worst };
  }
  const lacks: AttentionFeature[] = [];
  for (const [feature, variant] of features) {
    const pair = await pairOf(device, 1, () => attentionGraph(variant));
    if (!((await attentionError(pair, piece)) <= TOLERANCE)) lacks.push(feature);
  }
  const speedups: Speedup[] = [];
  for (const { width, layers: count } of TIMED) {
    const pair = await pairOf(device, count, () => layersGraph(width, count, 4));
    const ms = await stepMs(pair.onDevice, width, count);
    speedups.push({ width, times: (await stepMs(pair.onCpu, width, count)) / ms });
    if (SLOW_MS < ms) break;
  }
  const keeps = (await read(plain.onDevice, [8])).every((it) => it.staysOnDevice);
  return { kind: "right", speedups, keeps, lacks, ...(piece < PIECES[0] && { pieceTokens: piece }) };
}

async function firstOf<T>(all: readonly T[], isGood: (it: T) => Promise<boolean>): Promise<T | undefined> {
  for (const it of all) if (await isGood(it)) return it;
  return undefined;
}

/** A graph is used up by a session: it is made for each. */
async function pairOf(device: string, layers: number, graph: () => OnnxModel): Promise<Pair> {
  return { onDevice: await open(graph(), device, layers), onCpu: await open(graph(), "cpu", layers) };
}

async function open({ bytes, weights }: OnnxModel, device: string, layers: number): Promise<InferenceSession> {
  const session = { disable_cpu_ep_fallback: device === "cpu" ? "0" : "1" };
  return InferenceSession.create(bytes, {
    externalData: weights.map(({ name, data }) => ({ path: name, data })),
    logSeverityLevel: 4,
    executionProviders: [device],
    // The CPU may not help out: then the answer would say nothing of the device.
    extra: { session },
    // The binding knows tensors of this device alone.
    ...(device === "webgpu" && { preferredOutputLocation: cacheOnDevice(layers) }),
  });
}

function cacheOnDevice(layers: number) {
  const names = Array.from({ length: layers }, (_, layer) => [`presentKey.${layer}`, `presentValue.${layer}`]);
  return Object.fromEntries(names.flat().map((it) => [it, "gpu-buffer"] as const));
}

interface Output {
  readonly values: Float32Array;
  readonly staysOnDevice: boolean;
}

/** What attention gives for pieces of these lengths, one after the other; a negative one goes back so many positions. */
async function read(session: InferenceSession, lengths: readonly number[]): Promise<Output[]> {
  const outputs: Output[] = [];
  let past = emptyCaches(1, attentionSizes.kvHeads);
  let at = 0;
  for (const [i, count] of lengths.entries()) {
    if (0 < count) {
      const x = sines([1, count, attentionSizes.width], i);
      const { y, next } = await step(session, x, past, at + count);
      outputs.push({
        values: y.data as Float32Array,
        staysOnDevice: Object.values(next).every((it) => it.location === "gpu-buffer"),
      });
      past = next;
    }
    at += count;
  }
  return outputs;
}

/** The largest difference: a prompt in pieces, steps, and steps after going back, twice from one and the same cache. */
async function attentionError({ onDevice, onCpu }: Pair, piece: number): Promise<number> {
  const prompt = Array.from({ length: 64 / piece }, () => piece);
  const lengths = [...prompt, 1, 1, 5, -30, 1, 3, -30, 2, 1];
  const [found, expected] = [await read(onDevice, lengths), await read(onCpu, lengths)];
  return Math.max(...expected.map((it, i) => largestDifference(it.values, found[i]!.values)));
}

/** The largest difference, where the CPU's values are at most 1. */
async function layersError({ onDevice, onCpu }: Pair, width: number): Promise<number> {
  const run = async (session: InferenceSession) => {
    const x = sines([1, 8, width], 1);
    return (await step(session, x, emptyCaches(layersOf(session), width / HEAD), 8)).y.data as Float32Array;
  };
  return largestDifference(await run(onCpu), await run(onDevice));
}

/** NaN where one of the two is. */
function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, it, i) => Math.max(most, Math.abs(it - b[i]!)), 0);
}

/** Of one token, the half of the steps being faster. */
async function stepMs(session: InferenceSession, width: number, layers: number): Promise<number> {
  const times: number[] = [];
  let past = emptyCaches(layers, width / HEAD);
  const begin = performance.now();
  for (let i = 0; i < MOST_STEPS && performance.now() - begin < MOST_MS; i++) {
    const start = performance.now();
    const { next } = await step(session, sines([1, 1, width], i), past, i + 1);
    times.push(performance.now() - start);
    for (const it of new Set(Object.values(past))) it.dispose();
    past = next;
  }
  // The first step compiles.
  const warm = times.length === 1 ? times : times.slice(1).sort((a, b) => a - b);
  return warm[Math.floor(warm.length / 2)]!;
}

type Caches = Readonly<Record<string, Tensor>>;

async function step(session: InferenceSession, x: Tensor, past: Caches, total: number) {
  const results = await session.run({
    ...past,
    x,
    lastPositions: new Tensor("int32", Int32Array.of(total - 1), [1]),
    totalLength: new Tensor("int32", Int32Array.of(total), []),
  });
  const next = Object.fromEntries(Object.keys(past).map((it) => [it, results[it.replace("past", "present")]!]));
  return { y: results["y"]!, next };
}

function emptyCaches(layers: number, kvHeads: number): Caches {
  const names = Array.from({ length: layers }, (_, layer) => [`pastKey.${layer}`, `pastValue.${layer}`]).flat();
  return Object.fromEntries(names.map((it) => [it, new Tensor("float32", new Float32Array(0), [1, kvHeads, 0, HEAD])]));
}

function layersOf(session: InferenceSession): number {
  return session.inputNames.filter((it) => it.startsWith("pastKey.")).length;
}

function sines(dims: readonly number[], phase: number): Tensor {
  const size = dims.reduce((a, b) => a * b, 1);
  return new Tensor(
    "float32",
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + 7 * phase)),
    dims,
  );
}

refuseTelemetry();
const answer = await probe(process.argv[2] ?? "cpu").catch((error: unknown): ProbeAnswer => {
  return { kind: "absent", message: messageOf(error) };
});
process.stdout.write(`\n${JSON.stringify(answer)}\n`, () => process.exit(0));
