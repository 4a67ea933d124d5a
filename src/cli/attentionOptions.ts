/** The option that says what the tokens of a command see: `streaming:64,1024`. */

import { TillerError } from "../base/error.js";
import { attentionForms, attentionOfText } from "../lang/attentionText.js";
import type { Attention } from "../protocol/attention.js";
import type { OptionSpecs, OptionValues } from "./optionSpec.js";

export const attentionOptions = {
  attention: {
    type: "string",
    value: "PATTERN",
    help:
      "auto (default), dense, streaming[:SINKS,WINDOW], endless[:SINKS,WINDOW], block-sparse[:BLOCK,LOCAL,STRIDE] or " +
      "columns[:BLOCK,LOCAL,COLUMNS]. See docs/attention.md.",
  },
} as const satisfies OptionSpecs;

/** What was not given is left to the prompt file, or to the engine. Throws `usage`. */
export function attentionOf({ attention }: OptionValues<typeof attentionOptions>): { readonly attention?: Attention } {
  return attention === undefined ? {} : { attention: parsedAttention("--attention", attention) };
}

/** Throws `usage`. */
export function parsedAttention(option: string, text: string): Attention {
  const attention = attentionOfText(text);
  if (attention !== undefined) return attention;
  const message = `${option} is ${attentionForms.join(", ")}, with whole numbers as in streaming:64,1024, not "${text}".`;
  throw new TillerError("usage", message);
}
