/**
 * The part of JavaScript's regular expressions that is regular (ECMA-262, Pattern, with the `u` flag; escapes that the flag
 * forbids are read as the characters they stand for). Refused by name: back references, word boundaries, and looking around,
 * except ahead at the beginning.
 */

import { invalid, unsupported } from "../refuse.js";
import { anyText, complement, LAST_CODE_POINT, normalized, type Ranges, type Regex } from "./syntax.js";
import { propertyRanges } from "./unicode.js";

export interface ParsedRegex {
  readonly body: Regex;
  /** What must, or must not, begin where the whole expression begins: `(?=...)` and `(?!...)` after a leading `^`. */
  readonly ahead: readonly { readonly body: Regex; readonly negated: boolean }[];
}

const digit: Ranges = [[48, 57]];
const word: Ranges = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
/** WhiteSpace and LineTerminator of ECMA-262. */
const space: Ranges = [
  [9, 13],
  [32, 32],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const lineEnds: Ranges = [
  [10, 10],
  [13, 13],
  [0x2028, 0x2029],
];
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };
const MOST_NESTED = 200;

export function parseRegex(source: string): ParsedRegex {
  const text = [...source];
  let at = 0;
  let depth = 0;
  const ahead = readAhead();
  const body = readEither();
  if (at < text.length) throw problem(`unmatched "${text[at]}"`);
  return { body, ahead };

  function problem(what: string, index = at) {
    return invalid(`The regular expression ${show(source)} is not valid: ${what} at position ${index + 1}.`);
  }

  function refused(what: string) {
    return unsupported(
      `The regular expression ${show(source)} uses ${what} at position ${at + 1}, which is not regular and cannot be enforced.`,
    );
  }

  function follows(part: string): boolean {
    return text.slice(at, at + part.length).join("") === part;
  }

  function skip(part: string): boolean {
    if (!follows(part)) return false;
    at += part.length;
    return true;
  }

  function readAhead(): ParsedRegex["ahead"] {
    const found: { body: Regex; negated: boolean }[] = [];
    const start = at;
    if (!skip("^")) {
      if (follows("(?!") || follows("(?=")) throw refused("looking ahead without a leading ^");
      return [];
    }
    while (follows("(?=") || follows("(?!")) {
      const negated = text[at + 2] === "!";
      at += 3;
      const inner = readEither();
      if (!skip(")")) throw problem('expected ")"');
      found.push({ body: { kind: "sequence", items: [{ kind: "begin" }, inner] }, negated });
    }
    at = found.length === 0 ? start : at;
    if (0 < found.length) {
      // What follows must be the only branch, or the look ahead would be part of the first one alone.
      const rest = text.slice(at).join("");
      if (hasOuterBar(rest)) throw refused("looking ahead in one of several branches");
      text.splice(at, 0, "^");
    }
    return found;
  }

  function readEither(): Regex {
    if (MOST_NESTED < ++depth) throw unsupported("The regular expression nests too deeply.");
    const items = [readSequence()];
    while (skip("|")) items.push(readSequence());
    depth--;
    return items.length === 1 ? items[0]! : { kind: "either", items };
  }

  function readSequence(): Regex {
    const items: Regex[] = [];
    while (at < text.length && text[at] !== "|" && text[at] !== ")") items.push(readRepeat());
    return items.length === 1 ? items[0]! : { kind: "sequence", items };
  }

  function readRepeat(): Regex {
    const start = at;
    let item = readAtom();
    for (let count = 0; ; count++) {
      const bounds = readQuantifier();
      if (bounds === undefined) return item;
      if (0 < count) throw problem("nothing to repeat");
      if (item.kind === "begin" || item.kind === "end") throw problem("nothing to repeat", start);
      skip("?"); // lazy or greedy: the same texts
      item = { kind: "repeat", item, min: bounds[0], max: bounds[1] };
    }
  }

  function readQuantifier(): readonly [number, number] | undefined {
    if (skip("*")) return [0, Infinity];
    if (skip("+")) return [1, Infinity];
    if (skip("?")) return [0, 1];
    const braces = /^\{(\d+)(?:(,)(\d*))?\}/.exec(text.slice(at, at + 40).join(""));
    if (braces === null) return undefined;
    const [whole, low, comma, high] = braces;
    const min = Number(low);
    const max = comma === undefined ? min : high === "" || high === undefined ? Infinity : Number(high);
    if (max < min) throw problem("numbers out of order in {}");
    at += whole.length;
    return [min, max];
  }

  function readAtom(): Regex {
    const character = text[at]!;
    switch (character) {
      case "^":
        at++;
        return { kind: "begin" };
      case "$":
        at++;
        return { kind: "end" };
      case ".":
        at++;
        return { kind: "set", ranges: complement(lineEnds) };
      case "(":
        return readGroup();
      case "[":
        return readClass();
      case "\\":
        return readEscape();
      case "*":
      case "+":
      case "?":
        throw problem("nothing to repeat");
      default:
        at++;
        return one(character.codePointAt(0)!);
    }
  }

  function readGroup(): Regex {
    for (const opening of ["(?<=", "(?<!"]) if (follows(opening)) throw refused("looking behind");
    for (const opening of ["(?=", "(?!"]) if (follows(opening)) throw refused("looking ahead in the middle");
    const start = at;
    if (!skip("(?:")) {
      at++;
      if (follows("?<")) {
        const name = /^\?<[\p{L}_$][\p{L}\p{N}_$]*>/u.exec(text.slice(at).join(""));
        if (name === null) throw problem("a group's name is not valid");
        at += [...name[0]].length;
      } else if (follows("?")) throw problem("unknown group");
    }
    const inner = readEither();
    if (!skip(")")) throw problem('"(" is never closed', start);
    return inner;
  }

  function readEscape(): Regex {
    const next = text[at + 1];
    if (next === undefined) throw problem("nothing after \\");
    if (next === "b" || next === "B") throw refused("a word boundary");
    if (/[1-9]/.test(next)) throw refused("a back reference");
    if (next === "k" && text[at + 2] === "<") throw refused("a back reference");
    if (next === "A") return ((at += 2), { kind: "begin" });
    if (next === "Z" || next === "z") return ((at += 2), { kind: "end" });
    return { kind: "set", ranges: readSetEscape() };
  }

  /** A class or a character behind a backslash. */
  function readSetEscape(): Ranges {
    const next = text[at + 1]!;
    const classes: Readonly<Record<string, Ranges>> = {
      d: digit,
      D: complement(digit),
      w: word,
      W: complement(word),
      s: space,
      S: complement(space),
    };
    if (Object.hasOwn(classes, next)) {
      at += 2;
      return classes[next]!;
    }
    if (next === "p" || next === "P") {
      const name = /^\{([^}]*)\}/.exec(text.slice(at + 2, at + 80).join(""));
      const short = /^[A-Z]/.exec(text[at + 2] ?? "");
      const property = name?.[1] ?? short?.[0];
      const ranges = property === undefined ? undefined : propertyRanges(property);
      if (ranges === undefined) throw problem("unknown Unicode property");
      at += 2 + (name === null ? 1 : name[0].length);
      return next === "p" ? ranges : complement(ranges);
    }
    const point = readCharacterEscape();
    return [[point, point]];
  }

  function readCharacterEscape(): number {
    const next = text[at + 1]!;
    const rest = text.slice(at, at + 12).join("");
    const hex =
      /^\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/.exec(
        rest,
      );
    if (hex !== null) {
      at += hex[0].length;
      const [, two, braces, high, low, four] = hex;
      if (high !== undefined && low !== undefined)
        return 0x10000 + ((parseInt(high, 16) - 0xd800) << 10) + (parseInt(low, 16) - 0xdc00);
      const point = parseInt(two ?? braces ?? four!, 16);
      if (LAST_CODE_POINT < point) throw problem("not a code point");
      return point;
    }
    const control = /^\\c([A-Za-z])/.exec(rest);
    if (control !== null) {
      at += 3;
      return control[1]!.charCodeAt(0) % 32;
    }
    if (next === "x" || next === "u") throw problem(`\\${next} needs hexadecimal digits`);
    at += 2;
    if (next === "0") return 0;
    return Object.hasOwn(controls, next) ? controls[next]! : next.codePointAt(0)!;
  }

  function readClass(): Regex {
    const start = at++;
    const negated = skip("^");
    const found: (readonly [number, number])[] = [];
    while (text[at] !== "]") {
      if (text.length <= at) throw problem('"[" is never closed', start);
      const low = readClassPart();
      // A "-" at the end, or beside a class such as \d, stands for itself.
      if (low.length === 1 && low[0]![0] === low[0]![1] && text[at] === "-" && text[at + 1] !== "]") {
        const dash = at++;
        if (text.length <= at) throw problem('"[" is never closed', start);
        const high = readClassPart();
        if (high.length === 1 && high[0]![0] === high[0]![1]) {
          if (high[0]![0] < low[0]![0]) throw problem("range out of order", dash);
          found.push([low[0]![0], high[0]![0]]);
        } else found.push(...low, [45, 45], ...high);
      } else found.push(...low);
    }
    at++;
    const ranges = normalized(found);
    return { kind: "set", ranges: negated ? complement(ranges) : ranges };
  }

  function readClassPart(): Ranges {
    if (text[at] !== "\\") {
      const point = text[at++]!.codePointAt(0)!;
      return [[point, point]];
    }
    if (text[at + 1] === undefined) throw problem("nothing after \\");
    if (text[at + 1] === "b") return ((at += 2), [[8, 8]]);
    return readSetEscape();
  }
}

