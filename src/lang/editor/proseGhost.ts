/** Completions of prose, in any kind of file. */

import type { GhostPlace } from "../../protocol/language.js";

/** The rest of a line. No tag of a template may begin in it, and no fence. */
export const prose: GhostPlace = {
  constraint: {
    kind: "all",
    items: [{ kind: "text", limits: { chars: { min: 1 }, avoid: ["{", "}", "---", "\n", "\r"] } }],
    stop: ["\n"],
  },
  stop: ["\n"],
};
