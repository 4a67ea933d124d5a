// What adapters cost: switching, a step with one, a step of four side by side, memory.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { placeOf, type AdaptedModel, type LowRank } from "../src/engine/adapters/adapter.js";
import { modelForAdapters } from "../src/engine/adapters/modelForAdapters.js";
import { writeAdapter } from "../src/engine/adapters/writeAdapter.js";
import { prefill } from "../src/engine/decode/prefill.js";
import { openRows } from "../src/engine/decode/rows.js";
import { openModelFile } from "../src/engine/gguf/modelFile.js";
import { readShape } from "../src/engine/graph/decoderGraph.js";
import type { Hooks } from "../src/engine/graph/hooks.js";
import { loadModel, type LoadedModel } from "../src/engine/loadedModel.js";
import { testCache } from "../src/engine/ort/selfTest.js";
import { openReader } from "../src/engine/reader.js";
import type { Adaptation } from "../src/protocol/adapter.js";
import { median, summary, type Measured } from "./statistics.js";

const root = join(import.meta.dirname, "../..");
const path = join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf");
const samples = ["pirate", "terse", "commit-message"].map((it) => join(root, "examples/adapters", it));
const vector = join(root, "test/golden/cheerful.control-vector.gguf");
const signal = new AbortController().signal;

const SWITCHES = 12;
const STEPS = 24;
const races = [
  { context: 64, rounds: 10 },
  { context: 512, rounds: 6 },
  { context: 2048, rounds: 3 },
] as const;

const using = (...paths: readonly string[]): Adaptation => ({ adapters: paths.map((it) => ({ path: it })) });

