/**
 * Tokens of words begin with the space before them, and the engine heals the author's own space. Where the author wrote none,
 * limited text behind a word may begin with one: it stands between the author's text and the model's.
 */

import type { ConstraintSpec } from "../protocol/constraint.js";
import type { HoleRequest } from "./holeRequest.js";

/** `before` is the text that the hole stands behind. The space is none of the characters that are limited. */
export function withSpaceBefore(before: string, request: HoleRequest): HoleRequest {
  const { constraint } = request;
  if (!/\S$/.test(before)) return request;
  if (constraint?.kind !== "all" || constraint.items.some((it) => it.kind !== "text")) return request;
  const spaced: ConstraintSpec = { kind: "sequence", items: [{ kind: "choice", options: [" "] }, constraint] };
  return { ...request, constraint: { kind: "either", items: [constraint, spaced] } };
}
