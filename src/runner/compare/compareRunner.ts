/**
 * Runs the matrix of a comparison. Models come one after the other; of one model, all variants and repeats of an input are
 * written side by side. What fails stands in its own cell.
 */

import { randomUUID } from "node:crypto";

import { cellKey, placeOf } from "../../protocol/cellPlace.js";
import type { CellPlace, CellResult, CompareEvent, CompareRequest, CompareResult } from "../../protocol/compare.js";
import type { Engine, ModelSpec, OnEvent } from "../../protocol/engine.js";
import { modelKey } from "../../protocol/modelKey.js";
import type { PromptFiles } from "../promptFiles.js";
import { createCompareMeter } from "./compareMeter.js";
import { planComparison, type ComparePlan, type PlannedInput, type PlannedVariant } from "./comparePlan.js";
import { judgeModels, judgeOutputs, scoreOutputs, type Judging, type ScoredOutput } from "./judging.js";
import { createModelTurns } from "./modelTurns.js";
import { writeCells, type CellToWrite, type Conversation, type WrittenCell } from "./writeCells.js";

export interface CompareRunnerOptions {
  readonly engine: Engine;
  readonly files: PromptFiles;
  /** Of the workspace: how the prompt is called in the result. */
  readonly promptName: (path: string) => string;
  /** Something more is finished; gives what there is so far, as a comparison that was stopped. */
  readonly onPart?: (soFar: () => CompareResult) => void;
}

/** Rows of one batch. */
const MOST_ROWS = 8;

/** Throws `usage`, `input-invalid`, `file-not-found` and `file-unreadable`. Stores nothing. */
export async function runComparison(
  request: CompareRequest,
  { engine, files, promptName, onPart }: CompareRunnerOptions,
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
  const inputs = plan.inputs.map((it) => it.input);
  const { seeds } = plan;
  onEvent({ type: "started", id, variants: compared, inputs, seeds, total: planned.length });
  const meter = createCompareMeter(planned.length, onEvent);
  const tell = (event: CompareEvent): void => {
    onEvent(event);
    meter.saw(event);
  };
  const about: Omit<CompareResult, "cells" | "judged" | "judges" | "finish" | "ms"> = {
    ...{ schema: 1, id, time, prompt: promptName(request.path), promptHash: plan.hash, promptText: plan.text },
    ...{ variants: compared, inputs, seeds },
  };
  const written = new Map<string, CellResult>();
  const cellsNow = () => ordered([...keptCells(again, planned), ...written.values()], plan);
  const conversations = new Map<string, Conversation>();
  const keep = (cell: CellResult): void => {
    written.set(cellKey(cell), cell);
    onEvent({ type: "finished", cell });
    onPart?.(() => ({
      ...{ ...about, cells: cellsNow(), judged: again?.result.judged ?? [], finish: "stopped" },
      ms: performance.now() - start,
    }));
  };
  for (const { planned: variant, ...cell } of planned) {
    if (variant.problem === undefined) continue;
    const { code, message } = variant.problem;
    const failed: CellResult = { ...placeOf(cell), seed: cell.seed, output: [], status: "failed", code, message };
    keep(failed);
    meter.ended(failed);
  }
  const runnable = planned.filter((it) => it.planned.problem === undefined);
  const groups = batchesOf(runnable, request.model);
  const turns = createModelTurns(engine, request.model, [...groups.map((it) => it.model), ...judgeModels(request)]);
  const options = { engine, files, request, turns, promptName, onEvent: tell, signal };
  for (const { model, batches } of groups) {
    for (const batch of batches) {
      if (signal.aborted) break;
      await writeInTurn(batch, options, ({ cell, conversation }) => {
        if (conversation !== undefined) conversations.set(cellKey(cell), conversation);
        keep(cell);
        meter.ended(cell);
      });
    }
    await turns.end(model);
  }
  const outputs = [...written].flatMap(([key, cell]): ScoredOutput[] => {
    const conversation = conversations.get(key);
    return cell.status === "finished" && conversation !== undefined ? [{ cell, conversation }] : [];
  });
  await scoreOutputs(outputs, options, keep);
  const cells = cellsNow();
  const { judged, judges } = await judgeOutputs(cells, inputs, (it) => written.has(cellKey(it)), options);
  await turns.endAll();
  const stopped = signal.aborted || cells.some((it) => it.status === "stopped");
  const result: CompareResult = {
    ...{ ...about, cells, judged, finish: stopped ? "stopped" : "complete" },
    ...(judges && { judges }),
    ms: planned.length === 0 && again !== undefined ? again.result.ms : performance.now() - start,
  };
  const { done, failed } = meter;
  onEvent({ type: "done", finish: result.finish, done, failed, ms: result.ms });
  return result;
}

