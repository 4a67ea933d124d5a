/** What the front matter says of holes, and the short form in the body over it. */

import { isJsonObject, type JsonObject } from "../base/json.js";
import type { HoleSpec } from "./hole.js";
import type { WrittenHole } from "./holes.js";
import { holeSpec } from "./holeSpec.js";
import type { Metadata } from "./metadata.js";

export type HoleSettings = Readonly<Record<string, JsonObject>>;

/** `tiller.gen` by the names of holes, without what is no settings at all. */
export function holeSettings({ ext }: Metadata): HoleSettings {
  const gen = ext["tiller"]?.["gen"];
  const entries = isJsonObject(gen) ? Object.entries(gen) : [];
  return Object.fromEntries(entries.filter((it): it is [string, JsonObject] => isJsonObject(it[1])));
}

/** A hole of the body with everything that is said of it. */
export function wholeHole({ name, settings, span }: WrittenHole, all: HoleSettings): HoleSpec {
  return holeSpec(name, { ...all[name], ...settings }, span).hole;
}

/** The span of a hole that stands in the front matter alone; messages about it have places of their own. */
export const nowhere = { start: 0, end: 0 } as const;
