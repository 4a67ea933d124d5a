/** The tokens of a prompt, by the model's own template and tokenizer. */

import { TillerError } from "../../base/error.js";
import type { PromptInput } from "../../protocol/engine.js";
import { renderChat } from "../chat/template.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { LoadedModel } from "../loadedModel.js";

export interface EncodedPrompt {
  readonly ids: readonly number[];
  readonly text: string;
}

export function encodePrompt(
  { tokenizer, chatTemplate }: Pick<LoadedModel, "tokenizer" | "chatTemplate">,
  prompt: PromptInput,
  { addGenerationPrompt = true }: { readonly addGenerationPrompt?: boolean } = {},
): EncodedPrompt {
  switch (prompt.type) {
    case "messages": {
      const continueLast = prompt.continueLast === true;
      const options = { continueLast, addGenerationPrompt: addGenerationPrompt && !continueLast };
      const { ids, text } = renderChat(chatTemplate, tokenizer, prompt.messages, options);
      return { ids: startingWithBos(ids, tokenizer), text };
    }
    case "text": {
      const ids = tokenizer.encodeSegments([{ text: prompt.text, trusted: prompt.parseSpecial === true }]);
      return { ids: startingWithBos(ids, tokenizer), text: prompt.text };
    }
    case "ids":
      return { ids: checkIds(prompt.ids, tokenizer.vocabularySize), text: tokenizer.decode(prompt.ids) };
    default:
      return prompt satisfies never;
  }
}

/** Chat templates write the start token or leave it to the tokenizer: there is one of it either way, as llama.cpp has it. */
function startingWithBos(ids: readonly number[], { addBos, bos }: Tokenizer): readonly number[] {
  return addBos && bos !== undefined && ids[0] !== bos ? [bos, ...ids] : ids;
}

/** Throws `prompt-too-long` unless there is room for the prompt and one more token. */
export function checkFits(tokens: number, { facts }: LoadedModel): void {
  if (tokens < facts.contextTokens) return;
  const message =
    `The prompt has ${tokens} tokens, and this model's context holds ${facts.contextTokens}, the answer included. ` +
    "Shorten the prompt, or raise the context if the model was trained for more.";
  throw new TillerError("prompt-too-long", message);
}

function checkIds(ids: readonly number[], vocabularySize: number): readonly number[] {
  const wrong = ids.find((it) => !Number.isInteger(it) || it < 0 || vocabularySize <= it);
  if (wrong === undefined) return ids;
  throw new TillerError("usage", `${wrong} is not a token of this model: ids go from 0 to ${vocabularySize - 1}.`);
}
