/**
 * What the Compare view costs its page while four variants stream: tasks in which our code runs, with the layout and painting
 * that follow, by the time of their thread, because on a small machine the model takes the processor from them; and frames by
 * the clock. `node test/vscode/run.mjs bench --grep Compare` writes bench/results/compareView.md.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

import { webviewPage } from "../test/vscode/harness/webviewPage.js";
import type { UiScript } from "../test/vscode/harness/uiTests.js";
import { ended, openCompare, run, writePrompt } from "../test/vscode/ui/compareSteps.js";
import { median, table, type Measured } from "./statistics.js";

const FRAME_MS = 16;
/** The beginning and the end of a run change all of the page. */
const EDGE_US = 500_000;
const TOKENS = 200;
const categories = ["devtools.timeline", "disabled-by-default-devtools.timeline"];

export function compareViewBench(results: string): UiScript {
  return {
    title: "What four streams cost the page of the Compare view",
    limitMs: 300_000,
    run: async (workbench) => {
      writePrompt(workbench, "streams.prompt", {
        ...{ tokens: TOKENS, inputs: ["Tell me about the sea."] },
        variants: [
          "Plain",
          "Pirate, adapters: [pirate]",
          "Terse, adapters: [terse]",
          "Warm, config: {temperature: 1}",
        ].map((it) => `{label: ${it}}`),
      });
      await openCompare(workbench, "streams.prompt", "Pirate");
      await workbench.runCommand("Tiller: Open Compare in Editor");
      const page = await webviewPage(workbench, "compare", "editor");
      await page.locator("#setup").waitFor();
      await workbench.runCommand("View: Toggle Primary Side Bar Visibility"); // a second page would count as well
      await run(workbench, page); // the model is loaded, and the page's code is compiled
      await ended(page);
      await page.evaluate(watch);
      const browser = workbench.page.context().browser()!;
      await browser.startTracing(workbench.page, { categories });
      await run(workbench, page);
      await ended(page);
      const ours = ownTasks(await browser.stopTracing());
      const rows = reported(ours, await page.evaluate<Watched>("globalThis.watched"));
      const head = `# compareView\n\n${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores shared by VS Code, its browser, which paints without a GPU, and the model. Four variants stream ${TOKENS} tokens each into the editor tab. Tasks by the time of their thread, frames by the clock (ms).\n`;
      const text = `${head}\n${table(rows)}\n`;
      mkdirSync(results, { recursive: true });
      writeFileSync(join(results, "compareView.md"), text);
      await workbench.runCommand("View: Toggle Primary Side Bar Visibility");
      console.error(text);
    },
  };
}

/** Times in ms. */
interface Watched {
  /** From the beginning of one frame of the page to that of the next. */
  readonly gaps: readonly number[];
  /** Tasks above 50 ms by the clock, as the browser counts them; others that took the processor from them count too. */
  readonly longTasks: readonly number[];
}

function reported({ streaming, edges }: OwnTasks, { gaps, longTasks }: Watched): readonly Measured[] {
  return [
    ...shares("a task of the page that runs our code, with its layout and painting", streaming, FRAME_MS),
    one("the longest one when a run begins or ends", Math.max(0, ...edges), edges.length, 50),
    ...shares("from one frame of the page to the next", gaps, undefined),
    one(
      "the longest task of the page by the clock (0: none above 50)",
      Math.max(0, ...longTasks),
      gaps.length,
      undefined,
    ),
  ];
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: when it began, what it took, and how much of that its thread ran. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly data?: { readonly url?: string } };
}

interface OwnTasks {
  readonly streaming: readonly number[];
  /** When cards come in place of the setup, and when figures, votes and standings come. */
  readonly edges: readonly number[];
}

/** How long the thread of the page ran in each task in which a function of our script was called (ms). */
function ownTasks(trace: Buffer): OwnTasks {
  const { traceEvents } = JSON.parse(trace.toString()) as { readonly traceEvents: readonly TraceEvent[] };
  const calls = traceEvents.filter((it) => it.name === "FunctionCall" && it.args?.data?.url?.endsWith("/compare.js"));
  const threads = new Set(calls.map(threadOf));
  const tasks = traceEvents.filter((it) => it.name === "RunTask" && threads.has(threadOf(it)));
  const own = tasks.filter((task) =>
    calls.some((it) => threadOf(it) === threadOf(task) && task.ts <= it.ts && it.ts <= task.ts + (task.dur ?? 0)),
  );
  const [first, last] = [Math.min(...own.map((it) => it.ts)), Math.max(...own.map((it) => it.ts))];
  const isEdge = ({ ts }: TraceEvent) => ts < first + EDGE_US || last - EDGE_US < ts;
  const times = (some: readonly TraceEvent[]) => some.map((it) => (it.tdur ?? it.dur ?? 0) / 1000);
  return { streaming: times(own.filter((it) => !isEdge(it))), edges: times(own.filter(isEdge)) };
}

function threadOf({ pid, tid }: TraceEvent): string {
  return `${pid} ${tid}`;
}

function shares(what: string, times: readonly number[], most: number | undefined): readonly Measured[] {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return [
    one(`${what}, p50`, median(times), times.length, most),
    one(`${what}, p95`, at(0.95), times.length, most),
    one(`${what}, most`, at(1), times.length, most),
  ];
}

function one(what: string, value: number, samples: number, most: number | undefined): Measured {
  const goal = most === undefined ? "none" : `<= ${most}`;
  return { what, median: value, best: value, samples, goal, reached: most === undefined || value <= most };
}

/** Runs in the page. */
const watch = `
  const watched = globalThis.watched = { gaps: [], longTasks: [] };
  let last;
  const tick = (time) => {
    if (last !== undefined) watched.gaps.push(time - last);
    last = time;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  new PerformanceObserver((list) => {
    for (const it of list.getEntries()) watched.longTasks.push(it.duration);
  }).observe({ type: "longtask" });
  undefined;
`;
