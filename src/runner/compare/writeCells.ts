/** Writes some cells of one model side by side: each is a run of its prompt, and their holes are rows of one batch. */

import { TillerError } from "../../base/error.js";
import { placeOf } from "../../protocol/cellPlace.js";
import type {
  CellMetrics,
  CellPlace,
  CellResult,
  CellValidity,
  ComparedVariant,
  CompareEvent,
  CompareInput,
  CompareRequest,
  FinishedCell,
  Variant,
} from "../../protocol/compare.js";
import type { Engine, OnEvent, PromptInput } from "../../protocol/engine.js";
import type { FilledHole, RunEvent, RunRequest, RunResult } from "../../protocol/run.js";
import { checkAssertion } from "../tests/checkAssertion.js";
import { editDistance } from "../tests/editDistance.js";
import type { PromptFiles } from "../promptFiles.js";
import { createPromptRunner } from "../promptRunner.js";
import { createCellOutput, type CellOutput } from "./cellOutput.js";
import type { PlannedInput, PlannedVariant } from "./comparePlan.js";
import { runTogether, type GatheringSeat } from "../gather.js";
import { askedSchema } from "./askedSchema.js";

/** A cell of a comparison, or one run of a test. */
export interface CellToWrite extends CellPlace {
  readonly planned: Pick<PlannedVariant, "model" | "path" | "text"> & {
    readonly variant: Pick<Variant, "adapters" | "sampling">;
    readonly compared: Pick<ComparedVariant, "model">;
  };
  readonly asked: Pick<PlannedInput, "input" | "tests">;
  readonly seed: number;
}

/** What cells are written with, whoever asks for them. */
export type WritingRequest = Pick<CompareRequest, "maxTokens" | "top" | "adapterFolders" | "confinedTo">;

export interface WritingOptions {
  readonly engine: Engine;
  readonly files: PromptFiles;
  readonly request: WritingRequest;
  readonly onEvent: OnEvent<CompareEvent>;
  readonly signal: AbortSignal;
}

/** A cell, and what judges need of it beside. */
export interface WrittenCell {
  readonly cell: CellResult;
  readonly conversation?: Conversation;
}

export interface Conversation {
  /** What the first hole was asked with. */
  readonly prompt: PromptInput;
  readonly messages: RunResult["messages"];
}

/** All of one model; gives each as soon as it is done. Never rejects but for bugs. */
export async function writeCells(
  cells: readonly CellToWrite[],
  options: WritingOptions,
  onDone: (written: WrittenCell) => void,
): Promise<void> {
  options.onEvent({ type: "writing", cells: cells.map(placeOf) });
  await runTogether(options.engine, cells.length, options.signal, async (seat, i) =>
    onDone(await writeCell(cells[i]!, seat, options)),
  );
}

async function writeCell(cell: CellToWrite, seat: GatheringSeat, options: WritingOptions): Promise<WrittenCell> {
  const output = createCellOutput();
  const place = placeOf(cell);
  const start = performance.now();
  try {
    const runner = createPromptRunner({ engine: watched(seat.engine, place, output, options), files: options.files });
    const onEvent = (event: RunEvent) => tell(event, cell, output, options);
    const result = await runner.run(runRequest(cell, options.request), onEvent, options.signal);
    tellText(output.ended(result.messages), place, options);
    const base = { ...place, seed: cell.seed, output: output.parts() };
    if (result.finish === "cancelled") return { cell: { ...base, status: "stopped" } };
    const text = base.output.map((it) => it.text).join("");
    return {
      cell: {
        ...base,
        ...{ status: "finished", text, value: result.output, finish: result.finish },
        ...judged(cell, text, result),
        metrics: metricsOf(result.holes, performance.now() - start, seat.rows(), cell.asked.input, text),
      },
      conversation: { prompt: output.prompt() ?? { type: "text", text: "" }, messages: result.messages },
    };
  } catch (error) {
    const base = { ...place, seed: cell.seed, output: output.parts() };
    // A run that is stopped while it is prepared has no result.
    if (options.signal.aborted) return { cell: { ...base, status: "stopped" } };
    if (!(error instanceof TillerError)) throw error;
    return { cell: { ...base, status: "failed", code: error.code, message: error.message } };
  }
}

