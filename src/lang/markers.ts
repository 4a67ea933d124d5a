/**
 * Marks in rendered text: where a role begins, where a hole stands. A mark is a character that occurs nowhere in what is
 * rendered, so nobody can write one, around a number into a list that is kept outside the text.
 */

import type { Json, JsonObject } from "../base/json.js";
import type { HoleSpec } from "./hole.js";
import type { RenderedShot } from "./rendered.js";

export type Mark =
  | { readonly kind: "role"; readonly role: string }
  | { readonly kind: "history" }
  | { readonly kind: "section"; readonly name: string }
  | { readonly kind: "media"; readonly url: string; readonly contentType?: string }
  | { readonly kind: "hole"; readonly hole: HoleSpec }
  /** All shots stand here as turns. */
  | { readonly kind: "shots" }
  /** What follows is from this shot; undefined: from none. */
  | { readonly kind: "shot"; readonly shot: RenderedShot | undefined }
  /** What follows, up to the end that belongs to it, has this priority. */
  | { readonly kind: "keep"; readonly priority: number }
  | { readonly kind: "keep-end" }
  /** What follows, up to the end that belongs to it, is emphasised. */
  | { readonly kind: "emphasize" }
  | { readonly kind: "emphasize-end" };

export interface Marker {
  /** Text that stands for the mark. */
  write(mark: Mark): string;
  /** The rendered text, cut at its marks. */
  split(text: string): (string | Mark)[];
}

/** Undefined when every candidate occurs in the texts, which takes some doing. */
export function createMarker(texts: Iterable<string>): Marker | undefined {
  const [sign] = unusedSigns([...texts], 1);
  if (sign === undefined) return undefined;
  const marks: Mark[] = [];
  return {
    write: (mark) => `${sign}${marks.push(mark) - 1}${sign}`,
    split: (text) => text.split(sign).map((it, i) => (i % 2 === 0 ? it : marks[Number(it)]!)),
  };
}

/**
 * Up to `most` characters that none of the texts holds: Unicode's 32 noncharacters of this block, and then the private-use
 * ones: none has a meaning of its own.
 */
export function unusedSigns(texts: readonly string[], most: number): readonly string[] {
  const found: string[] = [];
  for (const [first, last] of [
    [0xfdd0, 0xfdef],
    [0xe000, 0xf8ff],
  ] as const)
    for (let code = first; code <= last && found.length < most; code++) {
      const sign = String.fromCharCode(code);
      if (!texts.some((it) => it.includes(sign))) found.push(sign);
    }
  return found;
}

/** All texts in a value, keys included: whatever a template could write. */
export function* textsOf(value: Json | JsonObject | undefined): Iterable<string> {
  if (typeof value === "string") yield value;
  if (typeof value !== "object" || value === null) return;
  for (const [key, it] of Object.entries(value)) {
    yield key;
    yield* textsOf(it as Json);
  }
}
