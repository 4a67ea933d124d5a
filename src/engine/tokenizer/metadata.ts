/** What a model file says about its tokenizer, as plain data. */

import { TillerError } from "../../base/error.js";
import type { GgufMetadata } from "../gguf/metadata.js";

export interface TokenizerMetadata {
  /** The value of `tokenizer.ggml.model`: the kind of tokenizer. */
  readonly model: string;
  /** The value of `tokenizer.ggml.pre`: how text is cut before pairs are merged. */
  readonly pre: string;
  /** The value of `general.name`; some rules are written nowhere else in the file. */
  readonly name: string;
  readonly tokens: readonly string[];
  /** By token; see `TokenType`. */
  readonly types: readonly number[];
  /** "a b": the pair that becomes "ab", most urgent first. */
  readonly merges: readonly string[] | undefined;
  /** By token: of all merges that are possible the one with the highest score is made. */
  readonly scores: readonly number[] | undefined;
  readonly bos: number | undefined;
  readonly unknown: number | undefined;
  /** Ids of the tokens that end a text or a turn. */
  readonly ends: readonly number[];
  /** Undefined: the file leaves it to the kind of tokenizer. */
  readonly addBos: boolean | undefined;
  readonly addSpacePrefix: boolean | undefined;
}

export const TokenType = { unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** Throws `model-corrupt` when something is missing or does not fit together. */
export function readTokenizerMetadata(metadata: GgufMetadata): TokenizerMetadata {
  const tokens = metadata.texts("tokenizer.ggml.tokens") ?? [];
  if (tokens.length === 0) throw corruptTokenizer("it has no list of tokens");
  const types = metadata.numbers("tokenizer.ggml.token_type") ?? tokens.map(() => 1);
  if (types.length !== tokens.length)
    throw corruptTokenizer(`it has ${tokens.length} tokens but ${types.length} token types`);
  const scores = metadata.numbers("tokenizer.ggml.scores");
  if (scores !== undefined && scores.length !== tokens.length)
    throw corruptTokenizer(`it has ${tokens.length} tokens but ${scores.length} scores`);
  const id = (kind: string) => {
    const value = metadata.number(`tokenizer.ggml.${kind}_token_id`);
    if (value !== undefined && tokens[value] === undefined)
      throw corruptTokenizer(`its ${kind} token ${value} is not in the list`);
    return value;
  };
  return {
    model: metadata.requiredText("tokenizer.ggml.model"),
    pre: metadata.text("tokenizer.ggml.pre") ?? "default",
    name: metadata.text("general.name") ?? "",
    tokens,
    types,
    merges: metadata.texts("tokenizer.ggml.merges"),
    scores,
    bos: id("bos"),
    unknown: id("unknown"),
    ends: ["eos", "eot", "eom"].map(id).filter((it) => it !== undefined),
    addBos: metadata.flag("tokenizer.ggml.add_bos_token"),
    addSpacePrefix: metadata.flag("tokenizer.ggml.add_space_prefix"),
  };
}

export function corruptTokenizer(what: string): TillerError {
  return new TillerError(
    "model-corrupt",
    `The tokenizer in the model file is damaged: ${what}. Get the file again from its source.`,
  );
}
