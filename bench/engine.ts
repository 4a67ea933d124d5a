// The engine against llama.cpp: same file, same machine, two threads each, turn by turn (prefill, decode, start, memory).

import { join } from "node:path";

import { silentLog } from "../src/base/log.js";
import { createLocalEngine } from "../src/engine/localEngine.js";
import type { Engine } from "../src/protocol/engine.js";
import { installPeers, memoryBandwidth } from "./peers/install.js";
import { pipePeer, type Peer, type Timing } from "./peers/peer.js";
import { startOf, type Start } from "./startup.js";
import { median, summary, type Measured } from "./statistics.js";

const root = join(import.meta.dirname, "../..");
const path = join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf");
const THREADS = 2;
const CONTEXT = 4400;
/** What every token has to read at least: the tensors of the file. */
const MODEL_BYTES = 98_362_432 - 1_785_664;

const races = [
  { context: 64, tokens: 40, rounds: 12, decodeGoal: 1.25 },
  { context: 512, tokens: 40, rounds: 6, decodeGoal: 1.5 },
  { context: 2048, tokens: 30, rounds: 3, decodeGoal: 1.7 },
] as const;
const PREFILL_GOAL = 3;

export async function benchEngine(): Promise<readonly Measured[]> {
  const { python, nodeFolder } = installPeers(root);
  const args = [path, String(CONTEXT), String(THREADS)];
  const llama = await pipePeer("llama.cpp", python, [join(root, "bench/peers/llamaServer.py"), ...args], root);
  const binding = await pipePeer(
    "node-llama-cpp",
    process.execPath,
    [join(nodeFolder, "nodeLlamaCpp.mjs"), ...args],
    nodeFolder,
  );
  const us = await ourselves();
  const rows: Measured[] = [];
  for (const race of races) {
    const found = await run(race, us, llama, binding);
    console.error(
      found.map((it) => `${it.what}: ${it.median.toPrecision(3)}, best ${it.best.toPrecision(3)}`).join("\n"),
    );
    rows.push(...found);
  }
  for (const it of [llama, binding]) it.close();
  rows.push(await cancels(us.engine));
  us.close();
  return [...rows, ...(await starts(nodeFolder))];
}

async function run(
  { context, tokens, rounds, decodeGoal }: (typeof races)[number],
  us: Peer,
  llama: Peer,
  binding: Peer,
): Promise<Measured[]> {
  const timings = new Map<Peer, Timing[]>([us, llama, binding].map((it) => [it, []]));
  const bandwidths: number[] = [];
  for (let round = -1; round < rounds; round++) {
    // Other ids each time, so that nobody finds them in a cache; the binding only every fourth time, it is the slow one.
    const ids = Array.from({ length: context }, (_, i) => ((i * 7919 + (round + 2) * 131 + context) % 40000) + 100);
    for (const peer of round % 4 === 1 ? [us, llama, binding] : [us, llama]) {
      const timing = await peer.run(ids, tokens);
      if (0 <= round) timings.get(peer)!.push(timing);
    }
    const bandwidth = context === 64 && round % 4 === 0 ? memoryBandwidth(root, THREADS) : undefined;
    if (bandwidth !== undefined) bandwidths.push(bandwidth);
  }
  const decode = (peer: Peer) => timings.get(peer)!.map((it) => ((tokens - 1) / it.decodeMs) * 1000);
  const prefill = (peer: Peer) => timings.get(peer)!.map((it) => (context / it.prefillMs) * 1000);
  const rows = [
    ...rateRows(`decode at ${context}`, [us, llama, binding], decode, decodeGoal),
    ...rateRows(`prefill of ${context}`, [us, llama, binding], prefill, PREFILL_GOAL),
  ];
  if (bandwidths.length === 0) return rows;
  const limit = (Math.max(...bandwidths) * 1e9) / MODEL_BYTES;
  const shares = decode(us).map((it) => it / limit);
  const share = summary(shares, "largest");
  return [
    ...rows,
    {
      what: `share of the bandwidth limit at ${context} (${Math.max(...bandwidths).toFixed(1)} GB/s)`,
      ...share,
      goal: ">= 0.55",
      reached: 0.55 <= share.best,
    },
  ];
}

