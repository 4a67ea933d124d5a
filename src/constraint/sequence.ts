/** Parts one after the other. */

import type { Call, CallingPart, Part } from "./machine.js";

/** State i: before part i; the last state accepts. */
export function sequencePart(parts: readonly Part[]): CallingPart {
  const sizes = parts.map((it) =>
    it.kind === "flat" ? it.automaton.shortest(it.automaton.start) : it.shortest(it.start),
  );
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
