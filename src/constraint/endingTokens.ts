/**
 * How many tokens complete a text, at most. The way out is cut into pieces, and what follows a piece is remembered by its
 * situation: the next question, one token further, soon comes to a piece that is known.
 */

import type { Machine, Situation } from "./machine.js";

/** Bytes of a piece. Each piece is counted as tokens of its own, which can be written one after the other. */
const PIECE = 32;
/** A way out that is longer is as good as none. */
const MOST_PIECES = 2000;

export interface EndingTokens {
  /** `count` gives the tokens of some bytes. */
  of(situation: Situation, count: (bytes: Uint8Array) => number): number;
  /** The bytes of that way out, piece by piece; only where it was counted. */
  pieces(situation: Situation): readonly Uint8Array[];
}

interface Known {
  readonly tokens: number;
  readonly bytes: Uint8Array;
  readonly next: Situation;
}

export function createEndingTokens(machine: Machine): EndingTokens {
  const known = new Map<Situation, Known>();

  /** One piece, shorter where something known begins. */
  function pieceFrom(start: Situation): Omit<Known, "tokens"> {
    const bytes: number[] = [];
    let situation = start;
    while (!situation.accepts && bytes.length < PIECE && (bytes.length === 0 || !known.has(situation))) {
      const byte = machine.wayOut(situation);
      bytes.push(byte);
      situation = machine.step(situation, byte);
    }
    return { bytes: Uint8Array.from(bytes), next: situation };
  }

  return {
    of(from, count) {
      const made: { readonly start: Situation; readonly piece: Omit<Known, "tokens"> }[] = [];
      let situation = from;
      while (!situation.accepts && !known.has(situation) && made.length < MOST_PIECES) {
        const piece = pieceFrom(situation);
        made.push({ start: situation, piece });
        situation = piece.next;
      }
      let total = situation.accepts ? 0 : (known.get(situation)?.tokens ?? Infinity);
      for (const { start, piece } of made.reverse()) {
        total += count(piece.bytes);
        known.set(start, { ...piece, tokens: total });
      }
      return total;
    },
    pieces(from) {
      const found: Uint8Array[] = [];
      for (let at = known.get(from); at !== undefined; at = at.next.accepts ? undefined : known.get(at.next))
        found.push(at.bytes);
      return found;
    },
  };
}
