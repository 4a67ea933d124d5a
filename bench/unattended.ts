/**
 * A comparison that nobody watches: 50 inputs x 4 variants in the engine's own process, whose memory is looked at all the
 * while. Steady means that over the last 60 % of the run it rises by no more than 2 %; single readings differ by some 30 MB.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { silentLog } from "../src/base/log.js";
import { HostSupervisor } from "../src/client/hostSupervisor.js";
import { startNodeChannel } from "../src/client/nodeChannel.js";
import type { CompareRequest, Variant } from "../src/protocol/compare.js";
import { median, type Measured } from "./statistics.js";

const root = join(import.meta.dirname, "../..");
const INPUTS = 50;
const TOKENS = 12;
const SAMPLE_MS = 200;
/** Of the run: what comes before is the model, its graphs and the caches that are filled for the first time. */
const WARM = 0.4;

const variants: readonly Variant[] = [
  { id: "a", label: "Plain" },
  { id: "b", label: "Pirate", adapters: [{ name: "pirate" }] },
  { id: "c", label: "Terse", adapters: [{ name: "terse" }] },
  { id: "d", label: "Free", guide: { tone: "friendly" }, sampling: { temperature: 0.8, topP: 0.9 } },
];

const subjects = ["the sea", "a small bakery", "night trains", "old maps", "a garden in winter"];
const asks = ["Describe", "Praise", "Explain", "Sum up", "Advertise"];
const manners = [
  "for a child",
  "in a letter to a friend who has never heard anything about it and would like to know more",
];

/** Of short and of long ones, so that caches of all sizes are taken and given back. */
const rows = Array.from({ length: INPUTS }, (_, i) => ({
  values: {
    wish: `${asks[i % 5]!} ${subjects[Math.floor(i / 5) % 5]!} ${manners[Math.floor(i / 25) % 2]!}. This is question ${i}.`,
  },
}));

export async function unattended(): Promise<readonly Measured[]> {
  const start = () => startNodeChannel({ modulePath: join(root, "dist/host.js"), log: silentLog });
  const supervisor = new HostSupervisor({ start, log: silentLog });
  const request: CompareRequest = {
    path: join(root, "examples/unattended.prompt"), // it is nowhere: its folder alone counts
    text: "---\nconfig: {temperature: 0}\ninput: {schema: {wish: string}}\n---\n{{wish}}\n",
    model: { path: join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf"), contextTokens: 1024 },
    adapterFolders: [join(root, "examples/adapters")],
    inputs: { kind: "rows", rows },
    maxTokens: TOKENS,
    variants,
  };
  const seen: Sample[] = [];
  const began = performance.now();
  const look = (): void => {
    const { state } = supervisor;
    if (state.kind === "ready") seen.push({ at: performance.now() - began, megabytes: residentOf(state.pid) });
  };
  const timer = setInterval(look, SAMPLE_MS);
  try {
    const result = await supervisor.api.compare(request, () => undefined, new AbortController().signal);
    look();
    const finished = result.cells.filter((it) => it.status === "finished").length;
    if (process.env["TILLER_BENCH_SAMPLES"] !== undefined) console.error(seen.map(({ at, megabytes }) => `${Math.round(at)} ${megabytes.toFixed(1)}`).join("\n")); // prettier-ignore
    return reported(seen, finished, result.ms);
  } finally {
    clearInterval(timer);
    supervisor.dispose();
  }
}

interface Sample {
  /** Since the beginning (ms). */
  readonly at: number;
  readonly megabytes: number;
}

function residentOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? NaN) / 1024;
}

function reported(all: readonly Sample[], finished: number, ms: number): readonly Measured[] {
  const end = all.at(-1)!.at;
  const late = all.filter(({ at }) => WARM * end <= at);
  const megabytes = late.map((it) => it.megabytes).sort((a, b) => a - b);
  const resident = median(megabytes);
  const rise = riseOf(late);
  const most = resident / 50;
  const one = (what: string, value: number, goal: string, reached: boolean): Measured => ({
    ...{ what, median: value, best: value, samples: 1, goal, reached },
  });
  const cells = INPUTS * variants.length;
  const matrix = `${INPUTS} inputs x ${variants.length} variants unattended`;
  return [
    one(`${matrix}: cells that are finished`, finished, `${cells}`, finished === cells),
    one(`${matrix}, ${TOKENS} tokens each (s)`, ms / 1000, "<= 240", ms <= 240_000),
    {
      ...{ what: "resident memory of the engine, last 60 % of them (MB)", median: resident, best: megabytes[0]! },
      ...{ samples: late.length, goal: "<= 1024", reached: resident <= 1024 },
    },
    {
      ...{ what: "what it rises by over that time (MB)", median: rise, best: rise, samples: late.length },
      goal: `<= ${most.toFixed(1)}, 2 % of it`,
      reached: rise <= most,
    },
  ];
}

/** The slope of Theil and Sen (the median of the slopes between all pairs), which no peak moves, times the time. */
function riseOf(samples: readonly Sample[]): number {
  const slopes = samples.flatMap((a, i) =>
    samples.slice(i + 1).map((b) => (b.megabytes - a.megabytes) / (b.at - a.at)),
  );
  return median(slopes) * (samples.at(-1)!.at - samples[0]!.at);
}
