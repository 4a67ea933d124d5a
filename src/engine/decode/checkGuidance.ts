/** Whether guidance is what it may be. */

import { TillerError } from "../../base/error.js";
import type { Guidance } from "../../protocol/engine.js";

export const MOST_STRENGTH = 100;
const MOST_CONTRAST = 2;
const MOST_BIAS = 100;

/** Throws `usage`. */
export function checkGuidance(guidance: Guidance, layers: number): void {
  switch (guidance.kind) {
    case "classifier-free":
      inRange("The strength of guidance", guidance.strength, 0, MOST_STRENGTH);
      return inRange("The plausibility of guidance", guidance.plausibility ?? 0, 0, 1);
    case "contrastive":
      inRange("The strength of contrastive guidance", guidance.strength ?? 1, 0, MOST_CONTRAST);
      inRange("The plausibility of guidance", guidance.plausibility ?? 0, 0, 1);
      if ("layers" in guidance.amateur) checkLayers(guidance.amateur.layers, layers);
      return;
    case "experts":
      inRange("The strength of experts", guidance.strength, 0, MOST_STRENGTH);
      if (guidance.expert !== undefined || guidance.antiExpert !== undefined) return;
      throw new TillerError("usage", "Guidance by experts needs an expert, an anti-expert, or both.");
    default:
      throw new TillerError("usage", `There is no guidance "${(guidance as { readonly kind: string }).kind}".`);
  }
}

/** Throws `usage`. */
export function checkWordBias(bias: Readonly<Record<string, number>>): void {
  for (const [text, value] of Object.entries(bias)) {
    if (text.trim() === "") throw new TillerError("usage", "A text whose bias is set has at least one letter.");
    inRange(`The bias of ${JSON.stringify(text)}`, value, -MOST_BIAS, MOST_BIAS);
  }
}

/** What is refused, in words of its own, and how to go on: numbers that break the arithmetic are no strong guidance. */
function inRange(what: string, value: number, least: number, most: number): void {
  if (Number.isFinite(value) && least <= value && value <= most) return;
  throw new TillerError("usage", `${what} is a number from ${least} to ${most}, not ${value}.`);
}

function checkLayers(value: number, layers: number): void {
  if (Number.isInteger(value) && 1 <= value && value < layers) return;
  throw new TillerError(
    "usage",
    `The early layers of contrastive guidance are 1 to ${layers - 1} with this model, not ${value}.`,
  );
}
