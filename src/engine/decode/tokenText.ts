/** How one token is shown by itself: what it writes, and U+FFFD for half a character. */

import type { Tokenizer } from "../tokenizer/tokenizer.js";

/** Not `decode([id])`: that is the text of a whole sequence, which some vocabularies begin without a space. */
export function tokenText(tokenizer: Tokenizer, id: number, skippedBytes = 0): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(tokenizer.bytes(id).subarray(skippedBytes));
}
