/** The judge prompt: which of two outputs it prefers, asked in both orders. */

import { TillerError } from "../../base/error.js";
import type { CellPair } from "../../compare/blindPairs.js";
import { readJudge } from "../../lang/judgePrompt.js";
import { parse } from "../../lang/parser.js";
import type { Judgement } from "../../protocol/compare.js";
import type { Engine, LoadEvent, ModelSpec, OnEvent } from "../../protocol/engine.js";
import type { PromptFiles } from "../promptFiles.js";
import { createPromptRunner } from "../promptRunner.js";
import { promptHash } from "./promptHash.js";
import { runTogether } from "../gather.js";

export interface JudgingOptions {
  readonly engine: Engine;
  readonly files: PromptFiles;
  readonly model: ModelSpec;
  readonly signal: AbortSignal;
  readonly onLoad: OnEvent<LoadEvent>;
  /** With what was said since the last time; `done` pairs in all. */
  readonly onJudged: (judged: readonly Judgement[], done: number) => void;
}

export interface Judge {
  readonly path: string;
  readonly text: string;
  readonly hash: string;
  /** The hole that says which is better. */
  readonly hole: string;
}

/** Throws `file-not-found`, `file-unreadable`, and `prompt-invalid` for a prompt that is no judge. */
export function openJudge(
  { path, text: given }: { readonly path: string; readonly text?: string },
  files: PromptFiles,
): Judge {
  const text = given ?? files.read(path);
  const read = readJudge(parse(text).file);
  if ("problem" in read) throw new TillerError("prompt-invalid", `${path} cannot judge: ${read.problem}.`);
  return { path, text, hash: promptHash(text), hole: read.hole };
}

/** Each pair is asked for twice, and both are rows of one batch. */
const PAIRS_TOGETHER = 4;

/** Asks for each pair. Rejects with what is wrong with the judge; what was said before was told. */
export async function judgePairs(
  judge: Judge,
  pairs: readonly CellPair[],
  inputs: readonly { readonly values: unknown }[],
  { engine, files, model, signal, onLoad, onJudged }: JudgingOptions,
): Promise<void> {
  const { path, text, hole } = judge;
  onJudged([], 0);
  for (let at = 0; at < pairs.length && !signal.aborted; at += PAIRS_TOGETHER) {
    const some = pairs.slice(at, at + PAIRS_TOGETHER);
    const asked = some.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]);
    const ask = async (own: Engine, [first, second]: CellPair): Promise<unknown> => {
      const input = JSON.stringify(inputs[first.input]!.values);
      const { holes, finish } = await createPromptRunner({ engine: own, files }).run(
        {
          path,
          text,
          model,
          input: { input, first: first.text, second: second.text },
          sampling: { seed: first.seed },
        },
        (event) => (event.type === "loading" ? onLoad(event) : undefined),
        signal,
      );
      return finish === "cancelled" ? undefined : holes.find((it) => it.name === hole)?.value;
    };
    let said: readonly unknown[];
    try {
      said = await runTogether(engine, asked.length, signal, (seat, i) => ask(seat.engine, asked[i]!));
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (signal.aborted) return; // what was cancelled said nothing
    onJudged(
      some.map((pair, i) => judgementOf(pair, said[2 * i], said[2 * i + 1])),
      Math.min(pairs.length, at + PAIRS_TOGETHER),
    );
  }
}

/** `forth`: what was said with `a` as the first. */
function judgementOf([a, b]: CellPair, forth: unknown, back: unknown): Judgement {
  const preferred = [forth, back].map((it, i) =>
    it === "first" || it === "second" ? ((it === "first") === (i === 0) ? "a" : "b") : "tie",
  );
  const consistent = preferred[0] === preferred[1];
  return {
    ...{ input: a.input, repeat: a.repeat, a: a.variant, b: b.variant, consistent },
    choice: consistent ? (preferred[0] as Judgement["choice"]) : "tie",
  };
}
