/** A completion that keeps a guide: words that it must not hold, and words that it should hold more often or less. */

import type { ConstraintSpec } from "../../protocol/constraint.js";
import type { GhostPlace } from "../../protocol/language.js";

export interface PlaceGuide {
  readonly avoid: readonly string[];
  readonly bias: Readonly<Record<string, number>>;
}

/** Values that follow a schema keep that alone. */
export function guidedPlace(place: GhostPlace, { avoid, bias }: PlaceGuide): GhostPlace {
  const { constraint } = place;
  if (constraint.kind !== "all") return place;
  const wordBias = 0 < Object.keys(bias).length ? { wordBias: bias } : {};
  return {
    ...place,
    ...wordBias,
    constraint: { ...constraint, items: constraint.items.map((it) => limited(it, avoid)) },
  };
}

function limited(item: ConstraintSpec, avoid: readonly string[]): ConstraintSpec {
  if (item.kind !== "text" || avoid.length === 0) return item;
  return { ...item, limits: { ...item.limits, avoid: [...(item.limits.avoid ?? []), ...avoid] } };
}
