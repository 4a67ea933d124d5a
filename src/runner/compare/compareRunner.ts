/**
 * Runs the matrix of a comparison. Models come one after the other; of one model, all variants and repeats of an input are
 * written side by side. What fails stands in its own cell.
 */

import { randomUUID } from "node:crypto";

import { TillerError } from "../../base/error.js";
import type {
  CellPlace,
  CellResult,
  CompareEvent,
  CompareRequest,
  CompareResult,
  Judgement,
} from "../../protocol/compare.js";
import type { Engine, ModelSpec, OnEvent } from "../../protocol/engine.js";
import { modelKey } from "../../protocol/modelKey.js";
import type { PromptFiles } from "../promptFiles.js";
import { createCompareMeter } from "./compareMeter.js";
import { planComparison, type ComparePlan } from "./comparePlan.js";
import { judgePairs, likelihoodOf } from "./judge.js";
import { writeCells, type Conversation, type PlannedCell } from "./writeCells.js";

export interface CompareRunnerOptions {
  readonly engine: Engine;
  readonly files: PromptFiles;
  /** Of the workspace: how the prompt is called in the result. */
  readonly promptName: (path: string) => string;
}

/** Rows of one batch. */
const MOST_ROWS = 8;

/** Throws `usage`, `input-invalid`, `file-not-found` and `file-unreadable`. Stores nothing. */
export async function runComparison(
  request: CompareRequest,
  { engine, files, promptName }: CompareRunnerOptions,
  onEvent: OnEvent<CompareEvent>,
  signal: AbortSignal,
): Promise<CompareResult> {
  const plan = planComparison(request, files);
  const start = performance.now();
  const { again } = request;
  const id = again?.result.id ?? newId(plan.hash);
  const time = again?.result.time ?? new Date().toISOString();
  const planned = plannedCells(plan, again?.cells);
  const compared = plan.variants.map((it) => it.compared);
  const inputs = plan.inputs.map(({ tests: _, ...input }) => input);
  const { seeds } = plan;
  onEvent({ type: "started", id, variants: compared, inputs, seeds, total: planned.length });
  const meter = createCompareMeter(planned.length, onEvent);
  const tell = (event: CompareEvent): void => {
    onEvent(event);
    meter.saw(event);
  };
  const written = new Map<string, CellResult>();
  const conversations = new Map<string, Conversation>();
  const keep = (cell: CellResult): void => {
    written.set(keyOf(cell), cell);
    onEvent({ type: "finished", cell });
  };
  const options = { engine, files, request, onEvent: tell, signal };
  for (const { model, batches } of batchesOf(planned)) {
    for (const batch of batches) {
      if (signal.aborted) break;
      await writeCells(batch, options, ({ cell, conversation }) => {
        if (conversation !== undefined) conversations.set(keyOf(cell), conversation);
        keep(cell);
        meter.ended(cell);
      });
    }
    // The next model has its place in memory; the request's own stays for whoever works with it.
    if (!isSame(model, request.model)) await unload(engine, model);
  }
  await addLikelihoods(written, conversations, options, keep);
  const cells = ordered([...keptCells(again, planned), ...written.values()], plan);
  const judged = await judgements(cells, inputs, again?.result.judged ?? [], options);
  const stopped = signal.aborted || cells.some((it) => it.status === "stopped");
  const result: CompareResult = {
    ...{ schema: 1, id, time, prompt: promptName(request.path), promptHash: plan.hash, promptText: plan.text },
    ...{ variants: compared, inputs, seeds, cells, judged, finish: stopped ? "stopped" : "complete" },
    ms: performance.now() - start,
  };
  const { done, failed } = meter;
  onEvent({ type: "done", finish: result.finish, done, failed, ms: result.ms });
  return result;
}

