/** What of one text stands in another, by words: the longest common subsequence, with words that went before those that came. */

import type { DiffPart } from "../../protocol/steering.js";

/** Beyond so many pairs of words the middle of both texts counts as one change: a page cannot wait for more. */
const MOST_PAIRS = 4_000_000;

/** All parts that are not `added` are `before`; all that are not `removed` are `after`. */
export function wordDiff(before: string, after: string): readonly DiffPart[] {
  const [a, b] = [wordsOf(before), wordsOf(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [aEnd, bEnd] = [a.length, b.length];
  while (start < aEnd && start < bEnd && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  const parts: DiffPart[] = [
    { kind: "same", text: a.slice(0, start).join("") },
    ...middle(a.slice(start, aEnd), b.slice(start, bEnd)),
    { kind: "same", text: a.slice(aEnd).join("") },
  ];
  return joined(parts);
}

/** Words with the white space in front of them, and marks by themselves. */
function wordsOf(text: string): readonly string[] {
  return text.match(/\s*(?:[\p{L}\p{N}\p{M}_'’-]+|[^\s\p{L}\p{N}\p{M}_'’-])|\s+$/gu) ?? [];
}

function middle(a: readonly string[], b: readonly string[]): readonly DiffPart[] {
  if (a.length === 0 || b.length === 0 || MOST_PAIRS < a.length * b.length) {
    return [
      { kind: "removed", text: a.join("") },
      { kind: "added", text: b.join("") },
    ];
  }
  const width = b.length + 1;
  /** (a.length + 1, b.length + 1): words in common of a[i..] and b[j..] */
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; 0 <= i; i--) {
    for (let j = b.length - 1; 0 <= j; j--) {
      const at = i * width + j;
      common[at] = a[i] === b[j] ? common[at + width + 1]! + 1 : Math.max(common[at + width]!, common[at + 1]!);
    }
  }
  const parts: DiffPart[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const at = i * width + j;
    if (i < a.length && j < b.length && a[i] === b[j]) {
      parts.push({ kind: "same", text: a[i]! });
      i++;
      j++;
    } else if (j === b.length || (i < a.length && common[at + 1]! <= common[at + width]!))
      parts.push({ kind: "removed", text: a[i++]! });
    else parts.push({ kind: "added", text: b[j++]! });
  }
  return parts;
}

/** Neighbours of one kind are one; between two common words, all that went stands before all that came. */
function joined(parts: readonly DiffPart[]): readonly DiffPart[] {
  const found: DiffPart[] = [];
  let [removed, added] = ["", ""];
  const flush = () => {
    if (removed !== "") found.push({ kind: "removed", text: removed });
    if (added !== "") found.push({ kind: "added", text: added });
    [removed, added] = ["", ""];
  };
  for (const { kind, text } of parts) {
    if (text === "") continue;
    if (kind === "removed") removed += text;
    else if (kind === "added") added += text;
    else {
      flush();
      const last = found.at(-1);
      if (last?.kind === "same") found[found.length - 1] = { kind, text: last.text + text };
      else found.push({ kind, text });
    }
  }
  flush();
  return found;
}
