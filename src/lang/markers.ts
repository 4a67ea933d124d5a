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
  | { readonly kind: "keep-end" };

export interface Marker {
  /** Text that stands for the mark. */
  write(mark: Mark): string;
  /** The rendered text, cut at its marks. */
  split(text: string): (string | Mark)[];
}

/** Undefined when every candidate occurs in the texts, which takes some doing. */
export function createMarker(texts: Iterable<string>): Marker | undefined {
  const sign = unusedSign([...texts]);
  if (sign === undefined) return undefined;
  const marks: Mark[] = [];
  return {
    write: (mark) => `${sign}${marks.push(mark) - 1}${sign}`,
    split: (text) => text.split(sign).map((it, i) => (i % 2 === 0 ? it : marks[Number(it)]!)),
  };
}

/** Unicode's 32 noncharacters of this block, and then the private-use ones: none has a meaning of its own. */
function unusedSign(texts: readonly string[]): string | undefined {
  for (let code = 0xfdd0; code <= 0xfdef; code++) if (isFree(code)) return String.fromCharCode(code);
  for (let code = 0xe000; code <= 0xf8ff; code++) if (isFree(code)) return String.fromCharCode(code);
  return undefined;

  function isFree(code: number): boolean {
    const sign = String.fromCharCode(code);
    return !texts.some((it) => it.includes(sign));
  }
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