function runRequest({ planned, asked, seed }: CellToWrite, request: WritingRequest): RunRequest {
  const { variant, model, path, text } = planned;
  const { maxTokens, top, adapterFolders, confinedTo } = request;
  return {
    ...{ path, text, model, input: asked.input.values },
    sampling: { ...variant.sampling, seed },
    ...(variant.adapters && { adapters: variant.adapters }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(top !== undefined && { top }),
    ...(adapterFolders && { adapterFolders }),
    ...(confinedTo && { confinedTo }),
  };
}

/** Sees the conversation whenever the model is asked. */
function watched(engine: Engine, cell: CellPlace, output: CellOutput, options: WritingOptions): Engine {
  return {
    ...engine,
    generate(request, onEvent, signal) {
      tellText(output.asked(request.prompt), cell, options);
      return engine.generate(request, onEvent, signal);
    },
  };
}

/** Which hole is being written, and whether people are shown it, is known from the events before. */
function tell(event: RunEvent, planned: CellToWrite, output: CellOutput, { onEvent }: WritingOptions): void {
  const cell = placeOf(planned);
  switch (event.type) {
    case "loading":
      onEvent({ ...event, model: planned.planned.compared.model, variants: [cell.variant] });
      break;
    case "hole":
      output.began(event);
      break;
    case "text":
      if (output.wrote(event.text, event.name)) onEvent({ type: "text", cell, text: event.text, hole: event.name });
      break;
    case "token": {
      const { name, ...token } = event;
      onEvent({ ...token, cell, hole: name });
      break;
    }
    case "filled":
      output.filled(event.hole);
      break;
    default: // what a comparison does not show
  }
}

function tellText(text: string, cell: CellPlace, { onEvent }: WritingOptions): void {
  if (text !== "") onEvent({ type: "text", cell, text });
}

function metricsOf(
  holes: readonly FilledHole[],
  ms: number,
  rows: number,
  { reference }: CompareInput,
  text: string,
): CellMetrics {
  const usages = holes.map((it) => it.usage);
  const sum = (key: "completionTokens" | "decodeMs") => usages.reduce((total, it) => total + it[key], 0);
  const masses = usages.flatMap((it) => it.constraint?.legalMass ?? []);
  const [tokens, decodeMs] = [sum("completionTokens"), sum("decodeMs")];
  return {
    promptTokens: usages[0]?.promptTokens ?? 0,
    cachedTokens: usages[0]?.cachedTokens ?? 0,
    tokens,
    firstTokenMs: usages[0]?.prefillMs ?? 0,
    tokensPerSecond: decodeMs === 0 ? 0 : (1000 * tokens) / decodeMs,
    ms,
    rows,
    ...(0 < masses.length && { legalMass: masses.reduce((total, it) => total + it, 0) / masses.length }),
    ...(reference !== undefined && { distance: editDistance(text.trim(), reference.trim()) }),
  };
}

function judged(
  { planned, asked }: CellToWrite,
  text: string,
  { holes, output }: RunResult,
): Pick<FinishedCell, "validity" | "tests" | "presets"> {
  const outputSchema = askedSchema(planned.text);
  const tests = asked.tests.flatMap((test) =>
    test.assertions.map((it) => ({ test: test.name, ...checkAssertion(it, { text, value: output, outputSchema }) })),
  );
  return { validity: validityOf(holes), tests, presets: holes.flatMap((it) => (it.hidden ? [] : (it.presets ?? []))) };
}

function validityOf(holes: readonly FilledHole[]): CellValidity {
  const problems = holes.flatMap(({ name, check, usage }) => {
    if (check?.problem !== undefined) return [{ hole: name, problem: check.problem }];
    if (usage.constraint?.kept === false) return [{ hole: name, problem: "the wish for its form was not kept" }];
    return [];
  });
  return { valid: holes.length - problems.length, holes: holes.length, problems };
}