function newId(hash: string): string {
  const time = new Date().toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${time}-${hash.slice(0, 8)}${randomUUID().slice(0, 4)}`;
}

interface PlannedCell extends CellToWrite {
  readonly planned: PlannedVariant;
  readonly asked: PlannedInput;
}

function plannedCells({ variants, inputs, seeds }: ComparePlan, only: readonly CellPlace[] | undefined): PlannedCell[] {
  const wanted = only && new Set(only.map(cellKey));
  const all = variants.flatMap((planned) =>
    inputs.flatMap((asked, input) =>
      seeds.slice(0, asked.repeats).map((seed, repeat): PlannedCell => ({
        ...{ variant: planned.variant.id, input, repeat },
        ...{ planned, asked, seed },
      })),
    ),
  );
  return wanted === undefined ? all : all.filter((it) => wanted.has(cellKey(it)));
}

/** Those of an earlier result that are not written again. */
function keptCells(again: CompareRequest["again"], planned: readonly PlannedCell[]): readonly CellResult[] {
  const anew = new Set(planned.map(cellKey));
  return again?.result.cells.filter((it) => !anew.has(cellKey(it))) ?? [];
}

interface ModelBatches {
  readonly model: ModelSpec;
  readonly batches: readonly (readonly PlannedCell[])[];
}

/** The request's own model comes first: it is likely to be loaded. */
function batchesOf(cells: readonly PlannedCell[], own: ModelSpec): readonly ModelBatches[] {
  const models = new Map<string, PlannedCell[]>([[modelKey(own), []]]);
  for (const it of cells) {
    const key = modelKey(it.planned.model);
    models.set(key, [...(models.get(key) ?? []), it]);
  }
  return [...models.values()]
    .filter((it) => 0 < it.length)
    .map((it) => {
      const inputs = [...new Set(it.map((one) => one.input))].sort((a, b) => a - b);
      const batches = inputs.flatMap((input) => chunks(it.filter((one) => one.input === input)));
      return { model: it[0]!.planned.model, batches };
    });
}

/** What does not fit beside the other models is written again when they have made room. */
async function writeInTurn(
  batch: readonly PlannedCell[],
  options: Judging,
  onDone: (written: WrittenCell) => void,
): Promise<void> {
  const model = batch[0]!.planned.model;
  const refused: PlannedCell[] = [];
  const byPlace = new Map(batch.map((it) => [cellKey(it), it]));
  const reasons: WrittenCell[] = [];
  await writeCells(batch, options, (written) => {
    if (written.cell.status !== "failed" || written.cell.code !== "out-of-memory") return onDone(written);
    refused.push(byPlace.get(cellKey(written.cell))!);
    reasons.push(written);
  });
  if (refused.length === 0) return;
  if (options.signal.aborted || !(await options.turns.makeRoom(model))) return reasons.forEach(onDone);
  for (const it of refused)
    options.onEvent({ type: "restarted", cell: placeOf(it), reason: "Other models made room in memory." });
  await writeCells(refused, options, onDone);
}

function chunks(cells: readonly PlannedCell[]): (readonly PlannedCell[])[] {
  // All variants of one seed first: they are looked at together.
  const bySeed = [...cells].sort((a, b) => a.repeat - b.repeat);
  return Array.from({ length: Math.ceil(bySeed.length / MOST_ROWS) }, (_, i) =>
    bySeed.slice(i * MOST_ROWS, (i + 1) * MOST_ROWS),
  );
}

function ordered(cells: readonly CellResult[], { variants }: ComparePlan): readonly CellResult[] {
  const rank = new Map(variants.map((it, i) => [it.variant.id, i]));
  const placeIn = (it: CellResult) => rank.get(it.variant) ?? variants.length;
  return [...cells].sort((a, b) => placeIn(a) - placeIn(b) || a.input - b.input || a.repeat - b.repeat);
}
