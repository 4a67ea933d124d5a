/** What a model file says about its tokenizer, as plain data. */

import { TillerError } from "../../base/error.js";
import type { GgufMetadata } from "../gguf/metadata.js";

export interface TokenizerMetadata {
  /** The value of `tokenizer.ggml.model`. */
  readonly model: string;
  /** The value of `tokenizer.ggml.pre`: how text is cut before pairs are merged. */
  readonly pre: string;
  readonly tokens: readonly string[];
  /** By token; 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. */
  readonly types: readonly number[];
  /** "a b": the pair that becomes "ab", most urgent first. */
  readonly merges: readonly string[];
  readonly bos: number | undefined;
  /** Ids of the tokens that end a text or a turn. */
  readonly ends: readonly number[];
  readonly addBos: boolean;
}

/** Throws `model-corrupt` when something is missing or does not fit together. */
export function readTokenizerMetadata(metadata: GgufMetadata): TokenizerMetadata {
  const tokens = metadata.texts("tokenizer.ggml.tokens") ?? corrupt("it has no list of tokens");
  const types = metadata.numbers("tokenizer.ggml.token_type") ?? tokens.map(() => 1);
  if (types.length !== tokens.length) corrupt(`it has ${tokens.length} tokens but ${types.length} token types`);
  const id = (name: string) => {
    const value = metadata.number(`tokenizer.ggml.${name}_token_id`);
    if (value !== undefined && tokens[value] === undefined) corrupt(`its ${name} token ${value} is not in the list`);
    return value;
  };
  const ends = ["eos", "eot", "eom"].map(id).filter((it) => it !== undefined);
  return {
    model: metadata.requiredText("tokenizer.ggml.model"),
    pre: metadata.text("tokenizer.ggml.pre") ?? "default",
    tokens,
    types,
    merges: metadata.texts("tokenizer.ggml.merges") ?? [],
    bos: id("bos"),
    ends,
    addBos: metadata.flag("tokenizer.ggml.add_bos_token") ?? false,
  };
}

function corrupt(what: string): never {
  throw new TillerError("model-corrupt", `The tokenizer in the model file is damaged: ${what}.`);
}
