/** Unicode properties as ranges of code points, asked of JavaScript's own engine, which has the tables. */

import { LAST_CODE_POINT, type Ranges } from "./syntax.js";

/** `name` as between the braces of `\p{...}`; undefined when there is no such property. */
export function propertyRanges(name: string): Ranges | undefined {
  const pattern = propertyPattern(name);
  if (pattern === undefined) return undefined;
  const out: [number, number][] = [];
  for (let point = 0; point <= LAST_CODE_POINT; point++) {
    if (0xd800 <= point && point <= 0xdfff) continue;
    if (!pattern.test(String.fromCodePoint(point))) continue;
    const last = out.at(-1);
    if (last !== undefined && last[1] === point - 1) last[1] = point;
    else out.push([point, point]);
  }
  return out;
}

function propertyPattern(name: string): RegExp | undefined {
  if (!/^[A-Za-z0-9_=]+$/.test(name)) return undefined;
  try {
    return new RegExp(`^\\p{${name}}$`, "u");
  } catch {
    return undefined; // the caller reports it
  }
}
