/** An expression that does not tell upper from lower case, by the simple mappings of JavaScript's `toLowerCase`. */

import { normalized, type Ranges, type Regex } from "./syntax.js";

/** For single characters and short lists of them; a range of many characters stays as it is. */
const MOST_CHARACTERS = 64;

export function caseFolded(regex: Regex): Regex {
  switch (regex.kind) {
    case "set":
      return { kind: "set", ranges: bothCases(regex.ranges) };
    case "sequence":
    case "either":
      return { ...regex, items: regex.items.map(caseFolded) };
    case "repeat":
      return { ...regex, item: caseFolded(regex.item) };
    default:
      return regex;
  }
}

function bothCases(ranges: Ranges): Ranges {
  const out: [number, number][] = ranges.map(([low, high]) => [low, high]);
  for (const [low, high] of ranges) {
    for (let code = low; code <= high && code < low + MOST_CHARACTERS; code++) {
      const text = String.fromCodePoint(code);
      for (const other of [text.toLowerCase(), text.toUpperCase()]) {
        // A letter whose other case is several letters has no single other case.
        if ([...other].length === 1) out.push([other.codePointAt(0)!, other.codePointAt(0)!]);
      }
    }
  }
  return normalized(out);
}