function one(point: number): Regex {
  return { kind: "set", ranges: [[point, point]] };
}

/** A bar outside of all groups and classes. */
function hasOuterBar(source: string): boolean {
  let depth = 0;
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const it = source[i];
    if (it === "\\") i++;
    else if (inClass) inClass = it !== "]";
    else if (it === "[") inClass = true;
    else if (it === "(") depth++;
    else if (it === ")") depth--;
    else if (it === "|" && depth === 0) return true;
  }
  return false;
}

function show(source: string): string {
  return JSON.stringify(source.length <= 80 ? source : `${source.slice(0, 77)}...`);
}

/**
 * The expression as one that matches the whole text: where no `^` or `$` stands, anything may come before or after. Throws
 * `constraint-unsupported` for an anchor in the middle.
 */
export function searched(regex: Regex): Regex {
  const whole = withBegin(withEnd(regex));
  refuseAnchors(whole);
  return whole;
}

function withBegin(regex: Regex): Regex {
  switch (regex.kind) {
    case "begin":
      return { kind: "sequence", items: [] };
    case "either":
      return { kind: "either", items: regex.items.map(withBegin) };
    case "sequence": {
      const [first, ...rest] = regex.items;
      if (first === undefined) return anyText;
      if (!holdsAnchor(first, "begin")) return { kind: "sequence", items: [anyText, ...regex.items] };
      if (first.kind === "begin") return withoutFirst({ kind: "sequence", items: rest }, "begin");
      return { kind: "sequence", items: [withBegin(first), ...rest] };
    }
    default:
      return { kind: "sequence", items: [anyText, regex] };
  }
}

