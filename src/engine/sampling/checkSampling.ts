/** Refuses sampling options outside their ranges, in words for the user. */

import { TillerError } from "../../base/error.js";
import type { SamplingOptions } from "../../protocol/engine.js";

type NumberOption = Exclude<keyof SamplingOptions, "logitBias">;

interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole?: true;
}

const ranges: Readonly<Record<NumberOption, Range>> = {
  temperature: { least: 0, most: 100 },
  topK: { least: 0, most: 2 ** 31, whole: true },
  topP: { least: 0, most: 1 },
  minP: { least: 0, most: 1 },
  typicalP: { least: 0, most: 1 },
  repetitionPenalty: { least: 0.01, most: 100 },
  frequencyPenalty: { least: -100, most: 100 },
  presencePenalty: { least: -100, most: 100 },
  penaltyWindow: { least: 0, most: 2 ** 31, whole: true },
  noRepeatNgram: { least: 0, most: 1024, whole: true },
  seed: { least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER, whole: true },
};

/** Throws `usage`. Options that are left out are fine. */
export function checkSampling(options: SamplingOptions): void {
  for (const [name, range] of Object.entries(ranges)) {
    const value: unknown = options[name as NumberOption];
    if (value === undefined || isIn(range, value)) continue;
    const kind = range.whole === undefined ? "a number" : "a whole number";
    throw new TillerError("usage", `"${name}" is ${kind} from ${range.least} to ${range.most}, not ${shown(value)}.`);
  }
  for (const [id, value] of Object.entries<unknown>(options.logitBias ?? {})) {
    if (/^\d+$/.test(id) && Number.isFinite(value)) continue;
    throw new TillerError(
      "usage",
      `"logitBias" maps token ids to finite numbers, not ${JSON.stringify(id)} to ${shown(value)}.`,
    );
  }
}

function isIn({ least, most, whole }: Range, value: unknown): boolean {
  if (typeof value !== "number" || !(least <= value && value <= most)) return false;
  return whole === undefined || Number.isInteger(value);
}

/** JSON has no words for NaN and infinity. */
function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
