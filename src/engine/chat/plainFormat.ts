/** How messages are written for a model whose file has no chat template: ChatML if it knows its marks, else roles in words. */

import type { ChatMessage } from "../../protocol/engine.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";

export function renderPlain(
  { specials, bos, addBos, decode }: Tokenizer,
  messages: readonly ChatMessage[],
  addGenerationPrompt: boolean,
): string {
  const start = addBos && bos !== undefined ? decode([bos]) : "";
  if (specials.has("<|im_start|>") && specials.has("<|im_end|>")) {
    const all = messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`);
    return start + all.join("") + (addGenerationPrompt ? "<|im_start|>assistant\n" : "");
  }
  const all = messages.map(({ role, content }) => `${role}: ${content}\n\n`);
  return start + all.join("") + (addGenerationPrompt ? "assistant:" : "");
}
