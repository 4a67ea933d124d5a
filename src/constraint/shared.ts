/**
 * What the constraints over one vocabulary have in common. A text that is limited in the same way in each request, behind
 * another beginning every time, is compiled once, and the masks inside of it are found once.
 */

import { recall } from "../base/recall.js";
import type { ConstraintSpec } from "../protocol/constraint.js";
import { createFreeMasks, type FreeMasks, type InnerMask } from "./freeMasks.js";
import type { FlatPart } from "./machine.js";
import type { Vocabulary } from "./vocabulary.js";

export interface Shared {
  readonly free: FreeMasks;
  /** The part of a constraint that was compiled before, or the one that `make` gives. */
  part(spec: ConstraintSpec, make: () => FlatPart): FlatPart;
  /** Masks inside of a part, by state; for as long as somebody has the part. */
  inside(part: FlatPart): Map<string, InnerMask>;
}

const MOST_PARTS = 50;

export function createShared(vocabulary: Vocabulary): Shared {
  const parts = new Map<string, FlatPart>();
  const masks = new WeakMap<FlatPart, Map<string, InnerMask>>();
  return {
    free: createFreeMasks(vocabulary),
    part: (spec, make) => recall(parts, JSON.stringify(spec), MOST_PARTS, make),
    inside(part) {
      let found = masks.get(part);
      if (found === undefined) masks.set(part, (found = new Map<string, InnerMask>()));
      return found;
    },
  };
}
