/** What a hole asks of the engine, and what is checked afterwards. What cannot be kept is refused before anything is written. */

import { TillerError } from "../base/error.js";
import type { Json } from "../base/json.js";
import type { HoleSpec } from "../lang/hole.js";
import { holeConstraint } from "../lang/holeConstraint.js";
import type { Attention } from "../protocol/attention.js";
import type { ConstraintSpec } from "../protocol/constraint.js";
import type { GenerateRequest, SamplingOptions } from "../protocol/engine.js";
import type { RunRequest } from "../protocol/run.js";
import { samplingConfig, type SamplingConfig } from "./samplingConfig.js";

/** What applies to every hole of a run. */
export interface RunLimits {
  /** What the file says of sampling, in its `config`. */
  readonly config: SamplingConfig;
  /** What the caller sets, over everything that the file says. */
  readonly sampling: SamplingOptions;
  readonly maxTokens?: number;
  /** The file's `output.schema`, as JSON Schema. */
  readonly outputSchema?: Json | undefined;
  /** As in `RunRequest`. */
  readonly top?: number;
  readonly begin?: RunRequest["begin"];
  /** The caller's, else the file's. */
  readonly attention?: Attention | undefined;
  /** The caller's, else the file's. */
  readonly promptLookup?: boolean;
}

/** A value that the file sets no limit for is closed within so many tokens. */
const DEFAULT_TOKENS = 1024;
/** In nats: a token that breaks a preference is about 150 times less likely. */
const PREFERENCE = 5;

export type HoleRequest = Omit<GenerateRequest, "model" | "prompt">;

/** Throws `constraint-unsupported`, `constraint-invalid`, and `prompt-invalid` for values of the wrong kind. */
export function holeRequest(hole: HoleSpec, limits: RunLimits): HoleRequest {
  const { config, sampling, outputSchema } = limits;
  const own = samplingConfig(hole.config ?? {}, `hole "${hole.name}"`);
  const [meaningless] = Object.keys(hole.other ?? {});
  if (meaningless !== undefined) throw refused(hole, meaningless, "has no meaning here", "Remove it.");
  const begin = limits.begin?.hole === hole.name ? limits.begin.ids : undefined;
  const merged = {
    sampling: { ...config.sampling, ...own.sampling, ...sampling },
    ...(limits.top !== undefined && { top: limits.top }),
    ...(begin && { begin }),
    ...(limits.attention && { attention: limits.attention }),
    ...(limits.promptLookup === true && { promptLookup: true }),
  };
  const constraint = hole.level === "check" ? undefined : holeConstraint(hole, outputSchema);
  if (constraint?.kind === "choice" && hole.level !== "prefer")
    return { ...merged, ...choiceRequest(hole, constraint) };
  const stop = [...new Set([...(hole.stop ?? []), ...own.stop, ...config.stop])];
  // The other values end by themselves, and nothing in them is the end of a text.
  const stops = endsByItself(constraint) ? {} : { stop };
  return {
    ...merged,
    ...stops,
    ...minimum(hole, stop),
    ...maximum(hole, own.maxTokens, limits, constraint),
    ...(constraint && { constraint }),
    ...(constraint && hole.level === "prefer" && { prefer: PREFERENCE }),
  };
}

/** A choice ends by itself. A limit or a stop text could only cut it off, and then it would be none of its options. */
function choiceRequest(hole: HoleSpec, constraint: ConstraintSpec): Pick<GenerateRequest, "constraint" | "scores"> {
  return { constraint, ...(hole.scores === true && { scores: true }) };
}

function endsByItself(constraint: ConstraintSpec | undefined): boolean {
  return constraint !== undefined && constraint.kind !== "all";
}

/** Constraints are closed in time, whatever the limit is; so each has one. */
function maximum(
  { tokens, level }: HoleSpec,
  own: number | undefined,
  { config, maxTokens }: RunLimits,
  constraint: ConstraintSpec | undefined,
): Pick<GenerateRequest, "maxTokens"> {
  const limits = [tokens?.max, own ?? config.maxTokens, maxTokens].filter((it) => it !== undefined);
  if (constraint !== undefined || level === "check") limits.push(DEFAULT_TOKENS);
  return limits.length === 0 ? {} : { maxTokens: Math.min(...limits) };
}

function minimum(hole: HoleSpec, stop: readonly string[]): Pick<GenerateRequest, "minTokens"> {
  const min = hole.tokens?.min ?? 0;
  if (min === 0) return {};
  const { constraint } = hole;
  if (constraint !== undefined && constraint.kind !== "text" && constraint.kind !== "regex")
    throw refused(hole, "tokens.min", `cannot be kept by \`${constraint.kind}\`, which ends by itself`, "Remove it.");
  if (0 < stop.length)
    throw refused(hole, "tokens.min", "cannot be kept beside a stop text", "Use `words: {min}` or `chars: {min}`.");
  return { minTokens: min };
}

function refused({ name }: HoleSpec, key: string, reason: string, way: string): TillerError {
  return new TillerError(
    "constraint-unsupported",
    `Hole "${name}": \`${key}\` ${reason}, so nothing was written. ${way}`,
  );
}
