/** Classifier-free guidance (arXiv 2306.17806): two prompts, read side by side, and what tells them apart made stronger. */

import { TillerError } from "../../base/error.js";
import { classifierFreeGuidance } from "../sampling/classifierFreeGuidance.js";
import type { Branch } from "./branch.js";

const MOST = 100;

/** `otherwise` reads the prompt without what is to be emphasised. */
export function guidedBranch(wanted: Branch, otherwise: Branch, strength: number): Branch {
  const combine = (logits: Float32Array, other: Float32Array) => classifierFreeGuidance(logits, other, strength);
  return {
    cached: wanted.cached,
    async begin(options) {
      const logits = (await wanted.begin(options))?.slice(); // the other branch may write into the same memory
      const other = logits && (await otherwise.begin({ signal: options.signal }));
      return other && combine(logits, other);
    },
    async append(ids) {
      const logits = (await wanted.append(ids)).slice();
      return combine(logits, await otherwise.append(ids));
    },
    release() {
      wanted.release();
      otherwise.release();
    },
  };
}

/** Throws `usage`. */
export function checkStrength(strength: number): void {
  if (Number.isFinite(strength) && 0 <= strength && strength <= MOST) return;
  throw new TillerError("usage", `The strength of guidance is a number from 0 to ${MOST}, not ${strength}.`);
}
