/** Which models can forget: whether their layers allow a cache that holds only what is in sight. */

import { TillerError } from "../../base/error.js";
import type { CacheType } from "../../protocol/engine.js";
import type { ModelShape } from "../graph/modelShape.js";
import type { Visibility } from "./visibility.js";

/** Throws `usage`. */
export function checkForgetting(shape: ModelShape, { endlessSinks }: Visibility, cacheType: CacheType): void {
  const name = shape.architecture;
  if (shape.convolution !== undefined)
    throw refused(`${name} has convolutions beside attention, which need every position before the next`);
  // The operator counts a window in slots of the cache, and these are no positions any more.
  if (shape.attention.layers.some((it) => it.window !== undefined))
    throw refused(`${name} has layers that attend to a window of their own`);
  if (endlessSinks === undefined) return;
  if (cacheType === "int8")
    throw refused("Endless attention turns the keys of its sinks, which a cache of 8-bit integers is too coarse for");
  const ropes = new Set(shape.attention.layers.map((it) => it.rope));
  if (1 < ropes.size || shape.rope.scaling?.kind === "longrope")
    throw refused(`${name} does not turn the keys of all layers alike, so that endless attention cannot move them`);
}

function refused(reason: string): TillerError {
  return new TillerError("usage", `${reason}. Use another pattern of attention, or dense attention.`);
}
