/**
 * SentencePiece's variant of byte-pair encoding (`tokenizer.ggml.model` = llama): no cutting, spaces are written as U+2581, any
 * neighbours that spell a token together may merge, the one with the best score first. Characters that are no tokens are
 * written as bytes.
 */

import { TokenType, corruptTokenizer, type TokenizerMetadata } from "./metadata.js";
import { mergeNeighbours } from "./pairMerger.js";
import type { TextCoder } from "./textCoder.js";

const SPACE = "\u2581";

/** Throws `model-corrupt` without scores. */
export function createSentencePiece(
  { tokens, scores, unknown, addSpacePrefix = true }: TokenizerMetadata,
  ids: ReadonlyMap<string, number>,
): TextCoder {
  if (scores === undefined) throw corruptTokenizer("it has no list of scores");
  const encoder = new TextEncoder();
  const ranks = ranksByScore(scores);
  const longest = tokens.reduce((length, it) => Math.max(length, it.length), 0);
  /** (256,): the token of each byte; undefined where the vocabulary has none. */
  const byteTokens = Array.from({ length: 256 }, (_, byte) => ids.get(spellByte(byte)) ?? unknown);

  function encode(text: string): number[] {
    if (text === "") return [];
    const spelled = ((addSpacePrefix ? " " : "") + text.toWellFormed()).replaceAll(" ", SPACE);
    const { starts, ends } = characters(spelled);
    const spelling = (left: number, right: number) => spelled.slice(starts[left], ends[right]);
    const left = mergeNeighbours(starts.length, {
      rank(a, b) {
        if (longest < ends[b]! - starts[a]!) return -1;
        const id = ids.get(spelling(a, b));
        return id === undefined ? -1 : ranks[id]!;
      },
      merge: (a, b) => (ends[a] = ends[b]!),
    });
    return left.flatMap((it) => ids.get(spelling(it, it)) ?? encodeBytes(spelling(it, it)));
  }

  function encodeBytes(character: string): number[] {
    return Array.from(encoder.encode(character), (it) => byteTokens[it]).filter((it) => it !== undefined);
  }

  return {
    encode,
    bytes(token, type) {
      const byte = type === TokenType.byte ? /^<0x([0-9A-F]{2})>$/i.exec(token)?.[1] : undefined;
      return byte === undefined
        ? encoder.encode(token.replaceAll(SPACE, " "))
        : Uint8Array.of(Number.parseInt(byte, 16));
    },
    startsWithBos: true,
    addsSpacePrefix: addSpacePrefix,
  };
}

/** (tokens,): 0 for the best score, equal scores share a rank. */
function ranksByScore(scores: readonly number[]): Int32Array {
  if (scores.some((it) => Number.isNaN(it))) throw corruptTokenizer("one of its scores is not a number");
  const ranks = new Int32Array(scores.length);
  const order = Float64Array.from(new Set(scores)).sort().reverse();
  const rankOf = new Map(Array.from(order, (score, rank) => [score, rank]));
  scores.forEach((score, id) => (ranks[id] = rankOf.get(score)!));
  return ranks;
}

/** Where the characters of a text begin and end, in UTF-16. */
function characters(text: string): { readonly starts: Int32Array; readonly ends: Int32Array } {
  const ends = new Int32Array(text.length);
  let count = 0;
  for (let at = 0; at < text.length; count++) ends[count] = at += 0xffff < text.codePointAt(at)! ? 2 : 1;
  const starts = new Int32Array(count);
  for (let i = 1; i < count; i++) starts[i] = ends[i - 1]!;
  return { starts, ends: ends.slice(0, count) };
}

function spellByte(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}
