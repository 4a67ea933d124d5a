/** What to read or continue, for the commands that take no `.prompt` file. */

import { TillerError } from "../base/error.js";
import { isJsonObject, type Json } from "../base/json.js";
import type { ChatMessage, PromptInput } from "../protocol/engine.js";
import type { OptionSpecs, OptionValues } from "./optionSpec.js";
import { jsonOf, textOf } from "./givenText.js";
import type { Terminal } from "./terminal.js";

export const promptOptions = {
  prompt: { type: "string", short: "p", value: "TEXT", help: "The text, as it is: no chat template is put around it." },
  "prompt-file": { type: "string", value: "FILE", help: "The same from a file; - is standard input." },
  messages: {
    type: "string",
    value: "JSON|@FILE",
    help: 'A conversation, as [{"role": "user", "content": "..."}], put into the model\'s own chat template.',
  },
  "continue-last": { type: "boolean", help: "With --messages: the last message is left open, to be continued." },
  ids: { type: "string", value: "JSON|@FILE", help: "Token ids, as [1, 2, 3]." },
  "parse-special": { type: "boolean", help: "With a text: special tokens spelled in it become tokens." },
} as const satisfies OptionSpecs;

/** `operands`: the text may also stand there. */
export async function promptOf(
  terminal: Terminal,
  command: string,
  options: OptionValues<typeof promptOptions>,
  operands: readonly string[],
): Promise<PromptInput> {
  if (1 < operands.length) {
    throw new TillerError(
      "usage",
      `tiller ${command} takes one text; put it in quotes, or "${operands[1]}" is too much.`,
    );
  }
  const { prompt, messages, ids, "prompt-file": file } = options;
  const [operand] = operands;
  const given = [operand, prompt, file, messages, ids].filter((it) => it !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? "Nothing was given" : "Several were given";
    const choices = "a text, --prompt, --prompt-file, --messages or --ids";
    throw new TillerError(
      "usage",
      `${found}: tiller ${command} needs one of ${choices}. See tiller ${command} --help.`,
    );
  }
  if (messages !== undefined) {
    const continueLast = options["continue-last"];
    return { type: "messages", messages: messagesOf(await jsonOf(terminal, "--messages", messages)), continueLast };
  }
  if (ids !== undefined) return { type: "ids", ids: idsOf(await jsonOf(terminal, "--ids", ids)) };
  const text = prompt ?? operand ?? (await textOf(terminal, file!));
  return { type: "text", text, parseSpecial: options["parse-special"] };
}

function messagesOf(value: Json): ChatMessage[] {
  const expected = '--messages is a list of {"role": "...", "content": "..."}';
  if (!Array.isArray(value) || value.length === 0) throw new TillerError("input-invalid", `${expected}, not empty.`);
  return value.map((it: Json, i) => {
    if (isJsonObject(it) && typeof it["role"] === "string" && typeof it["content"] === "string") {
      return { role: it["role"], content: it["content"] };
    }
    throw new TillerError("input-invalid", `${expected}; number ${i + 1} is ${JSON.stringify(it)}.`);
  });
}

function idsOf(value: Json): number[] {
  if (Array.isArray(value) && value.every((it): it is number => typeof it === "number")) return value;
  throw new TillerError("input-invalid", "--ids is a list of whole numbers such as [1, 2, 3].");
}
