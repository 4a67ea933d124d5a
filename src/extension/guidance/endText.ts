/** What is said when a text was written: how much, and what the constraint did to it. */

import { count } from "../../base/count.js";
import type { GenerateResult } from "../../protocol/engine.js";

export function endText({ finish, usage: { completionTokens, constraint } }: GenerateResult): string {
  const wrote = count(completionTokens, "token");
  if (finish === "cancelled") return `Tiller stopped after ${wrote}.`;
  const end = finish === "length" && constraint === undefined ? "; the limit of tokens ended it" : "";
  if (constraint === undefined) return `Tiller wrote ${wrote}${end}.`;
  const { forcedTokens, legalMass } = constraint;
  const mean = legalMass.reduce((sum, it) => sum + it, 0) / Math.max(1, legalMass.length);
  const share = legalMass.length === 0 ? "" : `; it left the model ${Math.round(mean * 100)} % of its choices`;
  return `Tiller wrote ${wrote} under the constraint (${forcedTokens} forced${share}).`;
}