function newId(hash: string): string {
  const time = new Date().toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${time}-${hash.slice(0, 8)}${randomUUID().slice(0, 4)}`;
}

function keyOf({ variant, input, repeat }: CellPlace): string {
  return JSON.stringify([variant, input, repeat]);
}

function plannedCells({ variants, inputs, seeds }: ComparePlan, only: readonly CellPlace[] | undefined): PlannedCell[] {
  const wanted = only && new Set(only.map(keyOf));
  const all = variants.flatMap((planned) =>
    inputs.flatMap((asked, input) =>
      seeds.map((seed, repeat): PlannedCell => ({
        ...{ variant: planned.variant.id, input, repeat },
        ...{ planned, asked, seed },
      })),
    ),
  );
  return wanted === undefined ? all : all.filter((it) => wanted.has(keyOf(it)));
}

/** Those of an earlier result that are not written again. */
function keptCells(again: CompareRequest["again"], planned: readonly PlannedCell[]): readonly CellResult[] {
  const anew = new Set(planned.map(keyOf));
  return again?.result.cells.filter((it) => !anew.has(keyOf(it))) ?? [];
}

interface ModelBatches {
  readonly model: ModelSpec;
  readonly batches: readonly (readonly PlannedCell[])[];
}

function batchesOf(cells: readonly PlannedCell[]): readonly ModelBatches[] {
  const models = new Map<string, PlannedCell[]>();
  for (const it of cells) {
    const key = modelKey(it.planned.model);
    models.set(key, [...(models.get(key) ?? []), it]);
  }
  return [...models.values()].map((own) => {
    const inputs = [...new Set(own.map((it) => it.input))].sort((a, b) => a - b);
    const batches = inputs.flatMap((input) => chunks(own.filter((it) => it.input === input)));
    return { model: own[0]!.planned.model, batches };
  });
}

function chunks(cells: readonly PlannedCell[]): (readonly PlannedCell[])[] {
  // All variants of one seed first: they are looked at together.
  const bySeed = [...cells].sort((a, b) => a.repeat - b.repeat);
  return Array.from({ length: Math.ceil(bySeed.length / MOST_ROWS) }, (_, i) =>
    bySeed.slice(i * MOST_ROWS, (i + 1) * MOST_ROWS),
  );
}

function isSame(a: ModelSpec, b: ModelSpec): boolean {
  return modelKey(a) === modelKey(b);
}

async function unload(engine: Engine, model: ModelSpec): Promise<void> {
  try {
    await engine.unload({ model }, () => undefined, new AbortController().signal);
  } catch {
    // It could not be loaded either; its cells say why.
  }
}

interface Judging {
  readonly engine: Engine;
  readonly files: PromptFiles;
  readonly request: CompareRequest;
  readonly onEvent: OnEvent<CompareEvent>;
  readonly signal: AbortSignal;
}

async function addLikelihoods(
  written: ReadonlyMap<string, CellResult>,
  conversations: ReadonlyMap<string, Conversation>,
  { engine, request, signal }: Judging,
  keep: (cell: CellResult) => void,
): Promise<void> {
  const model = request.judges?.likelihood;
  if (model === undefined) return;
  for (const [key, cell] of written) {
    const conversation = conversations.get(key);
    if (cell.status !== "finished" || conversation === undefined) continue;
    try {
      const likelihood = await likelihoodOf(conversation, model, engine, signal);
      if (likelihood !== undefined) keep({ ...cell, metrics: { ...cell.metrics, likelihood } });
    } catch (error) {
      if (signal.aborted) return;
      // The outputs are there all the same; without the judge's model they lack this one figure.
      if (!(error instanceof TillerError)) throw error;
    }
  }
}

async function judgements(
  cells: readonly CellResult[],
  inputs: CompareResult["inputs"],
  known: readonly Judgement[],
  { onEvent, ...options }: Judging,
): Promise<readonly Judgement[]> {
  if (options.request.judges?.prompt === undefined) return known;
  const onProgress = (done: number, total: number) => onEvent({ type: "judging", done, total });
  try {
    return await judgePairs(cells, inputs, { ...options, onProgress });
  } catch (error) {
    // What was written stands without a judge too.
    if (!(error instanceof TillerError)) throw error;
    onEvent({ type: "not-judged", message: error.message });
    return known;
  }
}

function ordered(cells: readonly CellResult[], { variants }: ComparePlan): readonly CellResult[] {
  const rank = new Map(variants.map((it, i) => [it.variant.id, i]));
  const placeIn = (it: CellResult) => rank.get(it.variant) ?? variants.length;
  return [...cells].sort((a, b) => placeIn(a) - placeIn(b) || a.input - b.input || a.repeat - b.repeat);
}
