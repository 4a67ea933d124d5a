/**
 * Keeps a constraint while text is written: forced text is appended without asking the model, and no token is taken after
 * which the rest could not be closed with the tokens that are left.
 */

import { TillerError } from "../../base/error.js";
import type { ConstraintState } from "../../constraint/constraint.js";
import type { ConstraintUsage } from "../../protocol/engine.js";
import type { Sampler } from "../sampling/chain.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { Healing } from "./healing.js";
import { wholeText } from "./wholeText.js";

export interface Constrained {
  /** Tokens that must come next. */
  forced(): readonly number[];
  /**
   * The next token, of those that leave a way to the end within `left` tokens, itself included; no end of the text unless it
   * may end. Overwrites `logits`.
   */
  next(logits: Float32Array, history: readonly number[], room: Room): number;
  advance(bytes: Uint8Array): void;
  /** Whether the token may come next. */
  allows(id: number): boolean;
  isFinished(): boolean;
  usage(): ConstraintUsage;
}

export interface Room {
  readonly left: number;
  readonly mayEnd: boolean;
}

export interface ConstrainedOptions {
  readonly state: ConstraintState;
  readonly compileMs: number;
  readonly sampler: Sampler;
  readonly tokenizer: Tokenizer;
  /** Tokens that may be written. */
  readonly limit: number;
  /** What has to be written again first; the constraint begins with it. */
  readonly healing: Healing;
}

/** Tokens that are tried before the shortest way to the end is taken. */
const MOST_TRIES = 16;

/** Throws `constraint-invalid` when the limit is too small for anything. */
export function constrain({ state, compileMs, sampler, tokenizer, limit, healing }: ConstrainedOptions): Constrained {
  const legalMass: number[] = [];
  let forcedTokens = 0;
  /** What is left to write once nothing but the way to the end fits. */
  let closing: readonly number[] = [];
  let maskMs = 0;

  /** Undefined where the tokens would not be exactly these bytes: half a character, or a tokenizer that adds a space. */
  function tokensOf(bytes: Uint8Array): readonly number[] | undefined {
    const text = wholeText(bytes);
    if (text === undefined) return undefined;
    const ids = tokenizer.encode(text);
    const written = ids.flatMap((it) => [...tokenizer.bytes(it)]);
    return written.length === bytes.length && written.every((it, i) => it === bytes[i]) ? ids : undefined;
  }

  /** Without the last token: what comes next may be one token with it, and the model must be asked for that one. */
  function healed(ids: readonly number[], bytes: Uint8Array): readonly number[] {
    return behind(state, bytes).isFinished() ? ids : ids.slice(0, -1);
  }

  /** What is no text by itself is written byte by byte. */
  const idsOf = (bytes: Uint8Array) => tokensOf(bytes) ?? Array.from(bytes, byteToken);
  const endingTokens = (from: ConstraintState) => from.endingTokens((piece) => idsOf(piece).length);

  /** A byte is a token at most; where that is not enough, the tokens of a way to the end are counted. */
  function canEnd(from: ConstraintState, left: number): boolean {
    const bytes = from.shortest();
    if (bytes <= left) return true;
    return bytes <= left * LONGEST_TOKEN && endingTokens(from) <= left;
  }

  /** Where the text stands once `bytes` are written too. */
  function behind(from: ConstraintState, bytes: Uint8Array): ConstraintState {
    if (bytes.length === 0) return from;
    const after = from.fork();
    after.advance(bytes);
    return after;
  }

  /** What is written again does not count. */
  function canEndAfter(id: number, left: number): boolean {
    const bytes = tokenizer.bytes(id);
    const after = behind(state, bytes);
    return canEnd(behind(after, healing.remaining().subarray(bytes.length)), left - 1 + healing.repeated([id]));
  }

  /** The tokens of the way to the end that was counted. */
  function wayOut(): number[] {
    const repeated = healing.remaining();
    const from = behind(state, repeated);
    endingTokens(from);
    return [...(repeated.length === 0 ? [] : idsOf(repeated)), ...from.endingPieces().flatMap(idsOf)];
  }

  const begin = behind(state, healing.remaining());
  if (!canEnd(begin, limit)) {
    const message =
      `The constraint cannot be kept within ${limit} tokens: its shortest text has ${begin.shortest()} bytes. ` +
      "Raise the limit, or ask for less.";
    throw new TillerError("constraint-invalid", message);
  }

  return {
    forced() {
      if (0 < closing.length) {
        const ids = closing;
        closing = [];
        return ids;
      }
      const start = performance.now();
      const bytes = state.forced();
      maskMs += performance.now() - start;
      const ids = bytes.length === 0 ? [] : healed(tokensOf(bytes) ?? [], bytes);
      forcedTokens += ids.length - healing.repeated(ids);
      return ids;
    },
    next(logits, history, { left, mayEnd }) {
      const start = performance.now();
      let mask = mayEnd ? state.mask() : withoutTokens(state.mask().slice(), tokenizer.eos);
      maskMs += performance.now() - start;
      legalMass.push(massOf(logits, mask));
      for (let tries = 0; tries < MOST_TRIES && mask.some((word) => word !== 0); tries++) {
        // The sampler writes into its logits, and may have to choose again.
        const id = sampler.next(logits.slice(), history, mask);
        if (tokenizer.eos.has(id)) return id;
        if (canEndAfter(id, left)) return id;
        mask = withoutTokens(mask.slice(), [id]);
      }
      const [first, ...others] = wayOut();
      if (first === undefined) throw new Error("a text that cannot be completed was begun");
      closing = others;
      forcedTokens += others.length;
      return first;
    },
    advance: (bytes) => state.advance(bytes),
    allows: (id) => isIn(state.mask(), id),
    isFinished: () => state.isFinished(),
    usage: () => ({ forcedTokens, compileMs, maskMs, legalMass, kept: true }),
  };

  /** The token that writes this one byte. */
  function byteToken(byte: number): number {
    for (let id = 0; id < tokenizer.vocabularySize; id++) {
      const bytes = tokenizer.isSpecial(id) ? [] : tokenizer.bytes(id);
      if (bytes.length === 1 && bytes[0] === byte) return id;
    }
    throw new Error(`no token writes the byte ${byte}`);
  }
}

/** No token of a sensible vocabulary writes more bytes. */
const LONGEST_TOKEN = 256;

/** Changes the mask, and returns it. */
export function withoutTokens(mask: Uint32Array, ids: Iterable<number>): Uint32Array {
  for (const id of ids) mask[id >> 5]! &= ~(1 << (id & 31));
  return mask;
}

export function isIn(mask: Uint32Array, id: number): boolean {
  return (mask[id >> 5]! & (1 << (id & 31))) !== 0;
}

/** The share of the model's probability that the allowed tokens have. */
export function massOf(logits: Float32Array, mask: Uint32Array): number {
  let max = -Infinity;
  for (let id = 0; id < logits.length; id++) if (max < logits[id]!) max = logits[id]!;
  let [total, allowed] = [0, 0];
  for (let id = 0; id < logits.length; id++) {
    const weight = Math.exp(logits[id]! - max);
    total += weight;
    if ((mask[id >> 5]! & (1 << (id & 31))) !== 0) allowed += weight;
  }
  return Math.min(1, allowed / total);
}
