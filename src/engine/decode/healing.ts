/**
 * Token healing (as in guidance): a text that goes on may go on inside of a token. "The capi" and "tal" are other tokens than
 * "The capital", and a space before a word belongs to the word's token; asked behind such a cut, a model answers with what it
 * has hardly ever seen. So the last tokens of an open prompt are taken back as far as a longer token could begin with their
 * text, and written again: what is written must begin with that text, and it is no part of the result.
 */

import type { Vocabulary } from "../../constraint/vocabulary.js";
import type { ConstraintSpec } from "../../protocol/constraint.js";
import type { PromptInput } from "../../protocol/engine.js";
import type { LoadedModel } from "../loadedModel.js";
import { wholeText } from "./wholeText.js";

export interface Healing {
  /** What has to be written again and has not been yet. */
  remaining(): Uint8Array;
  advance(bytes: Uint8Array): void;
  /** How many of the tokens that come next write nothing but what was there before: they are none of the result's. */
  repeated(ids: readonly number[]): number;
  /** Leaves the model the tokens that go on as the prompt did. Changes `logits` [vocabulary]. */
  narrow(logits: Float32Array): void;
}

export type Tokens = Pick<LoadedModel, "tokenizer" | "vocabulary">;

/** The ids to keep, and the text of the others. */
export interface OpenPrompt {
  readonly ids: readonly number[];
  readonly text: string;
}

/** No token that a text is likely to end in the middle of is longer, in bytes. */
const MOST_BYTES = 64;

/** Takes back nothing of a prompt that is not open, nor of what the model's own template wrote. */
export function takeBack(ids: readonly number[], prompt: PromptInput, { tokenizer, vocabulary }: Tokens): OpenPrompt {
  const open = openText(prompt);
  let taken: OpenPrompt = { ids, text: "" };
  let bytes: number[] = [];
  // The first token stays: there is nothing to continue without it.
  for (let kept = ids.length - 1; 0 < kept && open !== ""; kept--) {
    const id = ids[kept]!;
    if (tokenizer.isSpecial(id) || tokenizer.vocabularySize <= id) break; // a mark, or a part of a picture
    bytes = [...tokenizer.bytes(id), ...bytes];
    if (MOST_BYTES < bytes.length) break;
    const text = wholeText(Uint8Array.from(bytes));
    if (text === undefined) continue; // the token begins in the middle of a character
    if (!open.endsWith(text)) break;
    if (isBeginning(vocabulary(), bytes)) taken = { ids: ids.slice(0, kept), text };
  }
  return taken;
}

export function createHealing(text: string, { tokenizer, vocabulary }: Tokens): Healing {
  let remaining: Uint8Array = new TextEncoder().encode(text);
  return {
    remaining: () => remaining,
    advance: (bytes) => (remaining = remaining.subarray(bytes.length)),
    repeated(ids) {
      let left = remaining.length;
      const end = ids.findIndex((id) => left === 0 || (left -= tokenizer.bytes(id).length) < 0);
      return end < 0 ? ids.length : end;
    },
    narrow(logits) {
      if (remaining.length === 0) return;
      const kept = continuing(vocabulary(), remaining).map((id) => [id, logits[id]!] as const);
      logits.fill(-Infinity);
      for (const [id, logit] of kept) logits[id] = logit;
    },
  };
}

/** The constraint of what is written: first the text again, then what the constraint says. */
export function healedConstraint(text: string, constraint: ConstraintSpec): ConstraintSpec {
  if (text === "") return constraint;
  switch (constraint.kind) {
    case "startsWith":
      return { kind: "startsWith", text: text + constraint.text };
    case "choice":
      return { kind: "choice", options: constraint.options.map((it) => text + it) };
    case "regex":
    case "json":
    case "grammar":
    case "text":
    case "all":
    case "either":
    case "sequence":
      return { kind: "sequence", items: [{ kind: "choice", options: [text] }, constraint] };
    default:
      return constraint satisfies never;
  }
}

/** The author's text that the model is to continue; empty where the model begins a message of its own. */
function openText(prompt: PromptInput): string {
  switch (prompt.type) {
    case "messages":
      return prompt.continueLast === true ? prompt.messages.at(-1)!.content : "";
    case "text":
      return prompt.text;
    case "ids":
      return "";
    default:
      return prompt satisfies never;
  }
}

/** The nodes that these bytes lead through, as far as there are any. */
function pathOf({ byte, next }: Vocabulary, bytes: ArrayLike<number>): number[] {
  const path = [0];
  for (let i = 0; i < bytes.length; i++) {
    const node = path.at(-1)!;
    let child = node + 1;
    while (child < next[node]! && byte[child] !== bytes[i]) child = next[child]!;
    if (next[node]! <= child) break;
    path.push(child);
  }
  return path;
}

/** Whether a longer token begins with these bytes. */
function isBeginning(vocabulary: Vocabulary, bytes: readonly number[]): boolean {
  const path = pathOf(vocabulary, bytes);
  const last = path.at(-1)!;
  return path.length === bytes.length + 1 && last + 1 < vocabulary.next[last]!;
}

/** The tokens that are a beginning of the bytes, or begin with them. */
function continuing(vocabulary: Vocabulary, bytes: Uint8Array): number[] {
  const { firstToken, next, tokens } = vocabulary;
  const path = pathOf(vocabulary, bytes);
  const range = (from: number, to: number) => tokens.subarray(firstToken[from]!, firstToken[to]!);
  // The first child of a node opens behind the tokens that end at the node.
  return path.flatMap((node, depth) => [...range(node, depth === bytes.length ? next[node]! : node + 1)]);
}