function withEnd(regex: Regex): Regex {
  switch (regex.kind) {
    case "end":
      return { kind: "sequence", items: [] };
    case "either":
      return { kind: "either", items: regex.items.map(withEnd) };
    case "sequence": {
      const last = regex.items.at(-1);
      if (last === undefined) return anyText;
      const rest = regex.items.slice(0, -1);
      if (!holdsAnchor(last, "end")) return { kind: "sequence", items: [...regex.items, anyText] };
      if (last.kind === "end") return withoutFirst({ kind: "sequence", items: rest }, "end");
      return { kind: "sequence", items: [...rest, withEnd(last)] };
    }
    default:
      return { kind: "sequence", items: [regex, anyText] };
  }
}

/** Anchors that stand where the text begins (or ends) anyway say nothing. */
function withoutFirst(regex: Regex, kind: "begin" | "end"): Regex {
  if (regex.kind === kind) return { kind: "sequence", items: [] };
  if (regex.kind === "either") return { kind: "either", items: regex.items.map((it) => withoutFirst(it, kind)) };
  if (regex.kind !== "sequence" || regex.items.length === 0) return regex;
  const at = kind === "begin" ? 0 : regex.items.length - 1;
  const items = regex.items.map((it, i) => (i === at ? withoutFirst(it, kind) : it));
  // Several in a row are one.
  return regex.items[at]!.kind === kind
    ? withoutFirst({ kind: "sequence", items: items.filter((_, i) => i !== at) }, kind)
    : { kind: "sequence", items };
}

function holdsAnchor(regex: Regex, kind: "begin" | "end"): boolean {
  if (regex.kind === kind) return true;
  if (regex.kind === "either" || regex.kind === "sequence") return regex.items.some((it) => holdsAnchor(it, kind));
  return regex.kind === "repeat" && holdsAnchor(regex.item, kind);
}

function refuseAnchors(regex: Regex): void {
  if (holdsAnchor(regex, "begin") || holdsAnchor(regex, "end"))
    throw unsupported("The regular expression has ^ or $ in its middle, which cannot be enforced.");
}
