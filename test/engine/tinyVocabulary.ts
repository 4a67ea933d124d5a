// Small tokenizers for tests: all bytes, the special tokens that a test asks for, and a few merges.

import { byteAlphabet } from "../../src/engine/tokenizer/byteAlphabet.js";
import type { TokenizerMetadata } from "../../src/engine/tokenizer/metadata.js";

export interface TinyVocabulary {
  readonly control?: readonly string[];
  readonly userDefined?: readonly string[];
  /** Pairs of characters of the byte alphabet. */
  readonly merges?: readonly string[];
}

/** Ids: the control tokens, the user-defined ones, the 256 bytes, what the merges make. */
export function tinyByteLevel({ control = [], userDefined = [], merges = [] }: TinyVocabulary): TokenizerMetadata {
  const bytes = byteAlphabet().characters;
  const made = [...new Set(merges.map((it) => it.replace(" ", "")))];
  return {
    model: "gpt2",
    pre: "gpt-2",
    name: "",
    tokens: [...control, ...userDefined, ...bytes, ...made],
    types: [...control.map(() => 3), ...userDefined.map(() => 4), ...bytes.map(() => 1), ...made.map(() => 1)],
    merges,
    scores: undefined,
    bos: undefined,
    unknown: undefined,
    ends: [],
    addBos: undefined,
    addSpacePrefix: undefined,
  };
}

/** Ids: <unk>, <s>, </s>, the 256 bytes, the words with the scores they are given. */
export function tinySentencePiece(words: readonly (readonly [word: string, score: number])[]): TokenizerMetadata {
  const bytes = Array.from({ length: 256 }, (_, it) => `<0x${it.toString(16).toUpperCase().padStart(2, "0")}>`);
  return {
    ...tinyByteLevel({}),
    model: "llama",
    pre: "default",
    tokens: ["<unk>", "<s>", "</s>", ...bytes, ...words.map(([word]) => word)],
    types: [2, 3, 3, ...bytes.map(() => 6), ...words.map(() => 1)],
    scores: [0, 0, 0, ...bytes.map(() => 0), ...words.map(([, score]) => score)],
    bos: 1,
    unknown: 0,
    ends: [2],
  };
}
