/**
 * Text to tokens and back, by the model file's own data: byte-level byte-pair encoding.
 *
 * Special tokens are only ever read out of text that is trusted; the same spelling in foreign text stays text.
 */

import { TillerError } from "../../base/error.js";
import { byteAlphabet } from "./byteAlphabet.js";
import type { TokenizerMetadata } from "./metadata.js";
import { mergePairs } from "./pairMerger.js";
import { cutText, preTokenizer } from "./preTokenizers.js";

/** A part of a text: `trusted` parts are our own, and special tokens spelled in them are meant. */
export interface Segment {
  readonly text: string;
  readonly trusted: boolean;
}

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
  /** What a token writes; a special token writes its spelling. */
  bytes(id: number): Uint8Array;
  isSpecial(id: number): boolean;
  /** Half characters become U+FFFD. */
  decode(ids: readonly number[]): string;
}

const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;

/** Spellings that end a turn in the chat formats that are about, for files that name only one of theirs. */
const knownEnds = ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<end_of_turn>", "</s>"];

/** Pieces whose tokens are remembered; text repeats itself. */
const REMEMBERED = 20000;

/** Throws `model-unsupported` for a kind of tokenizer, or of cutting, that is not known. */
export function createTokenizer(metadata: TokenizerMetadata): Tokenizer {
  if (metadata.model !== "gpt2") {
    const message = `The model's tokenizer is of the kind "${metadata.model}", which this version cannot run. It can run: gpt2.`;
    throw new TillerError("model-unsupported", message);
  }
  const { tokens, types } = metadata;
  const alphabet = byteAlphabet();
  const cutter = preTokenizer(metadata.pre);
  const ids = new Map(tokens.map((it, id) => [it, id]));
  const ranks = new Map(metadata.merges.map((it, rank) => [it, rank]));
  const isSpecial = (id: number) => types[id] === CONTROL || types[id] === UNKNOWN;
  const specials = new Map(tokens.flatMap((it, id) => (isSpecial(id) || types[id] === USER_DEFINED ? [[it, id]] : [])));
  const special = specialPattern(specials);
  const remembered = new Map<string, readonly number[]>();
  const eos = new Set(metadata.ends);
  for (const it of knownEnds) if (specials.has(it)) eos.add(specials.get(it)!);

  function encodePiece(piece: string): readonly number[] {
    const known = remembered.get(piece);
    if (known !== undefined) return known;
    const found = encodeBytes(piece) ?? encodeBytes(representable(piece)) ?? [];
    if (REMEMBERED < remembered.size) remembered.clear();
    remembered.set(piece, found);
    return found;
  }

  /** Undefined when the vocabulary has no token for one of the bytes. */
  function encodeBytes(piece: string): number[] | undefined {
    const characters = [...new TextEncoder().encode(piece)].map((it) => alphabet.characters[it]!);
    const whole = cutter.wholePieces ? ids.get(characters.join("")) : undefined;
    if (whole !== undefined) return [whole];
    // A merge may make what is no token itself; its bytes are.
    const found = mergePairs(characters, ranks).flatMap((it) => ids.get(it) ?? [...it].map((one) => ids.get(one)));
    return found.every((it) => it !== undefined) ? found : undefined;
  }

  /** Some vocabularies lack the bytes of characters that nobody uses: these become U+FFFD, or nothing if that is missing too. */
  function representable(piece: string): string {
    const replacement = encodeBytes("\ufffd") === undefined ? "" : "\ufffd";
    return Array.from(piece, (it) => (encodeBytes(it) === undefined ? replacement : it)).join("");
  }

  function encode(text: string): number[] {
    const found: number[] = [];
    for (const piece of cutText(cutter, text)) for (const id of encodePiece(piece)) found.push(id);
    return found;
  }

  function bytes(id: number): Uint8Array {
    const token = tokens[id];
    if (token === undefined) return new Uint8Array(0); // embeddings beyond the vocabulary: padding
    if (isSpecial(id) || types[id] === USER_DEFINED) return new TextEncoder().encode(token);
    const found = [...token].map((it) => alphabet.bytes.get(it));
    return found.every((it) => it !== undefined) ? Uint8Array.from(found) : new TextEncoder().encode(token);
  }

  return {
    vocabularySize: tokens.length,
    specials,
    eos,
    bos: metadata.bos,
    addBos: metadata.addBos,
    encode,
    encodeSegments: (segments) =>
      splitSpecials(segments, special).flatMap((it) =>
        typeof it === "string" ? encode(it) : specials.get(it.special)!,
      ),
    bytes,
    isSpecial,
    decode: (all) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(concat(all.map(bytes))),
  };
}

/** Plain texts and specials, in order. A special counts when all of it lies in one trusted segment. */
function splitSpecials(segments: readonly Segment[], special: RegExp | undefined) {
  const parts: (string | { readonly special: string })[] = [];
  let plain = "";
  for (const { text, trusted } of segments) {
    if (!trusted || special === undefined) {
      plain += text;
      continue;
    }
    let at = 0;
    for (const match of text.matchAll(special)) {
      plain += text.slice(at, match.index);
      if (plain !== "") parts.push(plain);
      plain = "";
      parts.push({ special: match[0] });
      at = match.index + match[0].length;
    }
    plain += text.slice(at);
  }
  if (plain !== "") parts.push(plain);
  return parts;
}

/** Matches any of the spellings, longer ones first. */
function specialPattern(specials: ReadonlyMap<string, number>): RegExp | undefined {
  const spellings = [...specials.keys()].filter((it) => it !== "").sort((a, b) => b.length - a.length);
  if (spellings.length === 0) return undefined;
  return new RegExp(spellings.map((it) => it.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "g");
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
