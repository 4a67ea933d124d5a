/** What each section of the steering panel costs. What the last run tells apart is measured; the rest is estimated, and says so. */

import { count } from "../../base/count.js";
import type { SteeringCost, SteeringSectionId } from "../../protocol/steering.js";
import type { ControlContext } from "./controls.js";
import { bestOfNumber, sectionOf, steeringOfMoves, unmovedValue, vectorsOf } from "./moves.js";
import { slowdown, type RunFigures } from "./runFigures.js";

export interface CostContext extends ControlContext {
  /** Of the last runs; undefined where file or controls have changed since. */
  readonly asWritten: RunFigures | undefined;
  readonly steered: RunFigures | undefined;
}

/** From here on a run is a quarter slower. */
const HIGH = 1.25;
/** One addition in each layer: what bench/results measured of control vectors, rounded up. */
const VECTOR_SHARE = 0.01;

/** Undefined: it costs something, and only a run will tell. */
export function costOf(section: SteeringSectionId, context: CostContext): SteeringCost | undefined {
  switch (section) {
    case "style":
      return styleCost(context);
    case "guidance":
      return guidanceCost(context);
    case "vectors":
      return vectorsCost(context);
    case "adapters":
      return adaptersCost(context);
    case "sampling":
      return samplingCost(context);
    default:
      return section satisfies never;
  }
}

const free: SteeringCost = { text: "no cost", reason: "Nothing here makes a run slower.", isHigh: false };

function styleCost({ moves, asWritten, steered }: CostContext): SteeringCost | undefined {
  if (!isMoved(moves, "style")) return free;
  if (asWritten === undefined || steered === undefined) return undefined;
  const more = steered.promptTokens - asWritten.promptTokens;
  if (more === 0) return { ...free, reason: "Measured: the prompt has as many tokens as before." };
  const text = `${more < 0 ? "−" : "+"}${count(Math.abs(more), "token")}`;
  return { text, reason: "Measured: what the prompt has more than as written.", isHigh: false };
}

function guidanceCost(context: CostContext): SteeringCost | undefined {
  const { written, moves, steered } = context;
  const alone = measuredAlone("guidance", context);
  if (alone !== undefined) return alone;
  const guide = { ...written.guide, ...steeringOfMoves(moves, written).guide };
  const isOn =
    Number(moves["strength"] ?? unmovedValue("strength", written, moves)) !== 1 ||
    (guide["contrast"] ?? guide["experts"] ?? null) !== null;
  if (!isOn) return { ...free, reason: "At strength 1 there is no second branch." };
  const readings = steered?.guidance?.readings;
  if (readings === undefined) return undefined;
  const text = count(readings, "reading");
  return { text, reason: "Measured: how often the model reads each token.", isHigh: 1 < readings };
}

function vectorsCost(context: CostContext): SteeringCost | undefined {
  const { written, moves } = context;
  const guide = { ...written.guide, ...steeringOfMoves(moves, written).guide };
  const inUse = vectorsOf(guide).filter((it) => it.strength !== 0).length;
  if (inUse === 0) return free;
  const reason = `Estimated: ${count(inUse, "vector")}, each an addition in every layer.`;
  return measuredAlone("vectors", context) ?? estimated(1 + VECTOR_SHARE * inUse, reason);
}

function adaptersCost(context: CostContext): SteeringCost | undefined {
  const { written, moves, known } = context;
  const chosen = new Map<string, number>(written.adapters.map((it) => [it.name, it.scale]));
  for (const { name, scale = 1 } of steeringOfMoves(moves, written).adapters) chosen.set(name, scale);
  const names = [...chosen].filter(([, scale]) => scale !== 0).map(([name]) => name);
  if (names.length === 0) return free;
  const alone = measuredAlone("adapters", context);
  if (alone !== undefined) return alone;
  const facts = names.map((name) => known.adapters.find((it) => it.name === name));
  const bytes = facts.reduce((sum, it) => sum + (it?.sizeBytes ?? 0), 0);
  if (known.model === undefined || facts.includes(undefined)) return undefined;
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  const reason = `Estimated from what is read for each token: ${count(names.length, "adapter")}, ${size}, beside the model's ${Math.round(known.model.sizeBytes / 1e6)} MB.`;
  return estimated(1 + bytes / known.model.sizeBytes, reason);
}

function samplingCost(context: CostContext): SteeringCost | undefined {
  const { written, moves } = context;
  const n = Number(moves["bestOf"] ?? bestOfNumber(written.guide["bestOf"]));
  if (n <= 1) return { ...free, reason: "However a token is chosen, it takes the same time." };
  // Only the chosen text is told with its time.
  const alone = measuredAlone("sampling", context);
  if (alone !== undefined)
    return { ...alone, reason: `Estimated: ${n} texts that take as long as the one that was chosen.` };
  return { text: count(n, "text"), reason: `Each text is written ${n} times, and the best is kept.`, isHigh: true };
}

// ------------------------------------------------------------------------------------------------ measured and estimated

function isMoved(moves: ControlContext["moves"], section: SteeringSectionId): boolean {
  return Object.keys(moves).some((it) => sectionOf(it) === section);
}

/** Where nothing else was moved that takes time, all of the difference is this section's. */
function measuredAlone(
  section: SteeringSectionId,
  { moves, asWritten, steered }: CostContext,
): SteeringCost | undefined {
  const taking = Object.keys(moves).filter((it) => sectionOf(it) !== "sampling" || it === "bestOf");
  if (taking.length === 0 || taking.some((it) => sectionOf(it) !== section)) return undefined;
  const times = slowdown(asWritten, steered);
  return times === undefined
    ? undefined
    : {
        text: timesText(times),
        reason: "Measured: the time of a token against the file as written.",
        isHigh: HIGH <= times,
      };
}

function estimated(times: number, reason: string): SteeringCost {
  return { text: `≈ ${timesText(times)}`, reason, isHigh: HIGH <= times };
}

export function timesText(times: number): string {
  return `×${times.toFixed(2).replace(/0$/, "")} time`;
}
