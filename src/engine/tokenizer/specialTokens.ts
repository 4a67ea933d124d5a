/**
 * The tokens that are no text, and where they are spelled.
 *
 * Files tell two kinds apart. Control tokens (start of a turn, end of text) never come out of foreign text. User-defined tokens
 * are words that are found before anything is merged: runs of white space are, wherever they stand; the others are markup of
 * some kind (`<tool_call>`), and only text of our own is searched for them.
 */

import { TokenType, type TokenizerMetadata } from "./metadata.js";

/** A part of a text: `trusted` parts are our own, and special tokens spelled in them are meant. */
export interface Segment {
  readonly text: string;
  readonly trusted: boolean;
}

/** A plain text or the id of a token. */
export type Part = string | number;

export interface SpecialTokens {
  /** By spelling: the tokens that only trusted text can hold. */
  readonly spellings: ReadonlyMap<string, number>;
  /** Ids of those that are no text at all. */
  readonly control: ReadonlySet<number>;
  readonly ends: ReadonlySet<number>;
  /** Cuts a text of our own at the tokens spelled in it: at the leftmost first, and at the longest of those that begin there. */
  find(text: string): readonly Part[];
  /** The segments as one text. A special token counts when all of it lies in one trusted segment. */
  split(segments: readonly Segment[]): Part[];
}

/** Spellings that end a turn in the chat formats that are about, for files that name only one of theirs. */
const knownEnds = [
  "<|im_end|>",
  "<|endoftext|>",
  "<|end_of_text|>",
  "<|eot_id|>",
  "<|eom_id|>",
  "<|end|>",
  "<end_of_turn>",
  "<end_of_utterance>",
  "<\uff5cend\u2581of\u2581sentence\uff5c>",
  "<eos>",
  "</s>",
];

export function specialTokens({ name, tokens, types, ends }: TokenizerMetadata): SpecialTokens {
  const control = new Set<number>();
  const spellings = new Map<string, number>();
  const spaces = new Map<string, number>();
  types.forEach((type, id) => {
    const token = tokens[id]!;
    if (type === TokenType.control || type === TokenType.unknown) control.add(id);
    else if (type !== TokenType.userDefined) return;
    // Some files list the marks of turns among the words.
    else if (/^<\|.*\|>$|^<start_of_turn>$/.test(token) || knownEnds.includes(token)) control.add(id);
    if (/^\p{White_Space}+$/u.test(token) && !control.has(id)) spaces.set(token, id);
    else if (token !== "") spellings.set(token, id);
  });
  const inTrusted = finder(spellings);
  const anywhere = finder(spaces);
  const swallowing = swallowsSpace(name, spellings);
  return {
    spellings,
    control,
    find: inTrusted,
    ends: new Set([...ends, ...knownEnds.flatMap((it) => spellings.get(it) ?? [])]),
    split: (segments) =>
      dropSwallowed(splitTrusted(segments, inTrusted), swallowing).flatMap((it) =>
        typeof it === "string" ? anywhere(it) : [it],
      ),
  };
}

type Finder = (text: string) => Part[];

function splitTrusted(segments: readonly Segment[], find: Finder): Part[] {
  const parts: Part[] = [];
  let plain = "";
  for (const { text, trusted } of segments) {
    for (const part of trusted ? find(text) : [text]) {
      if (typeof part === "string") {
        plain += part;
        continue;
      }
      if (plain !== "") parts.push(plain);
      plain = "";
      parts.push(part);
    }
  }
  if (plain !== "") parts.push(plain);
  return parts;
}

function finder(spellings: ReadonlyMap<string, number>): Finder {
  if (spellings.size === 0) return (text) => [text];
  const longestFirst = [...spellings.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map((it) => it.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "g");
  return (text) => {
    const parts: Part[] = [];
    let at = 0;
    for (const match of text.matchAll(pattern)) {
      if (at < match.index) parts.push(text.slice(at, match.index));
      parts.push(spellings.get(match[0])!);
      at = match.index + match[0].length;
    }
    if (at < text.length) parts.push(text.slice(at));
    return parts;
  };
}

/** Phi 3 was trained without the white space after its marks. Its files do not say so; only their name does. */
function swallowsSpace(name: string, spellings: ReadonlyMap<string, number>): ReadonlySet<number> {
  if (!/phi-?3/i.test(name)) return new Set();
  const others = ["<unk>", "<s>", "<|endoftext|>"].map((it) => spellings.get(it));
  return new Set([...spellings.values()].filter((it) => !others.includes(it)));
}

function dropSwallowed(parts: readonly Part[], swallowing: ReadonlySet<number>): Part[] {
  if (swallowing.size === 0) return [...parts];
  return parts.map((part, i) => {
    const before = parts[i - 1];
    const swallowed = typeof part === "string" && typeof before === "number" && swallowing.has(before);
    return swallowed ? part.replace(/^\p{White_Space}+/u, "") : part;
  });
}
