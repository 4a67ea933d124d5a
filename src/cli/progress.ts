/**
 * Progress on stderr. On a screen it is one line that rewrites itself and goes away; elsewhere it is a few lines that stay.
 * While text streams to the same screen the line is silent, or both would be in each other's way.
 */

import { count } from "../base/count.js";
import { modelName } from "../base/modelName.js";
import type { GenerateEvent, HiddenStatesEvent, Usage } from "../protocol/engine.js";
import type { RunEvent } from "../protocol/run.js";
import { plain, styled, type Output } from "./terminal.js";

export interface ProgressOptions {
  readonly model: string;
  /** Text streams to the same screen, so that the line must be gone before it begins. */
  readonly sharesScreen: boolean;
  readonly quiet: boolean;
}

export interface Progress {
  onEvent(event: GenerateEvent | HiddenStatesEvent | RunEvent): void;
  /** What goes on now; shown only where it can go away again. */
  status(text: string): void;
  /** Something that is worth reading later. */
  note(text: string): void;
  /** Wipes the line. To be called before anything else is written to the screen. */
  clear(): void;
  /** The closing line: what was read and written, and how fast. */
  summary(usages: readonly Usage[]): void;
}

/** A line that is rewritten more often cannot be read. */
const INTERVAL_MS = 80;

export function createProgress(stderr: Output, { model, sharesScreen, quiet }: ProgressOptions): Progress {
  const live = stderr.isTerminal && !quiet;
  const name = modelName(model);
  let shown = false;
  let lastMs = -Infinity;
  let announced = false;
  let written = 0;
  let startMs = 0;

  function show(text: string): void {
    const now = performance.now();
    if (!live || now - lastMs < INTERVAL_MS) return;
    lastMs = now;
    shown = true;
    stderr.write(`\r\u001b[K${styled(stderr, "dim", plain(stderr, text).slice(0, stderr.columns - 1))}`);
  }

  function clear(): void {
    if (shown) stderr.write("\r\u001b[K");
    shown = false;
    lastMs = -Infinity;
  }

  function line(text: string): void {
    clear();
    if (!quiet) stderr.write(`${styled(stderr, "dim", plain(stderr, text))}\n`);
  }

  return {
    onEvent(event) {
      switch (event.type) {
        case "loading":
          if (!live && !announced) line(`loading ${name}`);
          announced = true;
          return show(`loading ${name}, ${Math.round(event.fraction * 100)} %`);
        case "reading":
          return show(`reading prompt ${event.done} of ${event.total}`);
        case "prefill":
          if (event.tiles !== undefined)
            return show(`looking at the pictures, ${event.tiles.done} of ${event.tiles.total} pieces`);
          return show(`reading the prompt, ${event.done} of ${event.total} tokens`);
        case "text":
          if (sharesScreen) return clear();
          if (written++ === 0) startMs = performance.now();
          return show(`writing, ${rate(written, performance.now() - startMs)}`);
        case "candidate":
          return show(`${event.name}: writing text ${event.number} of ${event.of}`);
        case "failed":
          return line(`${event.name}: try ${event.attempt} failed, ${event.problem}.`);
        default:
          return undefined;
      }
    },
    status: show,
    note: line,
    clear,
    summary(usages) {
      if (usages.length === 0) return;
      const sum = (pick: (usage: Usage) => number) => usages.reduce((total, it) => total + pick(it), 0);
      const read = sum((it) => it.promptTokens - it.cachedTokens);
      const tokens = sum((it) => it.completionTokens);
      const speed = rate(
        tokens,
        sum((it) => it.decodeMs),
      );
      line(`${name} read ${count(read, "token")} in ${seconds(sum((it) => it.prefillMs))} and wrote ${speed}.`);
    },
  };
}

/** `12 tokens, 48 tokens/s`; the rate only where there is enough to measure. */
function rate(tokens: number, tookMs: number): string {
  return tokens < 2 || tookMs <= 0
    ? count(tokens, "token")
    : `${count(tokens, "token")}, ${Math.round((tokens * 1000) / tookMs)} tokens/s`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;
}
