/** What the steering panel knows of one prompt, and how it becomes what the page shows. Plain data, changed by what happens. */

import { isJsonObject, type JsonObject } from "../../base/json.js";
import type { PresetCheck } from "../../protocol/guide.js";
import type { RunEvent } from "../../protocol/run.js";
import type {
  DiffPart,
  SteeringProblem,
  SteeringResult,
  SteeringRow,
  SteeringRun,
  SteeringSection,
  SteeringSectionId,
  SteeringState,
} from "../../protocol/steering.js";
import { controlsOf, type KnownSteering } from "./controls.js";
import { bestOfNumber, sectionOf, vectorsOf, type Moves, type WrittenSteering } from "./moves.js";
import { slowdown, timePerToken, type FigureHole, type RunFigures } from "./runFigures.js";
import { costOf, timesText, type CostContext } from "./sectionCost.js";
import { wordDiff } from "../../compare/wordDiff.js";

export interface SteeringData {
  /** Undefined: no prompt is open. */
  readonly title: string | undefined;
  readonly live: boolean;
  readonly turn: number;
  readonly written: WrittenSteering;
  readonly moves: Moves;
  readonly known: KnownSteering;
  /** Whatever a run depends on but the controls: it changes with the file, its inputs and the model. */
  readonly source: string;
  readonly blocked: SteeringProblem | undefined;
  readonly run: SteeringRun;
  readonly asWritten: Ran | undefined;
  readonly steered: Ran | undefined;
  /** What the steered run has written so far; undefined while none runs. */
  readonly writing: readonly WritingHole[] | undefined;
}

type WritingHole = Pick<FigureHole, "name" | "text">;

/** A run that is over, with what it was a run of. */
export interface Ran {
  readonly key: string;
  readonly figures: RunFigures;
  /** Of the steered run: what the text as written keeps of the same presets, in their order. */
  readonly before?: readonly PresetCheck[];
}

export const nothingWritten: WrittenSteering = { guide: {}, config: {}, adapters: [], variables: [] };

export function startSteering(title: string | undefined, live: boolean, moves: Moves): SteeringData {
  return {
    title,
    live,
    turn: 0,
    written: nothingWritten,
    moves,
    known: { adapters: [], model: undefined },
    source: "",
    blocked: undefined,
    run: { kind: "idle" },
    asWritten: undefined,
    steered: undefined,
    writing: undefined,
  };
}

/** Both runs have the same seed, so that what differs is not chance. */
export function asWrittenKey({ source, moves }: Pick<SteeringData, "source" | "moves">): string {
  return JSON.stringify([source, moves["seed"] ?? null]);
}

export function steeredKey({ source, moves }: Pick<SteeringData, "source" | "moves">): string {
  const sorted = Object.entries(moves).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([source, sorted]);
}

/** A seed alone is no steering: the file as written would be run with it too. */
export function isSteered(moves: Moves): boolean {
  return Object.keys(moves).some((it) => it !== "seed");
}

// ------------------------------------------------------------------------------------------------ a run

export function withSteeredStart(data: SteeringData): SteeringData {
  return { ...data, run: { kind: "steered" }, writing: [] };
}

/** `run` says which of both runs tells this. */
export function withEvent(data: SteeringData, run: "asWritten" | "steered", event: RunEvent): SteeringData {
  if (event.type === "loading") return { ...data, run: { kind: "loading", fraction: event.fraction } };
  const going: SteeringData = data.run.kind === run ? data : { ...data, run: { kind: run } };
  if (run === "asWritten") return going;
  const { writing = [] } = going;
  switch (event.type) {
    case "hole":
      return event.hidden === true ? going : { ...going, writing: [...writing, { name: event.name, text: "" }] };
    case "text":
      return { ...going, writing: withText(writing, event.name, (it) => it + event.text) };
    case "failed":
      return { ...going, writing: withText(writing, event.name, () => "") };
    default:
      return going;
  }
}

function withText(
  writing: readonly WritingHole[],
  name: string,
  change: (text: string) => string,
): readonly WritingHole[] {
  const at = writing.findLastIndex((it) => it.name === name);
  return writing.map((it, i) => (i === at ? { name, text: change(it.text) } : it));
}

export function withSteeredEnd(data: SteeringData, steered: Ran): SteeringData {
  return { ...data, steered, run: { kind: "idle" }, writing: undefined };
}

export function withEnd(
  data: SteeringData,
  run: Extract<SteeringRun, { kind: "idle" | "stopped" | "failed" }>,
): SteeringData {
  return { ...data, run, writing: undefined };
}

// ------------------------------------------------------------------------------------------------ the page's state

const sectionNames = {
  style: "Style",
  guidance: "Guidance",
  vectors: "Vectors",
  adapters: "Adapters",
  sampling: "Sampling",
} as const satisfies Readonly<Record<SteeringSectionId, string>>;

