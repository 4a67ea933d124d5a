/** The prompts that a direction is made of, or measured by: two files, whose lines are pairs. */

import { messageOf, TillerError } from "../base/error.js";
import { isJsonObject, type Json } from "../base/json.js";
import type { ChatMessage, PromptInput } from "../protocol/engine.js";
import { textOf } from "./givenText.js";
import type { OptionSpecs, OptionValues } from "./optionSpec.js";
import type { Terminal } from "./terminal.js";

export const steerPromptOptions = {
  positive: {
    type: "string",
    value: "FILE",
    help: "Prompts that have what is to be strengthened: one a line, or JSONL.",
  },
  negative: { type: "string", value: "FILE", help: "Prompts that lack it, line for line the partners of the others." },
  chat: { type: "boolean", help: "Texts are messages of a user, in the model's chat template, and not as they are." },
  at: {
    type: "string",
    value: "last|mean",
    help: "Read a prompt at its last token (default), or in the mean of all its tokens.",
  },
} as const satisfies OptionSpecs;

export interface PromptPairs {
  readonly positive: readonly PromptInput[];
  readonly negative: readonly PromptInput[];
  readonly at: "last" | "mean";
}

const FEWEST_PAIRS = 4;

/** Throws `usage` and `input-invalid`. `command` and `least` are for the messages. */
export async function promptPairsOf(
  terminal: Terminal,
  command: string,
  options: OptionValues<typeof steerPromptOptions>,
): Promise<PromptPairs> {
  const { positive, negative, chat, at = "last" } = options;
  if (at !== "last" && at !== "mean") throw new TillerError("usage", `--at is last or mean, not "${at}".`);
  if (positive === undefined || negative === undefined)
    throw new TillerError("usage", `tiller ${command} needs --positive FILE and --negative FILE.`);
  if (positive === "-" && negative === "-")
    throw new TillerError("usage", "Only one of --positive and --negative can be standard input.");
  const sides = {
    positive: promptsIn(await textOf(terminal, positive), positive, { chat }),
    negative: promptsIn(await textOf(terminal, negative), negative, { chat }),
  };
  checkPairs(sides, { positive, negative });
  return { ...sides, at };
}

type Sides<T> = Readonly<Record<"positive" | "negative", T>>;

function checkPairs({ positive, negative }: Sides<readonly PromptInput[]>, names: Sides<string>): void {
  if (positive.length !== negative.length)
    throw new TillerError(
      "input-invalid",
      `${names.positive} has ${positive.length} prompts and ${names.negative} has ${negative.length}. ` +
        "They are pairs by line, so there must be as many of both.",
    );
  if (positive.length < FEWEST_PAIRS)
    throw new TillerError(
      "input-invalid",
      `There are ${positive.length} pairs, and a direction needs at least ${FEWEST_PAIRS}. A dozen or more is better.`,
    );
  const same = positive.findIndex((it, i) => JSON.stringify(it) === JSON.stringify(negative[i]));
  if (0 <= same)
    throw new TillerError(
      "input-invalid",
      `Pair ${same + 1} of ${names.positive} and ${names.negative} is twice the same prompt.`,
    );
}

/**
 * Empty lines are left out. In a file whose first line is JSON every line is: a string, `{"prompt": "..."}`, or
 * `{"messages": [...]}`, whose last message is left open when it is the assistant's.
 */
export function promptsIn(text: string, name: string, { chat }: { readonly chat: boolean }): PromptInput[] {
  const lines = text.split(/\r\n|\n|\r/).map((line, i) => ({ line, where: `${name}, line ${i + 1}` }));
  const written = lines.filter((it) => it.line.trim() !== "");
  const isJson = /\.jsonl$/i.test(name) || /^\s*[{"]/.test(written[0]?.line ?? "");
  return written.map(({ line, where }) => (isJson ? jsonPrompt(line, where, chat) : textPrompt(line, chat)));
}

function textPrompt(text: string, chat: boolean): PromptInput {
  return chat ? { type: "messages", messages: [{ role: "user", content: text }] } : { type: "text", text };
}

function jsonPrompt(line: string, where: string, chat: boolean): PromptInput {
  const value = parsed(line, where);
  if (typeof value === "string") return textPrompt(value, chat);
  if (isJsonObject(value)) {
    const { prompt, messages } = value;
    if (typeof prompt === "string") return textPrompt(prompt, chat);
    if (Array.isArray(messages) && 0 < messages.length && messages.every(isMessage)) {
      const said = messages.map(({ role, content }) => ({ role, content }));
      return { type: "messages", messages: said, continueLast: said.at(-1)!.role === "assistant" };
    }
  }
  throw new TillerError(
    "input-invalid",
    `${where}: expected a text in quotes, {"prompt": "..."} or {"messages": [{"role": "...", "content": "..."}]}.`,
  );
}

function parsed(line: string, where: string): Json {
  try {
    return JSON.parse(line) as Json;
  } catch (error) {
    const reason = messageOf(error);
    throw new TillerError("input-invalid", `${where} is not JSON: ${reason}.`, { cause: error });
  }
}

function isMessage(value: unknown): value is ChatMessage {
  const { role, content } = (value ?? {}) as Partial<Record<keyof ChatMessage, unknown>>;
  return typeof role === "string" && typeof content === "string";
}
