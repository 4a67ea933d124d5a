/**
 * Byte-level byte-pair encoding (`tokenizer.ggml.model` = gpt2): text is cut into pieces, a piece into bytes, and the bytes
 * merge by the file's list of pairs.
 */

import { TillerError } from "../../base/error.js";
import { byteAlphabet } from "./byteAlphabet.js";
import { corruptTokenizer, type TokenizerMetadata } from "./metadata.js";
import { mergeNeighbours } from "./pairMerger.js";
import { cutText, preTokenizer } from "./preTokenizers.js";
import type { TextCoder } from "./textCoder.js";

/** Text repeats itself, so the tokens of its pieces are remembered: so many of them, of at most so many characters. */
const REMEMBERED_PIECES = 20000;
const REMEMBERED_LENGTH = 64;

/** Throws `model-unsupported` for an unknown way of cutting, `model-corrupt` for pairs that do not fit the tokens. */
export function createByteLevel(
  { pre, tokens, merges }: TokenizerMetadata,
  ids: ReadonlyMap<string, number>,
): TextCoder {
  const cutter = preTokenizer(pre);
  const pairs = readMerges(merges, tokens.length, ids);
  const alphabet = byteAlphabet();
  const encoder = new TextEncoder();
  const remembered = new Map<string, readonly number[]>();
  /** (256,): the token of each byte; -1 where the vocabulary has none. */
  const byteTokens = Int32Array.from(alphabet.characters, (it) => ids.get(it) ?? -1);

  function encodePiece(piece: string): readonly number[] {
    const known = remembered.get(piece);
    if (known !== undefined) return known;
    const found = encodeBytes(piece) ?? encodeBytes(representable(piece)) ?? [];
    if (REMEMBERED_LENGTH < piece.length) return found;
    if (REMEMBERED_PIECES <= remembered.size) remembered.clear();
    remembered.set(piece, found);
    return found;
  }

  /** Undefined when the vocabulary has no token for one of the bytes. */
  function encodeBytes(piece: string): number[] | undefined {
    const bytes = encoder.encode(piece);
    if (cutter.wholePieces) {
      const whole = ids.get(Array.from(bytes, (it) => alphabet.characters[it]!).join(""));
      if (whole !== undefined) return [whole];
    }
    const symbols = new Int32Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) symbols[i] = byteTokens[bytes[i]!]!;
    if (symbols.includes(-1)) return undefined;
    const left = mergeNeighbours(symbols.length, {
      rank: (a, b) => pairs.ranks.get(symbols[a]! * tokens.length + symbols[b]!) ?? -1,
      merge: (a, _, rank) => (symbols[a] = pairs.merged[rank]!),
    });
    return left.map((it) => symbols[it]!);
  }

  /** Some vocabularies lack bytes of characters that nobody uses: these become U+FFFD, or nothing if that is missing too. */
  function representable(piece: string): string {
    const replacement = encodeBytes("\ufffd") === undefined ? "" : "\ufffd";
    return Array.from(piece, (it) => (encodeBytes(it) === undefined ? replacement : it)).join("");
  }

  return {
    encode(text) {
      const found: number[] = [];
      for (const piece of cutText(cutter, text)) for (const id of encodePiece(piece)) found.push(id);
      return found;
    },
    bytes(token) {
      const found = new Uint8Array(token.length);
      for (let i = 0; i < token.length; i++) {
        const byte = alphabet.bytes.get(token[i]!);
        if (byte === undefined) return encoder.encode(token); // not in the alphabet: it can only mean itself
        found[i] = byte;
      }
      return found;
    },
    startsWithBos: cutter.startsWithBos,
    addsSpacePrefix: false,
  };
}

interface Merges {
  /** By `left * vocabulary size + right`. */
  readonly ranks: ReadonlyMap<number, number>;
  /** (merges,): the token that a merge makes, by rank. */
  readonly merged: Int32Array;
}

function readMerges(
  merges: readonly string[] | undefined,
  vocabularySize: number,
  ids: ReadonlyMap<string, number>,
): Merges {
  if (merges === undefined) throw corruptTokenizer("it has no list of merges");
  if (MOST_MERGES < merges.length) {
    const message = `The model's tokenizer has ${merges.length} merges; this version can do ${MOST_MERGES}.`;
    throw new TillerError("model-unsupported", message);
  }
  const ranks = new Map<number, number>();
  const merged = new Int32Array(merges.length);
  for (let rank = 0; rank < merges.length; rank++) {
    const merge = merges[rank]!;
    const space = merge.indexOf(" ", 1);
    const first = merge.slice(0, space);
    const second = merge.slice(space + 1);
    const left = ids.get(first);
    const right = ids.get(second);
    const whole = ids.get(first + second);
    if (space < 0 || left === undefined || right === undefined || whole === undefined)
      throw corruptTokenizer(`its merge ${JSON.stringify(merge)} names a token that is not in the list`);
    const pair = left * vocabularySize + right;
    if (!ranks.has(pair)) ranks.set(pair, rank);
    merged[rank] = whole;
  }
  return { ranks, merged };
}

/** What `mergeNeighbours` has room for. */
const MOST_MERGES = 2 ** 22;
