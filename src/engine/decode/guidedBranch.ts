/** Guidance by several readings of one text: rows side by side, whose logits are combined into one. */

import { TillerError } from "../../base/error.js";
import { classifierFreeGuidance } from "../sampling/classifierFreeGuidance.js";
import type { Branch } from "./branch.js";
import type { Rows } from "./rows.js";

const MOST = 100;

/** Classifier-free guidance (arXiv 2306.17806): the second row reads the prompt without what is to be emphasised. */
export function guidedBranch(rows: Rows, strength: number): Branch {
  return combinedBranch(rows, ([wanted, otherwise]) => classifierFreeGuidance(wanted!, otherwise!, strength));
}

/** `combine` makes the logits [vocabulary] to choose from of those of each row. */
export function combinedBranch(rows: Rows, combine: (logits: readonly Float32Array[]) => Float32Array): Branch {
  return {
    cached: rows.cached,
    async begin(options) {
      const logits = await rows.begin(options);
      return logits && combine(logits);
    },
    async append(ids) {
      return combine(await rows.append(Array<readonly number[]>(rows.count).fill(ids)));
    },
    release: () => rows.release(),
  };
}

/** Throws `usage`. */
export function checkStrength(strength: number): void {
  if (Number.isFinite(strength) && 0 <= strength && strength <= MOST) return;
  throw new TillerError("usage", `The strength of guidance is a number from 0 to ${MOST}, not ${strength}.`);
}
