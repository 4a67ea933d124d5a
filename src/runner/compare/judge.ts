/** Judges that are models: how likely one finds an output, and which of two it prefers. */

import type { CellResult, CompareRequest, FinishedCell, Judgement } from "../../protocol/compare.js";
import type { Engine, ModelSpec } from "../../protocol/engine.js";
import type { PromptFiles } from "../promptFiles.js";
import { createPromptRunner } from "../promptRunner.js";
import type { Conversation } from "./writeCells.js";

/** The mean log-probability of the tokens behind the prompt, in nats; undefined where there is none. */
export async function likelihoodOf(
  { prompt, messages }: Conversation,
  model: ModelSpec,
  engine: Pick<Engine, "tokenize" | "score">,
  signal: AbortSignal,
): Promise<number | undefined> {
  const ignore = () => undefined;
  const before = await engine.tokenize({ model, prompt, addGenerationPrompt: true }, ignore, signal);
  const whole = { type: "messages", messages, continueLast: true } as const;
  const { ids, logprobs } = await engine.score({ model, prompt: whole, top: 0 }, ignore, signal);
  // The last token of the prompt may be another one with what stands behind it.
  let from = 0;
  while (from < before.ids.length && before.ids[from] === ids[from]) from++;
  const own = logprobs.slice(from).filter((it) => it !== null);
  return own.length === 0 ? undefined : own.reduce((sum, it) => sum + it, 0) / own.length;
}

export interface JudgingOptions {
  readonly engine: Engine;
  readonly files: PromptFiles;
  readonly request: CompareRequest;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Asks the judge prompt for each pair of outputs, in both orders. Rejects with what is wrong with the judge. */
export async function judgePairs(
  cells: readonly CellResult[],
  inputs: readonly { readonly values: unknown }[],
  { engine, files, request, signal, onProgress }: JudgingOptions,
): Promise<readonly Judgement[]> {
  const { prompt } = request.judges ?? {};
  if (prompt === undefined) return [];
  const runner = createPromptRunner({ engine, files });
  const ask = async (input: number, first: FinishedCell, second: FinishedCell): Promise<string> => {
    const values = { input: JSON.stringify(inputs[input]!.values), first: first.text, second: second.text };
    const { path, text, model = request.model } = prompt;
    const { output } = await runner.run(
      { path, model, input: values, ...(text !== undefined && { text }) },
      () => undefined,
      signal,
    );
    return String(output);
  };
  const pairs = finishedPairs(cells);
  const judged: Judgement[] = [];
  for (const [a, b] of pairs) {
    if (signal.aborted) break;
    onProgress(judged.length, pairs.length);
    const forth = await ask(a.input, a, b);
    const back = await ask(a.input, b, a);
    if (signal.aborted) break; // what was cancelled said nothing
    const said = [forth, back].map((it) => (it === "first" || it === "second" ? it : "tie"));
    const preferred = said.map((it, i) => (it === "tie" ? "tie" : (it === "first") === (i === 0) ? "a" : "b"));
    const consistent = preferred[0] === preferred[1];
    judged.push({
      ...{ input: a.input, repeat: a.repeat, a: a.variant, b: b.variant, consistent },
      choice: consistent ? (preferred[0] as Judgement["choice"]) : "tie",
    });
  }
  return judged;
}

function finishedPairs(cells: readonly CellResult[]): (readonly [FinishedCell, FinishedCell])[] {
  const finished = cells.filter((it): it is FinishedCell => it.status === "finished");
  return finished.flatMap((a, i) =>
    finished
      .slice(i + 1)
      .filter((b) => a.input === b.input && a.repeat === b.repeat && a.variant !== b.variant)
      .map((b) => [a, b] as const),
  );
}
