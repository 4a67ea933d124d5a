/** Characters that keep a text apart from what it spells, and what there is to know about texts that need none. */

import { TillerError } from "../../base/error.js";

/**
 * Puts the breaker before and after every character: nothing spelled in the text can be found in it, and no part of it can
 * finish a spelling that begins elsewhere. White space stays bare, so that trimming works as before.
 */
export function shield(text: string, breaker: string): string {
  return text.replace(/\P{White_Space}/gu, `${breaker}$&${breaker}`);
}

/** Whether a text could be a part of one of the spellings: its head, its tail or all that is between them. */
export function couldTouch(text: string, spellings: readonly string[]): boolean {
  const edges = new Set(spellings.flatMap((it) => [it[0]!, it.at(-1)!]));
  if ([...edges].some((it) => text.includes(it))) return true;
  const bare = text.trim();
  return bare !== "" && spellings.some((it) => it.includes(bare));
}

/** Four characters that none of the texts holds. */
export function unusedCharacters(texts: readonly string[]): readonly [string, string, string, string] {
  const all = texts.join("\n");
  const free: string[] = [];
  // Private use: no rule of Unicode changes them, and there are 6,400.
  for (let code = 0xe000; code <= 0xf8ff && free.length < 4; code++) {
    const it = String.fromCharCode(code);
    if (!all.includes(it)) free.push(it);
  }
  const [first, second, third, fourth] = free;
  if (first !== undefined && second !== undefined && third !== undefined && fourth !== undefined)
    return [first, second, third, fourth];
  const message =
    "The messages use nearly every private-use character of Unicode (U+E000 to U+F8FF); none is left to mark where " +
    "contents begin and end. Take some of them out.";
  throw new TillerError("prompt-invalid", message);
}
