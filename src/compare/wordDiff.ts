/** The difference of two texts by words: E. W. Myers, "An O(ND) difference algorithm and its variations" (1986). */

import type { WordDiff } from "../protocol/compare.js";

/** Differences beyond so many words are no longer looked for: what is between the common ends counts as rewritten. */
const MOST_EDITS = 2000;

export function wordDiff(older: string, newer: string): readonly WordDiff[] {
  const a = wordsOf(older);
  const b = wordsOf(newer);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const inner = shortestEdits(a.slice(start, a.length - end), b.slice(start, b.length - end));
  const same = (words: readonly string[]): WordDiff[] => words.map((text) => ({ kind: "same", text }));
  return joined([...same(a.slice(0, start)), ...inner, ...same(a.slice(a.length - end))]);
}

/** Words, the white space between them, and other characters one by one: together the whole text. */
function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}\p{M}_]+|\s+|[^]/gu) ?? [];
}

function shortestEdits(a: readonly string[], b: readonly string[]): WordDiff[] {
  const rewritten = (): WordDiff[] => [
    ...a.map((text): WordDiff => ({ kind: "removed", text })),
    ...b.map((text): WordDiff => ({ kind: "added", text })),
  ];
  if (a.length === 0 || b.length === 0) return rewritten();
  const most = Math.min(a.length + b.length, MOST_EDITS);
  // reach[k + most]: how far into `a` the best path on diagonal k (words of a minus words of b) comes with so many edits.
  const reach = new Int32Array(2 * most + 3);
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits++) {
    trace.push(reach.slice(most - edits, most + edits + 3)); // diagonals -edits - 1 to edits + 1, shifted by one
    for (let k = -edits; k <= edits; k += 2) {
      const at = k + most + 1;
      const isDown = k === -edits || (k !== edits && reach[at - 1]! < reach[at + 1]!);
      let x = isDown ? reach[at + 1]! : reach[at - 1]! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[at] = x;
      if (a.length <= x && b.length <= x - k) return walkedBack(a, b, trace, edits);
    }
  }
  return rewritten();
}

/** `trace[d]` holds what was reached before the d-th edit, for the diagonals -d - 1 to d + 1. */
function walkedBack(
  a: readonly string[],
  b: readonly string[],
  trace: readonly Int32Array[],
  edits: number,
): WordDiff[] {
  const found: WordDiff[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = edits; 0 <= d; d--) {
    const reach = (k: number): number => trace[d]![k + d + 1]!;
    const k = x - y;
    const isDown = k === -d || (k !== d && reach(k - 1) < reach(k + 1));
    const from = isDown ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : reach(from);
    const fromY = d === 0 ? 0 : fromX - from;
    const startX = d === 0 ? 0 : isDown ? fromX : fromX + 1;
    while (startX < x) {
      found.push({ kind: "same", text: a[--x]! });
      y--;
    }
    if (d === 0) break;
    found.push(isDown ? { kind: "added", text: b[fromY]! } : { kind: "removed", text: a[fromX]! });
    x = fromX;
    y = fromY;
  }
  return found.reverse();
}

/** Neighbors of one kind become one, and of what was replaced the removed words stand first. */
function joined(parts: readonly WordDiff[]): readonly WordDiff[] {
  const result: WordDiff[] = [];
  let removed = "";
  let added = "";
  let same = "";
  const flushChange = (): void => {
    if (removed !== "") result.push({ kind: "removed", text: removed });
    if (added !== "") result.push({ kind: "added", text: added });
    removed = added = "";
  };
  const flushSame = (): void => {
    if (same !== "") result.push({ kind: "same", text: same });
    same = "";
  };
  for (const { kind, text } of parts) {
    if (kind === "same") {
      flushChange();
      same += text;
    } else {
      flushSame();
      if (kind === "removed") removed += text;
      else added += text;
    }
  }
  flushChange();
  flushSame();
  return result;
}
