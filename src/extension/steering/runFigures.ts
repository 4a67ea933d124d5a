/** What one run of the steering panel gave, in figures: plain data that two runs are compared by. */

import type { PresetCheck } from "../../protocol/guide.js";
import type { FilledHole, RunResult } from "../../protocol/run.js";

export interface FigureHole {
  readonly name: string;
  readonly text: string;
  /** What was asked of it, and found. */
  readonly presets: readonly PresetCheck[];
}

export interface RunFigures {
  /** What people are shown, in the order of the prompt. */
  readonly holes: readonly FigureHole[];
  /** Of the first hole: later ones have read what was written before. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Of best-of-n, only the chosen text is told with its time: the others are taken to have had as much. */
  readonly decodeMs: number;
  /** Undefined where nothing was guided. `readings` is the most that a token was read. */
  readonly guidance:
    { readonly readings: number; readonly askedTokens: number; readonly changedTokens: number } | undefined;
}

export function figuresOf({ holes }: Pick<RunResult, "holes">): RunFigures {
  const guided = holes.flatMap((it) => it.usage.guidance ?? []);
  return {
    holes: holes.filter((it) => !it.hidden).map(({ name, text, presets = [] }) => ({ name, text, presets })),
    promptTokens: holes[0]?.usage.promptTokens ?? 0,
    completionTokens: sum(holes, (it) => it.usage.completionTokens),
    decodeMs: sum(holes, (it) => it.usage.decodeMs * (it.candidates?.length ?? 1)),
    guidance:
      guided.length === 0
        ? undefined
        : {
            readings: Math.max(...guided.map((it) => it.readings)),
            askedTokens: guided.reduce((total, it) => total + it.askedTokens, 0),
            changedTokens: guided.reduce((total, it) => total + it.changedTokens, 0),
          },
  };
}

function sum(holes: readonly FilledHole[], of: (hole: FilledHole) => number): number {
  return holes.reduce((total, it) => total + of(it), 0);
}

/** Milliseconds; undefined for a text so short that its time says nothing. */
export function timePerToken({ completionTokens, decodeMs }: RunFigures): number | undefined {
  return completionTokens < 2 || decodeMs <= 0 ? undefined : decodeMs / completionTokens;
}

/** How many times as long a token takes. */
export function slowdown(asWritten: RunFigures | undefined, steered: RunFigures | undefined): number | undefined {
  const [before, after] = [asWritten && timePerToken(asWritten), steered && timePerToken(steered)];
  return before === undefined || after === undefined ? undefined : after / before;
}
