/** Grammars in llama.cpp's GBNF format (grammars/README.md of llama.cpp), as rules over characters. */

import { invalid, unsupported } from "../refuse.js";
import { complement, LAST_CODE_POINT, literal, normalized, type Ranges } from "../regex/syntax.js";

export type GrammarNode =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "sequence"; readonly items: readonly GrammarNode[] }
  | { readonly kind: "either"; readonly items: readonly GrammarNode[] }
  | { readonly kind: "repeat"; readonly item: GrammarNode; readonly min: number; readonly max: number };

export type Grammar = ReadonlyMap<string, GrammarNode>;

const ROOT = "root";
const MOST_NESTED = 200;
const lengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9 };

/** Throws `constraint-invalid` with line and column. */
export function parseGrammar(source: string): Grammar {
  const text = [...source];
  const rules = new Map<string, GrammarNode>();
  const used: { name: string; at: number }[] = [];
  let at = 0;
  let depth = 0;

  skip(true);
  while (at < text.length) readRule();
  const missing = used.find(({ name }) => !rules.has(name));
  if (missing !== undefined) throw problem(`the rule "${missing.name}" is not defined`, missing.at);
  if (!rules.has(ROOT)) throw problem('no rule is called "root"', 0);
  return rules;

  function problem(what: string, index = at) {
    const before = text.slice(0, index);
    const line = before.filter((it) => it === "\n").length + 1;
    const column = index - before.lastIndexOf("\n");
    return invalid(`The grammar is not valid: ${what}, at line ${line}, column ${column}.`);
  }

  /** White space and comments; line breaks only where a rule goes on in any case. */
  function skip(lines: boolean): void {
    for (;;) {
      const it = text[at];
      if (it === "#") while (at < text.length && text[at] !== "\n") at++;
      else if (it === " " || it === "\t" || (lines && (it === "\n" || it === "\r"))) at++;
      else return;
    }
  }

  function readName(): string {
    const start = at;
    while (/[a-zA-Z0-9_-]/.test(text[at] ?? "")) at++;
    if (start === at) throw problem("expected the name of a rule");
    return text.slice(start, at).join("");
  }

  function readRule(): void {
    const start = at;
    const name = readName();
    skip(false);
    if (text.slice(at, at + 3).join("") !== "::=") throw problem('expected "::="');
    at += 3;
    skip(true);
    if (rules.has(name)) throw problem(`the rule "${name}" is defined twice`, start);
    rules.set(name, readEither(false));
    if (at < text.length && text[at] !== "\n" && text[at] !== "\r") throw problem("expected the end of the line");
    skip(true);
  }

  function readEither(inGroup: boolean): GrammarNode {
    if (MOST_NESTED < ++depth) throw unsupported("The grammar nests too deeply.");
    const items = [readSequence(inGroup)];
    while (text[at] === "|") {
      at++;
      skip(true);
      items.push(readSequence(inGroup));
    }
    depth--;
    return items.length === 1 ? items[0]! : { kind: "either", items };
  }

  function readSequence(inGroup: boolean): GrammarNode {
    const items: GrammarNode[] = [];
    for (skip(inGroup); at < text.length && !["|", ")", "\n", "\r"].includes(text[at]!); skip(inGroup))
      items.push(readRepeats(readItem()));
    return items.length === 1 ? items[0]! : { kind: "sequence", items };
  }

  function readRepeats(first: GrammarNode): GrammarNode {
    let item = first;
    for (;;) {
      const bounds = readQuantifier();
      if (bounds === undefined) return item;
      item = { kind: "repeat", item, min: bounds[0], max: bounds[1] };
    }
  }

  function readQuantifier(): readonly [number, number] | undefined {
    const it = text[at];
    if (it === "*" || it === "+" || it === "?") {
      at++;
      return [it === "+" ? 1 : 0, it === "?" ? 1 : Infinity];
    }
    if (it !== "{") return undefined;
    const braces = /^\{\s*(\d*)\s*(,?)\s*(\d*)\s*\}/.exec(text.slice(at, at + 60).join(""));
    if (braces === null) throw problem("expected numbers of repetitions, as {2,5}");
    const [whole, low, comma, high] = braces;
    const min = low === "" ? 0 : Number(low);
    const max = comma === "" ? min : high === "" ? Infinity : Number(high);
    if (max < min) throw problem("numbers out of order in {}");
    at += whole.length;
    return [min, max];
  }

  function readItem(): GrammarNode {
    const it = text[at]!;
    if (it === '"') return readLiteral();
    if (it === "[") return readClass();
    if (it === ".") {
      at++;
      return { kind: "set", ranges: [[0, LAST_CODE_POINT]] };
    }
    if (it === "(") {
      const start = at++;
      const inner = readEither(true);
      if (text[at] !== ")") throw problem('"(" is never closed', start);
      at++;
      return inner;
    }
    if (it === "<" || it === "!") throw unsupported("The grammar names tokens of one model, which cannot be enforced.");
    const start = at;
    const name = readName();
    used.push({ name, at: start });
    return { kind: "rule", name };
  }

  function readLiteral(): GrammarNode {
    const start = at++;
    let found = "";
    while (text[at] !== '"') {
      if (text.length <= at) throw problem("the text is never closed", start);
      found += String.fromCodePoint(readCharacter());
    }
    at++;
    return literal(found) as GrammarNode;
  }

  function readClass(): GrammarNode {
    const start = at++;
    const negated = text[at] === "^";
    if (negated) at++;
    const ranges: [number, number][] = [];
    while (text[at] !== "]") {
      if (text.length <= at) throw problem('"[" is never closed', start);
      const low = readCharacter();
      const isRange = text[at] === "-" && text[at + 1] !== "]" && text[at + 1] !== undefined;
      if (isRange) at++;
      const high = isRange ? readCharacter() : low;
      if (high < low) throw problem("range out of order");
      ranges.push([low, high]);
    }
    at++;
    return { kind: "set", ranges: negated ? complement(ranges) : normalized(ranges) };
  }

  function readCharacter(): number {
    const it = text[at]!;
    if (it !== "\\") {
      at++;
      return it.codePointAt(0)!;
    }
    const next = text[at + 1];
    if (next === undefined) throw problem("nothing after \\");
    const digits = lengths[next];
    if (digits !== undefined) {
      const hex = text.slice(at + 2, at + 2 + digits).join("");
      const point = parseInt(hex, 16);
      if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length !== digits || LAST_CODE_POINT < point)
        throw problem(`\\${next} needs ${digits} hexadecimal digits`);
      at += 2 + digits;
      return point;
    }
    at += 2;
    return controls[next] ?? next.codePointAt(0)!;
  }
}
