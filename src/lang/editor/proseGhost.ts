/** Completions of prose, in any kind of file. */

import type { GhostPlace } from "../../protocol/language.js";

/** A completion is the rest of a line: more is seldom wanted, and never read before it is accepted. Characters. */
export const LONGEST = 160;

/** No tag of a template may begin in it, and no fence. */
export const prose: GhostPlace = {
  constraint: {
    kind: "all",
    items: [{ kind: "text", limits: { chars: { min: 1, max: LONGEST }, avoid: ["{", "}", "---", "\n", "\r"] } }],
    stop: ["\n"],
  },
  stop: ["\n"],
};