export async function benchAdapters(): Promise<readonly Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), "tiller-adapters-"));
  try {
    return await measured(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measured(folder: string): Promise<readonly Measured[]> {
  const everywhere = join(folder, "everywhere");
  const file = await openModelFile(path);
  writeEverywhere(everywhere, modelForAdapters(file, readShape(file)));
  file.close();
  const { kind } = await testCache();
  const spec = { path, contextTokens: 2048 + 4 * STEPS, threads: 2 };
  const model = await loadModel(
    // Whoever is busy makes no graphs on the side.
    { spec, cacheKind: kind, defaultThreads: 2, isBusy: () => true },
    () => undefined,
  );
  const rows = [...(await firstAdapter(model, everywhere)), ...(await switches(model, everywhere, folder))];
  rows.push(...(await ownGraph(model, everywhere)));
  for (const race of races) rows.push(...(await steps(model, everywhere, race)));
  rows.push(...(await memory(model, everywhere)));
  await model.dispose();
  return rows;
}

/** The graph with hooks is made when a model meets its first adapter of a form. */
async function firstAdapter(model: LoadedModel, everywhere: string): Promise<Measured[]> {
  const before = process.memoryUsage.rss();
  const ms = await timed(() => opened(model, using(everywhere)));
  const megabytes = (process.memoryUsage.rss() - before) / 1e6;
  return [
    { what: "the first adapter of a model: a second graph, once (ms)", ...one(ms), goal: "", reached: true },
    { what: "memory of that second graph (MB)", ...one(megabytes), goal: "", reached: true },
  ];
}

async function switches(model: LoadedModel, everywhere: string, folder: string): Promise<Measured[]> {
  const first: number[] = [];
  const again: number[] = [];
  for (let round = 0; round < SWITCHES; round++) {
    const copy = join(folder, String(round));
    cpSync(everywhere, copy, { recursive: true });
    first.push(await timed(() => opened(model, using(copy))));
    await opened(model, using(samples[0]!));
    again.push(await timed(() => opened(model, using(copy))));
  }
  return [
    limit("switch to a LoRA of rank 8 on all modules, first use from disk (ms)", first, 100),
    limit("switch to it again (ms)", again, 5),
  ];
}

/** What is made when adapters have written much and nobody waits (src/engine/fixAdapters.ts). */
async function ownGraph(model: LoadedModel, everywhere: string): Promise<Measured[]> {
  const adapted = await model.shelf.adapted(using(everywhere));
  const before = process.memoryUsage.rss();
  const ms = await timed(() => model.decoders.fix(adapted));
  const megabytes = (process.memoryUsage.rss() - before) / 1e6;
  return [
    {
      what: "a graph of its own for one set of adapters, while nobody waits (ms)",
      ...one(ms),
      goal: "",
      reached: true,
    },
    { what: "memory of that graph (MB)", ...one(megabytes), goal: "", reached: true },
  ];
}

async function opened(model: LoadedModel, adaptation: Adaptation): Promise<void> {
  (await openReader(model, adaptation)).release();
}

/**
 * Steps of one token each, turn by turn: plain, with neutral hooks, with one adapter as inputs and as constants of a graph of
 * its own, and four rows with four adapters.
 */
async function steps(model: LoadedModel, everywhere: string, race: (typeof races)[number]): Promise<Measured[]> {
  const four = [...samples, everywhere].map((it) => using(it));
  const adapted = await model.shelf.adapted(using(everywhere));
  const { hooks } = adapted;
  const lines: Readonly<Record<string, () => Promise<number[]>>> = {
    plain: () => stepTimes(model, {}, race.context),
    neutral: () => stepTimes(model, {}, race.context, hooks),
    vector: () => stepTimes(model, using(vector), race.context),
    attention: () => stepTimes(model, using(samples[0]!), race.context),
    // Hooks that are asked for beside those of the adapter keep it on the graph with inputs.
    one: () => stepTimes(model, using(everywhere), race.context, hooks),
    fixed: () => stepTimes(model, using(everywhere), race.context),
    four: () => rowTimes(model, four, race.context),
  };
  const times: Record<string, number[]> = {};
  for (let round = -1; round < race.rounds; round++)
    for (const [name, run] of Object.entries(lines)) {
      const found = await run();
      if (0 <= round) (times[name] ??= []).push(median(found));
    }
  const at = `at ${race.context}`;
  const ratio = (name: string, to: string) => times[name]!.map((it, i) => it / times[to]![i]!);
  const slower = (name: string) => ratio(name, "plain").map((it) => (1 - 1 / it) * 100);
  return [
    ...Object.entries(times).map(([name, all]) => ({
      what: `a step ${at}, ${titles[name]!} (ms)`,
      ...summary(all),
      goal: "",
      reached: true,
    })),
    limit(
      `hooks that do nothing, ${at} (ms more a step)`,
      times["neutral"]!.map((it, i) => it - times["plain"]![i]!),
      2,
    ),
    limit(`decode speed lost to a control vector, ${at} (%)`, slower("vector"), 3),
    { what: `decode speed lost to rank 8 on q, k, v and o, until it has a graph of its own, ${at} (%)`, ...summary(slower("attention")), goal: "", reached: true }, // prettier-ignore
    { what: `decode speed lost to rank 8 on all modules, until it has a graph of its own, ${at} (%)`, ...summary(slower("one")), goal: "", reached: true }, // prettier-ignore
    limit(`decode speed lost to rank 8 on all modules, ${at} (%)`, slower("fixed"), 15),
    limit(`four rows with four adapters to one row with one, ${at}`, ratio("four", "one"), 2.5),
    limit(`four rows with four adapters to one row without, ${at}`, ratio("four", "plain"), 2.5),
  ];
}

const titles: Readonly<Record<string, string>> = {
  plain: "without adapters",
  neutral: "with the hooks of an adapter and nothing in them",
  vector: "with a control vector",
  attention: "with one of rank 8 on q, k, v and o",
  one: "with one of rank 8 on all modules",
  fixed: "with one of rank 8 on all modules, in a graph of its own",
  four: "of four rows with four adapters",
};

async function stepTimes(
  model: LoadedModel,
  adaptation: Adaptation,
  context: number,
  hooks?: Hooks,
): Promise<number[]> {
  const reader = await openReader(model, adaptation, hooks);
  const ids = promptOf(context);
  const lease = reader.lease(ids);
  await prefill(reader, lease, ids, { signal });
  const found: number[] = [];
  for (let step = 0; step < STEPS; step++) found.push(await timed(() => reader.read(lease.cache, [300 + step], [0])));
  lease.release();
  reader.release();
  return found;
}

async function rowTimes(model: LoadedModel, adaptations: readonly Adaptation[], context: number): Promise<number[]> {
  const prompts = adaptations.map((adaptation) => ({ ids: promptOf(context), adaptation }));
  const rows = await openRows(model, prompts);
  await rows.begin({ signal });
  const found: number[] = [];
  for (let step = 0; step < STEPS; step++)
    found.push(await timed(() => rows.append(adaptations.map(() => [300 + step]))));
  rows.release();
  return found;
}

function promptOf(context: number): number[] {
  return Array.from({ length: context }, (_, i) => ((i * 7919 + context) % 40000) + 100);
}

/** Rank 8 on all seven modules of all layers, small values of no meaning. */
function writeEverywhere(to: string, model: AdaptedModel): void {
  const lowRank = new Map<string, LowRank>();
  const values = (count: number) => Float32Array.from({ length: count }, (_, i) => 0.01 * Math.sin(i * 12.9898));
  for (let layer = 0; layer < model.shape.layers; layer++)
    for (const it of model.modules) {
      const part = { rank: 8, a: values(8 * it.columns), b: values(8 * it.rows), scaling: 1 };
      lowRank.set(placeOf(layer, it), part);
    }
  writeAdapter(to, { name: "everywhere", lowRank }, model);
}

async function memory(model: LoadedModel, everywhere: string): Promise<Measured[]> {
  const found: Measured[] = [];
  for (const [name, it] of [
    ["rank 8 on all modules", everywhere] as const,
    ["rank 8 on q, k, v and o", samples[0]!] as const,
  ]) {
    const { memoryBytes } = await model.shelf.adapted(using(it));
    found.push({ what: `memory of a LoRA of ${name} (MB)`, ...one(memoryBytes / 1e6), goal: "", reached: true });
  }
  return found;
}

function limit(what: string, all: readonly number[], most: number): Measured {
  const found = summary(all);
  return { what, ...found, goal: `<= ${most}`, reached: found.median <= most };
}

const one = (value: number) => summary([value]);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
