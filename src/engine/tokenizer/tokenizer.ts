/**
 * Text to tokens and back, by the model file's own data.
 *
 * Special tokens are only ever read out of text that is trusted; the same spelling in foreign text stays text.
 */

import { TillerError } from "../../base/error.js";
import { createByteLevel } from "./byteLevel.js";
import { TokenType, type TokenizerMetadata } from "./metadata.js";
import { createSentencePiece } from "./sentencePiece.js";
import { specialTokens, type Part, type Segment } from "./specialTokens.js";
import type { TextCoder } from "./textCoder.js";

export interface Tokenizer {
  readonly vocabularySize: number;
  /** By spelling: the tokens that only trusted text can hold. */
  readonly specials: ReadonlyMap<string, number>;
  /** Tokens that end a text or a turn. */
  readonly eos: ReadonlySet<number>;
  readonly bos: number | undefined;
  readonly addBos: boolean;
  /** The segments as one text: merges happen across their borders as they would in the joined text. */
  encodeSegments(segments: readonly Segment[]): number[];
  /** Foreign text: no special token can come out of it. */
  encode(text: string): number[];
  /** Cuts a text of our own at the special tokens spelled in it: plain texts and ids, in order. */
  splitSpecials(text: string): readonly Part[];
  /** What a token writes; a special token writes its spelling. */
  bytes(id: number): Uint8Array;
  /** Whether a token is a mark that is no text. */
  isSpecial(id: number): boolean;
  /** A whole text: without the space that some tokenizers put in front. Half characters become U+FFFD. */
  decode(ids: readonly number[]): string;
}

/** Throws `model-unsupported` for a kind of tokenizer, or of cutting, that is not known; `model-corrupt` for data that cannot be. */
export function createTokenizer(metadata: TokenizerMetadata): Tokenizer {
  const { tokens, types } = metadata;
  const coder = createCoder(metadata);
  const specials = specialTokens(metadata);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  function encodeSegments(segments: readonly Segment[]): number[] {
    const ids: number[] = [];
    for (const part of specials.split(segments)) {
      if (typeof part === "number") ids.push(part);
      else for (const id of coder.encode(part)) ids.push(id);
    }
    return ids;
  }

  function bytes(id: number): Uint8Array {
    const token = tokens[id];
    if (token === undefined) return new Uint8Array(0); // embeddings beyond the vocabulary: padding
    const type = types[id]!;
    const isSpelled = specials.control.has(id) || type === TokenType.userDefined;
    return isSpelled ? encoder.encode(token) : coder.bytes(token, type);
  }

  return {
    vocabularySize: tokens.length,
    specials: specials.spellings,
    eos: specials.ends,
    bos: metadata.bos,
    addBos: metadata.addBos ?? coder.startsWithBos,
    encode: (text) => encodeSegments([{ text, trusted: false }]),
    encodeSegments,
    splitSpecials: specials.find,
    bytes,
    isSpecial: (id) => specials.control.has(id),
    decode(ids) {
      const text = decoder.decode(concat(ids.map(bytes)));
      const hasPrefix = coder.addsSpacePrefix && ids[0] !== undefined && !specials.control.has(ids[0]);
      return hasPrefix && text.startsWith(" ") ? text.slice(1) : text;
    },
  };
}

function createCoder(metadata: TokenizerMetadata): TextCoder {
  const ids = new Map<string, number>();
  metadata.tokens.forEach((it, id) => ids.set(it, id));
  if (metadata.model === "gpt2") return createByteLevel(metadata, ids);
  if (metadata.model === "llama") return createSentencePiece(metadata, ids);
  const message = `The model's tokenizer is of the kind "${metadata.model}", which this version cannot run. It can run: gpt2, llama.`;
  throw new TillerError("model-unsupported", message);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, it) => sum + it.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
