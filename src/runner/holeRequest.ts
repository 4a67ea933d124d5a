/** What a hole asks of the engine. What cannot be kept is refused by name, before anything is written. */

import { TillerError } from "../base/error.js";
import type { HoleSpec } from "../lang/hole.js";
import type { ConstraintSpec } from "../protocol/constraint.js";
import type { GenerateRequest, SamplingOptions } from "../protocol/engine.js";
import { samplingConfig, type SamplingConfig } from "./samplingConfig.js";

/** What applies to every hole of a run. */
export interface RunLimits {
  /** What the file says of sampling, in its `config`. */
  readonly config: SamplingConfig;
  /** What the caller sets, over everything that the file says. */
  readonly sampling: SamplingOptions;
  readonly maxTokens?: number;
}

export type HoleRequest = Omit<GenerateRequest, "model" | "prompt">;

/** Throws `constraint-unsupported`, and `prompt-invalid` for values of the wrong kind. */
export function holeRequest(hole: HoleSpec, { config, sampling, maxTokens }: RunLimits): HoleRequest {
  const own = samplingConfig(hole.config ?? {}, `hole "${hole.name}"`);
  const constraint = constraintOf(hole);
  refuseOthers(hole);
  const merged = { sampling: { ...config.sampling, ...own.sampling, ...sampling } };
  // A choice ends by itself. A limit or a stop text could only cut it off, and then it would be none of its options.
  if (constraint !== undefined) return { ...merged, constraint };
  const limits = [hole.tokens?.max, own.maxTokens ?? config.maxTokens, maxTokens].filter((it) => it !== undefined);
  const stop = [...new Set([...(hole.stop ?? []), ...own.stop, ...config.stop])];
  return { ...merged, stop, ...(0 < limits.length && { maxTokens: Math.min(...limits) }) };
}

function constraintOf(hole: HoleSpec): ConstraintSpec | undefined {
  const { constraint } = hole;
  if (constraint === undefined || constraint.kind === "text") return undefined;
  if (constraint.kind !== "choice") throw unsupported(hole, constraint.kind);
  if (constraint.options.length === 0 || constraint.options.includes("")) {
    throw new TillerError("constraint-invalid", `Hole "${hole.name}": a choice needs options, and none may be empty.`);
  }
  return { kind: "choice", options: constraint.options };
}

function refuseOthers(hole: HoleSpec): void {
  if (hole.tokens?.min !== undefined) throw unsupported(hole, "tokens.min");
  const [other] = Object.keys(hole.other ?? {});
  if (other !== undefined) throw unsupported(hole, other);
}

function unsupported({ name }: HoleSpec, key: string): TillerError {
  return new TillerError(
    "constraint-unsupported",
    `Hole "${name}": \`${key}\` cannot be enforced by this version, so nothing was written. A hole can be free text ` +
      "(with `stop` and `tokens: {max}`) or a choice of texts. Remove " +
      `\`${key}\`, or list what may be written: {{select "${name}" "..." "..."}}.`,
  );
}