/** Tokens a second of everybody, and our ratio to the first of the others, round by round. */
function rateRows(
  what: string,
  [us, llama, binding]: readonly [Peer, Peer, Peer] | Peer[],
  rates: (peer: Peer) => readonly number[],
  goal: number,
): Measured[] {
  const plain = [us!, llama!, binding!].map((it) => ({
    what: `${what}, ${it.name} (tokens/s)`,
    ...summary(rates(it), "largest"),
    goal: "",
    reached: true,
  }));
  const theirs = rates(llama!);
  const ratios = rates(us!).map((it, i) => it / theirs[i]!);
  const bestRatio = Math.max(...rates(us!)) / Math.max(...theirs);
  return [
    ...plain,
    {
      what: `${what}, ratio to llama.cpp (best: best to best)`,
      median: median(ratios),
      best: bestRatio,
      samples: ratios.length,
      goal: `>= ${goal}`,
      reached: goal <= median(ratios),
    },
  ];
}

async function starts(nodeFolder: string): Promise<Measured[]> {
  const ours: Start[] = [];
  const theirs: Start[] = [];
  const content = "Tell me in a few words why the sky is blue and grass is green.";
  const ourArgs = [
    "dist/cli.js",
    "generate",
    "--messages",
    JSON.stringify([{ role: "user", content }]),
    "--max-tokens",
    "200",
    "--threads",
    "2",
    "--context",
    "2048",
  ];
  for (let round = 0; round < 6; round++) {
    ours.push(await startOf(process.execPath, ourArgs, root));
    theirs.push(await startOf(process.execPath, ["nodeLlamaCpp.mjs", path, "first", String(THREADS)], nodeFolder));
  }
  const row = (what: string, key: keyof Start, most: number): Measured[] => {
    const ratios = ours.map((it, i) => it[key] / theirs[i]![key]);
    return [
      { what: `${what}, tiller`, ...summary(ours.map((it) => it[key])), goal: "", reached: true },
      { what: `${what}, node-llama-cpp`, ...summary(theirs.map((it) => it[key])), goal: "", reached: true },
      { what: `${what}, ratio`, ...summary(ratios), goal: `<= ${most}`, reached: median(ratios) <= most },
    ];
  };
  return [
    ...row("start to first token of a chat (ms)", "firstTokenMs", 1.5),
    ...row("memory at the first token (MB)", "residentMb", 1),
    ...row("most memory until the first token (MB)", "peakMb", 1),
  ];
}

/** How long a cancel takes in the middle of a prompt of 4,000 tokens. */
async function cancels(engine: Engine): Promise<Measured> {
  const samples: number[] = [];
  for (let round = 0; round < 12; round++) {
    const ids = Array.from({ length: 4000 }, (_, i) => ((i * 7919 + round * 977) % 40000) + 100);
    const control = new AbortController();
    let cancelled = 0;
    // Between two pieces and within one: the timer fires whenever the event loop lets it.
    setTimeout(
      () => {
        cancelled = performance.now();
        control.abort();
      },
      400 + 37 * round,
    );
    const asked = performance.now() + 400 + 37 * round;
    const result = await engine.generate(
      { model: ourModel, prompt: { type: "ids", ids } },
      () => undefined,
      control.signal,
    );
    if (result.finish !== "cancelled" || cancelled === 0) throw new Error("the prompt was read before the cancel came");
    samples.push(performance.now() - asked);
  }
  const found = summary(samples);
  return {
    what: "cancel in a prefill of 4,000, from asking to the result (ms)",
    ...found,
    goal: "<= 100",
    reached: found.median <= 100,
  };
}

const ourModel = { path, threads: THREADS, contextTokens: CONTEXT } as const;

async function ourselves(): Promise<Peer & { readonly engine: Engine }> {
  const engine = createLocalEngine({ log: silentLog });
  const model = ourModel;
  const signal = new AbortController().signal;
  await engine.load({ model }, () => undefined, signal);
  return {
    engine,
    name: "tiller",
    async run(ids, count) {
      const sampling = { logitBias: { 0: -1e9, 2: -1e9 } }; // a text that ends early would be no race
      const { usage } = await engine.generate(
        { model, prompt: { type: "ids", ids }, maxTokens: count, sampling },
        () => undefined,
        signal,
      );
      if (usage.completionTokens !== count || 0 < usage.cachedTokens)
        throw new Error("the race was not run to its end");
      return { prefillMs: usage.prefillMs, decodeMs: usage.decodeMs };
    },
    close: () => void engine.dispose(),
  };
}
