/** What a hole asks of the engine. What cannot be kept is refused by name, before anything is written. */

import { TillerError } from "../base/error.js";
import type { Json } from "../base/json.js";
import type { HoleSpec } from "../lang/hole.js";
import type { GenerateRequest, SamplingOptions } from "../protocol/engine.js";
import { holeConstraint } from "../lang/holeConstraint.js";
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
}

/** A value that the file sets no limit for is closed within so many tokens. */
const DEFAULT_TOKENS = 1024;

export type HoleRequest = Omit<GenerateRequest, "model" | "prompt">;

/** Throws `constraint-unsupported`, and `prompt-invalid` for values of the wrong kind. */
export function holeRequest(hole: HoleSpec, { config, sampling, maxTokens, outputSchema }: RunLimits): HoleRequest {
  const own = samplingConfig(hole.config ?? {}, `hole "${hole.name}"`);
  refuseOthers(hole);
  const constraint = holeConstraint(hole, outputSchema);
  const merged = { sampling: { ...config.sampling, ...own.sampling, ...sampling } };
  // A choice ends by itself. A limit or a stop text could only cut it off, and then it would be none of its options.
  if (constraint?.kind === "choice") return { ...merged, constraint };
  const limits = [hole.tokens?.max, own.maxTokens ?? config.maxTokens, maxTokens].filter((it) => it !== undefined);
  // Other constraints are closed in time, whatever the limit is.
  if (constraint !== undefined) return { ...merged, constraint, maxTokens: Math.min(DEFAULT_TOKENS, ...limits) };
  const stop = [...new Set([...(hole.stop ?? []), ...own.stop, ...config.stop])];
  return { ...merged, stop, ...(0 < limits.length && { maxTokens: Math.min(...limits) }) };
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
      "(with `stop` and `tokens: {max}`), or one of `choice`, `regex`, `json`, `int`, `number` and `grammar`. " +
      `Remove \`${key}\`.`,
  );
}
