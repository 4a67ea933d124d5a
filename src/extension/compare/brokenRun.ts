/** A run that broke off for good, as when no engine can be started: what is there stays, the rest can be run again. */

import { placesOf } from "../../protocol/cellPlace.js";
import type { CellPlace, CellResult, CompareRequest, CompareResult, FailedCell } from "../../protocol/compare.js";
import { cellAt, type CompareData, type ShownResult } from "./compareData.js";

export interface BrokenRun {
  readonly request: CompareRequest;
  /** Both as in `CompareResult`. */
  readonly prompt: string;
  readonly promptHash: string;
  /** When it began. */
  readonly start: Date;
  readonly failure: Pick<FailedCell, "code" | "message">;
}

/** Cells that were not done have failed. Undefined when nothing had begun. */
export function brokenResult(
  data: CompareData,
  { request, prompt, promptHash, start, failure }: BrokenRun,
): CompareResult | undefined {
  const { result, run } = data;
  if (result === undefined || run.kind !== "running" || run.progress.total === 0) return undefined;
  const { id, variants, inputs, seeds } = result;
  const text = request.text ?? "";
  const before = request.again?.result;
  return {
    ...{ schema: 1, id, time: before?.time ?? start.toISOString(), prompt: before?.prompt ?? prompt },
    promptHash: before?.promptHash ?? promptHash,
    ...{ promptText: before?.promptText ?? text, variants, inputs, seeds },
    cells: placesOf(result).map((it) => endedCell(result, it, failure)),
    ...{ judged: before?.judged ?? [], finish: "stopped", ms: Date.now() - start.getTime() },
  };
}

function endedCell(result: ShownResult, place: CellPlace, failure: BrokenRun["failure"]): CellResult {
  const cell = cellAt(result, place);
  if (cell !== undefined && cell.status !== "writing") return cell;
  return { ...place, status: "failed", seed: result.seeds[place.repeat]!, output: cell?.output ?? [], ...failure };
}
