/** What a running comparison changes. */

import { cellKey, placeOf, placesOf, seedCount } from "../../protocol/cellPlace.js";
import type { CellPlace, CompareEvent, CompareResult, OutputPart } from "../../protocol/compare.js";
import { cellAt, noVoting, type CompareData, type ShownCell, type ShownResult } from "./compareData.js";

export function withStart(data: CompareData): CompareData {
  return {
    ...data,
    setup: { ...data.setup, isOpen: false, editing: undefined },
    run: {
      kind: "running",
      progress: { done: 0, failed: 0, total: 0, tokensPerSecond: 0, leftMs: undefined },
      waiting: "Starting",
    },
    judgeProblems: [],
    changes: undefined,
    notice: undefined,
  };
}

export function withCompareEvent(data: CompareData, event: CompareEvent): CompareData {
  switch (event.type) {
    case "started": {
      const { id, variants, inputs, seeds, total } = event;
      const isAgain = data.result?.id === id;
      const input = Math.min(data.at.input, inputs.length - 1);
      const at = { input, repeat: Math.min(data.at.repeat, seedCount(event, input) - 1) };
      return {
        ...withProgress(data, { total }),
        result: isAgain
          ? { ...data.result, variants, inputs, seeds }
          : { id, variants, inputs, seeds, cells: {}, judged: [] },
        at,
        voting: isAgain ? data.voting : noVoting,
      };
    }
    case "loading":
      return waiting(data, `Loading ${event.model}, ${Math.round(event.fraction * 100)} %`);
    case "progress": {
      const { type: _, ...progress } = event;
      return withProgress(data, progress);
    }
    case "writing":
      return event.cells.reduce(
        (it, cell) => withCell(it, { ...placeOf(cell), status: "writing", output: [] }),
        waiting(data, undefined),
      );
    case "text": {
      const open = data.result && cellAt(data.result, event.cell);
      const output = open?.status === "writing" ? open.output : [];
      return withCell(waiting(data, undefined), {
        ...placeOf(event.cell),
        status: "writing",
        output: appended(output, { text: event.text, ...(event.hole !== undefined && { hole: event.hole }) }),
      });
    }
    case "token":
      return data; // the page has no place for single tokens
    case "restarted":
      return withoutCell(waiting(data, `Written again. ${event.reason}`), event.cell);
    case "finished":
      return withCell(data, event.cell);
    case "judging":
      return waiting(data, `${judgingTexts[event.judge]}, ${event.done} of ${event.total}`);
    case "not-judged":
      return { ...data, judgeProblems: [...data.judgeProblems, event.message] };
    case "not-stored":
      return { ...data, notice: { kind: "error", text: event.message } };
    case "outside":
    case "outside-enough":
      return data; // whoever asks other extensions has heard it too
    case "done":
      return data; // the result follows
    default:
      return event satisfies never;
  }
}

const judgingTexts = { prompt: "Asking the judge", likelihood: "Scoring" } as const;

function withProgress(
  data: CompareData,
  progress: Partial<Extract<CompareData["run"], { kind: "running" }>["progress"]>,
): CompareData {
  if (data.run.kind !== "running") return data;
  return { ...data, run: { ...data.run, progress: { ...data.run.progress, ...progress } } };
}

function waiting(data: CompareData, text: string | undefined): CompareData {
  return data.run.kind === "running" ? { ...data, run: { ...data.run, waiting: text } } : data;
}

function withCell(data: CompareData, cell: ShownCell): CompareData {
  if (data.result === undefined) return data;
  return { ...data, result: { ...data.result, cells: { ...data.result.cells, [cellKey(cell)]: cell } } };
}

/** It waits for its turn again. */
function withoutCell(data: CompareData, place: CellPlace): CompareData {
  if (data.result === undefined) return data;
  const { [cellKey(place)]: _, ...cells } = data.result.cells;
  return { ...data, result: { ...data.result, cells } };
}

/** Text of one hole grows; another one's is a part of its own. */
function appended(output: readonly OutputPart[], part: OutputPart): readonly OutputPart[] {
  const last = output.at(-1);
  if (last === undefined || last.hole !== part.hole) return [...output, part];
  return [...output.slice(0, -1), { ...last, text: last.text + part.text }];
}

export function withResult(data: CompareData, result: CompareResult): CompareData {
  const shown = shownResult(result);
  const input = Math.max(0, Math.min(data.at.input, result.inputs.length - 1));
  const count = (status: string) => result.cells.filter((it) => it.status === status).length;
  return {
    ...data,
    result: shown,
    at: { input, repeat: Math.max(0, Math.min(data.at.repeat, seedCount(result, input) - 1)) },
    voting: data.result?.id === result.id ? data.voting : noVoting,
    run: {
      kind: "done",
      done: count("finished"),
      failed: count("failed"),
      total: placesOf(result).length,
      ms: result.ms,
      stopped: result.finish === "stopped",
      time: result.time,
    },
  };
}

export function shownResult({ id, variants, inputs, seeds, cells, judged, judges }: CompareResult): ShownResult {
  const byPlace = Object.fromEntries(cells.map((it) => [cellKey(it), it]));
  return { id, variants, inputs, seeds, cells: byPlace, judged, ...(judges && { judges }) };
}

/** Nothing came of it. An older result stays. */
export function withFailure(data: CompareData, message: string): CompareData {
  return { ...data, run: { kind: "failed", message } };
}
