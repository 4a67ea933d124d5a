/** Parts one after the other, and one of several parts. */

import { DEAD } from "./automaton.js";
import type { Call, CallingPart, Part } from "./machine.js";

/** State i: before part i; the last state accepts. */
export function sequencePart(parts: readonly Part[]): CallingPart {
  const sizes = parts.map(sizeOf);
  const rest = (from: number) => sizes.slice(from).reduce((sum, it) => sum + it, 0);
  const calls: readonly Call[][] = parts.map((part, i) => [{ id: i, part, resume: () => i + 1, rest: rest(i + 1) }]);
  return {
    kind: "calling",
    start: 0,
    step: () => [],
    calls: (state) => calls[state] ?? [],
    accepts: (state) => state === parts.length,
    reads: () => false,
    shortest: rest,
  };
}

/** State 0: before any part; state 1 accepts. */
export function eitherPart(parts: readonly Part[]): CallingPart {
  const least = Math.min(...parts.map(sizeOf));
  const calls = parts.map((part, id): Call => ({ id, part, resume: () => 1, rest: 0 }));
  return {
    kind: "calling",
    start: 0,
    step: () => [],
    calls: (state) => (state === 0 ? calls : []),
    accepts: (state) => state === 1,
    reads: () => false,
    shortest: (state) => (state === 0 ? least : 0),
  };
}

/** Bytes of a shortest text that the part accepts. */
export function sizeOf(part: Part): number {
  if (part.kind === "calling") return part.shortest(part.start);
  const { start, shortest } = part.automaton;
  return start === DEAD ? Infinity : shortest(start);
}