export function stateOf(data: SteeringData): SteeringState {
  const { title, turn, live, moves, run, blocked } = data;
  const sections = Object.keys(sectionNames) as readonly SteeringSectionId[];
  return {
    title,
    turn,
    live,
    isSteered: isSteered(moves),
    run,
    blocked,
    sections: title === undefined ? [] : sections.map((it) => sectionState(it, data)),
    result: isSteered(moves) ? resultOf(data) : undefined,
  };
}

/** Runs of just this file under just these controls. */
function currentRuns(data: SteeringData): Pick<CostContext, "asWritten" | "steered"> {
  const { asWritten, steered } = data;
  return {
    asWritten: asWritten?.key === asWrittenKey(data) ? asWritten.figures : undefined,
    steered: steered?.key === steeredKey(data) ? steered.figures : undefined,
  };
}

function sectionState(id: SteeringSectionId, data: SteeringData): SteeringSection {
  const context: CostContext = { ...data, ...currentRuns(data) };
  const checks = id === "style" ? (context.steered?.holes.flatMap((it) => it.presets) ?? []) : [];
  return {
    id,
    name: sectionNames[id],
    cost: costOf(id, context),
    controls: controlsOf(id, context),
    isSteered: Object.keys(data.moves).some((it) => sectionOf(it) === id),
    canAdd: id === "vectors" || id === "adapters",
    checks: checks.map(({ target, result, passed }) => ({ text: result, target, passed })),
    note: noteOf(id, context, data),
  };
}

function noteOf(
  id: SteeringSectionId,
  { steered, moves, written }: CostContext,
  { known }: SteeringData,
): string | undefined {
  switch (id) {
    case "style":
      return "Each preset adds a line to the prompt, and a check that measures whether it worked.";
    case "guidance": {
      const guidance = steered?.guidance;
      if (guidance !== undefined)
        return `Changed ${guidance.changedTokens} of ${guidance.askedTokens} tokens: the preview's Tokens tab shows which.`;
      return otherGuidance(written.guide);
    }
    case "vectors":
      return known.adapters.some((it) => it.form === "control-vector") || 0 < vectorsOf(written.guide).length
        ? undefined
        : "No control vectors were found in the folders of adapters.";
    case "adapters":
      return undefined;
    case "sampling": {
      const n = Number(moves["bestOf"] ?? bestOfNumber(written.guide["bestOf"]));
      return n <= 1 ? "Best of 4 writes the text four times and keeps the best." : undefined;
    }
    default:
      return id satisfies never;
  }
}

/** Other ways to guide that the file names exclude a strength. */
function otherGuidance(guide: JsonObject): string | undefined {
  const key = ["contrast", "experts"].find((it) => guide[it] !== undefined && isJsonObject(guide[it] ?? null));
  return key === undefined ? undefined : `The file guides by "${key}", which excludes a strength.`;
}

function resultOf(data: SteeringData): SteeringResult | undefined {
  const { asWritten, steered, writing } = data;
  const isWriting = writing !== undefined;
  const texts: readonly WritingHole[] | undefined = writing ?? steered?.figures.holes;
  if (texts === undefined) return undefined;
  const isOld = !isWriting && (steered?.key !== steeredKey(data) || asWritten?.key !== asWrittenKey(data));
  const before = new Map(asWritten?.figures.holes.map((it) => [it.name, it.text]));
  return {
    isWriting,
    isOld,
    holes: texts.map(({ name, text }) => {
      const old = before.get(name);
      const same: readonly DiffPart[] = text === "" ? [] : [{ kind: "same", text }];
      return { name, parts: isWriting || old === undefined ? same : wordDiff(old, text) };
    }),
    rows: isWriting || asWritten === undefined || steered === undefined ? [] : rowsOf(asWritten.figures, steered),
  };
}

function rowsOf(asWritten: RunFigures, { figures: steered, before }: Ran): readonly SteeringRow[] {
  const times = slowdown(asWritten, steered);
  const row = (label: string, ofWritten: string | undefined, ofSteered: string | undefined): SteeringRow => ({
    label,
    asWritten: ofWritten ?? "–",
    steered: ofSteered ?? "–",
    isSum: false,
  });
  const presets = steered.holes.flatMap((it) => it.presets);
  return [
    row("Speed, tok/s", speedOf(asWritten), speedOf(steered)),
    row("Tokens written", String(asWritten.completionTokens), String(steered.completionTokens)),
    ...(presets.length === 0 ? [] : [row("Presets kept", keptOf(before ?? []), keptOf(presets))]),
    {
      label: "Cost of all",
      asWritten: "",
      steered: times === undefined ? "too short to tell" : timesText(times),
      isSum: true,
    },
  ];
}

function speedOf(run: RunFigures): string | undefined {
  const time = timePerToken(run);
  return time === undefined ? undefined : String(Math.round(1000 / time));
}

function keptOf(presets: readonly PresetCheck[]): string | undefined {
  return presets.length === 0 ? undefined : `${presets.filter((it) => it.passed).length} of ${presets.length}`;
}
