/**
 * Which key or value of the front matter is being written at a place. Read from lines and indentation, and only up to the
 * place: while somebody types, the YAML is seldom valid.
 */

import { span, type Span } from "../../base/text.js";

export interface YamlPlace {
  readonly kind: "key" | "value";
  /** The keys around it, and with a value its own key; `-` stands for an item of a list. */
  readonly path: readonly string[];
  /** What was typed so far. */
  readonly text: string;
  readonly span: Span;
}

/** `start` to `end` is the YAML. Undefined in comments and in texts of several lines. */
export function yamlPlace(text: string, { start, end }: Span, offset: number): YamlPlace | undefined {
  if (offset < start || end < offset) return undefined;
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const line = text.slice(Math.max(start, lineStart), offset);
  if (/(?:^|\s)#/.test(line.replace(/"[^"]*"|'[^']*'/g, ""))) return undefined;
  const before = text.slice(start, Math.max(start, lineStart)).split("\n").slice(0, -1);
  const indent = /^ */.exec(line)![0].length;
  const around = pathAbove(before, indent, /^\s*-(?:\s|$)/.test(line));
  if (around === undefined) return undefined;
  return inLine(line, around, offset);
}

/** The keys of the lines above that this indentation stands under. Undefined inside of a block text. */
function pathAbove(lines: readonly string[], indent: number, isItem: boolean): readonly string[] | undefined {
  const path: string[] = [];
  let below = indent;
  let itemBelow = isItem;
  for (let i = lines.length - 1; 0 <= i; i--) {
    const line = lines[i]!;
    const found = /^( *)((?:- +)*)(?:([^\s#:'"][^:]*|"[^"]*"|'[^']*') *:(?: +(.*))?)?$/.exec(line.trimEnd());
    if (found === null || /^\s*(?:#|$)/.test(line)) continue;
    const own = found[1]!.length;
    const dashes = found[2]!.length;
    // A list may stand at the indentation of its key.
    const isAbove = own < below || (itemBelow && own === below && dashes === 0);
    if (own + dashes < below && 0 < dashes && own < below) {
      if (found[3] !== undefined && own + dashes < below) path.unshift(unquoted(found[3]));
      path.unshift("-");
      below = own;
      itemBelow = true;
      continue;
    }
    if (0 < dashes && own + dashes === below) {
      path.unshift("-");
      below = own;
      itemBelow = true;
      continue;
    }
    if (!isAbove || found[3] === undefined) continue;
    if (/^[|>][+-]?\d?$/.test(found[4] ?? "")) return undefined;
    path.unshift(unquoted(found[3]));
    below = own;
    itemBelow = false;
  }
  return path;
}

/** Goes through what the line has before the place: dashes, a key, and flow collections. */
function inLine(line: string, around: readonly string[], offset: number): YamlPlace {
  let path = [...around];
  let at = /^ */.exec(line)![0].length;
  const dashes = /^(?:- +|-$)+/.exec(line.slice(at))?.[0] ?? "";
  for (const _ of dashes.matchAll(/-/g)) path.push("-");
  at += dashes.length;
  const open: { readonly path: readonly string[]; readonly isList: boolean }[] = [];
  let wordAt = at;
  let key: string | undefined;
  for (let i = at; i < line.length; i++) {
    const character = line[i]!;
    if (character === '"' || character === "'") {
      const close = line.indexOf(character, i + 1);
      if (close < 0) break;
      i = close;
    } else if (character === ":" && /^(?:\s|$)/.test(line.slice(i + 1))) {
      key = unquoted(line.slice(wordAt, i).trim());
      wordAt = i + 1;
    } else if (character === "{" || character === "[") {
      open.push({ path, isList: character === "[" });
      path = [...path, ...(key === undefined ? [] : [key]), ...(character === "[" ? ["-"] : [])];
      key = undefined;
      wordAt = i + 1;
    } else if (character === "," && 0 < open.length) {
      key = undefined;
      wordAt = i + 1;
    } else if ((character === "}" || character === "]") && 0 < open.length) {
      path = [...open.pop()!.path];
      key = undefined;
      wordAt = i + 1;
    }
  }
  const raw = line.slice(wordAt);
  const typed = raw.trimStart();
  const where = span(offset - typed.length, offset);
  if (key !== undefined) return { kind: "value", path: [...path, key], text: typed, span: where };
  return { kind: open.at(-1)?.isList === true ? "value" : "key", path, text: typed, span: where };
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/s, "$2").trim();
}
