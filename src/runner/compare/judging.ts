/**
 * What judges say of the outputs of a comparison: the likelihood under a model, and the judge prompt. What fails is told and
 * leaves the outputs alone; what was known of outputs that were not written again stays.
 */

import { TillerError } from "../../base/error.js";
import { finishedPairs } from "../../compare/blindPairs.js";
import { fileName } from "../../compare/variantKey.js";
import type {
  AskedJudge,
  CellPlace,
  CellResult,
  CompareEvent,
  CompareRequest,
  CompareResult,
  FinishedCell,
  Judgement,
  UsedJudges,
} from "../../protocol/compare.js";
import type { Engine, LoadEvent, ModelSpec, OnEvent } from "../../protocol/engine.js";
import type { PromptFiles } from "../promptFiles.js";
import { judgePairs, openJudge, type Judge } from "./judge.js";
import { likelihoodOf } from "./likelihood.js";
import type { ModelTurns } from "./modelTurns.js";
import type { Conversation } from "./writeCells.js";

export interface Judging {
  readonly engine: Engine;
  readonly files: PromptFiles;
  readonly request: CompareRequest;
  readonly turns: ModelTurns;
  readonly promptName: (path: string) => string;
  readonly onEvent: OnEvent<CompareEvent>;
  readonly signal: AbortSignal;
}

/** An output that was written now, and the conversation that it stands in. */
export interface ScoredOutput {
  readonly cell: FinishedCell;
  readonly conversation: Conversation;
}

/** The models that judges need, in the order of their turns. */
export function judgeModels({ judges, model }: CompareRequest): readonly ModelSpec[] {
  return [
    ...(judges?.likelihood === undefined ? [] : [judges.likelihood]),
    ...(judges?.prompt === undefined ? [] : [judges.prompt.model ?? model]),
  ];
}

/** Gives each output with its likelihood as soon as it is known. */
export async function scoreOutputs(
  outputs: readonly ScoredOutput[],
  options: Judging,
  keep: (cell: FinishedCell) => void,
): Promise<void> {
  const { request, engine, onEvent, signal } = options;
  const model = request.judges?.likelihood;
  if (model === undefined) return;
  let done = 0;
  await asking("likelihood", model, options, async (onLoad) => {
    for (const { cell, conversation } of outputs.slice(done)) {
      if (signal.aborted) return;
      onEvent({ type: "judging", judge: "likelihood", done, total: outputs.length });
      const likelihood = await likelihoodOf(conversation, model, engine, onLoad, signal);
      if (likelihood !== undefined) keep({ ...cell, metrics: { ...cell.metrics, likelihood } });
      done++;
    }
  });
}

/** `isNew`: written now. What the same judge said before of other pairs stays. */
export async function judgeOutputs(
  cells: readonly CellResult[],
  inputs: CompareResult["inputs"],
  isNew: (cell: CellPlace) => boolean,
  options: Judging,
): Promise<Pick<CompareResult, "judged" | "judges">> {
  const { request, onEvent, signal } = options;
  const { judges, again } = request;
  const before = again?.result;
  const earlier = before?.judged.filter((it) => ![it.a, it.b].some((variant) => isNew({ ...it, variant }))) ?? [];
  const likelihood = judges?.likelihood === undefined ? before?.judges?.likelihood : fileName(judges.likelihood.path);
  const result = (judged: readonly Judgement[], prompt: UsedJudges["prompt"]) => {
    const used = { ...(likelihood !== undefined && { likelihood }), ...(prompt !== undefined && { prompt }) };
    return { judged, ...(0 < Object.keys(used).length && { judges: used }) };
  };
  const judge = openOrTell(options);
  if (judge === undefined) return result(earlier, before?.judges?.prompt);

  const model = judges?.prompt?.model ?? request.model;
  const prompt = { name: options.promptName(judge.path), hash: judge.hash, model: fileName(model.path) };
  const isSame = before?.judges?.prompt?.hash === prompt.hash && before.judges.prompt.model === prompt.model;
  const judged = isSame ? [...earlier] : [];
  await asking("prompt", model, options, async (onLoad) => {
    const known = new Set(judged.map(pairKey));
    const pairs = finishedPairs(cells);
    const missing = pairs.filter(([a, b]) => !known.has(pairKey({ ...a, a: a.variant, b: b.variant })));
    // Who asks for nothing but judging, and has it all, wants it anew.
    const isAnew = missing.length === 0 && again?.cells.length === 0;
    if (isAnew) judged.length = 0;
    const open = isAnew ? pairs : missing;
    await judgePairs(judge, open, inputs, {
      ...{ engine: options.engine, files: options.files, model, signal, onLoad },
      onJudged(said, done) {
        judged.push(...said);
        onEvent({ type: "judging", judge: "prompt", done, total: open.length });
      },
    });
  });
  // A judge that said nothing takes nothing away from the one before.
  return judged.length === 0 ? result(earlier, before?.judges?.prompt) : result(judged, prompt);
}

function openOrTell({ request: { judges }, files, onEvent, signal }: Judging): Judge | undefined {
  if (judges?.prompt === undefined || signal.aborted) return undefined;
  try {
    return openJudge(judges.prompt, files);
  } catch (error) {
    if (!(error instanceof TillerError)) throw error;
    onEvent({ type: "not-judged", judge: "prompt", message: error.message });
    return undefined;
  }
}

/** Tries once more when other models can make room. Failures are told, and are none of the comparison. */
async function asking(
  judge: AskedJudge,
  model: ModelSpec,
  { turns, onEvent, signal }: Judging,
  ask: (onLoad: OnEvent<LoadEvent>) => Promise<void>,
): Promise<void> {
  const onLoad = (event: LoadEvent) => onEvent({ ...event, model: fileName(model.path), variants: [] });
  try {
    try {
      await ask(onLoad);
    } catch (error) {
      if (!isOutOfMemory(error) || !(await turns.makeRoom(model))) throw error;
      await ask(onLoad);
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof TillerError)) throw error;
    onEvent({ type: "not-judged", judge, message: error.message });
  } finally {
    await turns.end(model);
  }
}

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof TillerError && error.code === "out-of-memory";
}

function pairKey({ input, repeat, a, b }: Pick<Judgement, "input" | "repeat" | "a" | "b">): string {
  return JSON.stringify([input, repeat, ...[a, b].sort()]);
}
