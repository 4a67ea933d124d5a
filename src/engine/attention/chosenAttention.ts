/** Which pattern a request is read by. */

import { AUTO_DENSE_TOKENS, type Attention } from "../../protocol/attention.js";
import { visibilityOf, type Visibility } from "./visibility.js";

export interface AttentionChoice {
  /** The request's. */
  readonly attention: Attention | undefined;
  /** The model's own setting. */
  readonly setting: Attention | undefined;
  /** Asked only where it matters. */
  readonly promptTokens: () => number;
  readonly contextTokens: number;
}

/** Undefined where everything is seen. Throws `usage` for numbers that make no pattern, also where they are not used. */
export function chosenVisibility(choice: AttentionChoice): Visibility | undefined {
  const { attention = "auto", setting = "auto", promptTokens, contextTokens } = choice;
  const ofModel = setting === "auto" ? undefined : visibilityOf(setting, contextTokens);
  if (attention !== "auto") return visibilityOf(attention, contextTokens);
  return ofModel !== undefined && AUTO_DENSE_TOKENS < promptTokens() ? ofModel : undefined;
}
