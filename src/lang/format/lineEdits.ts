/** The difference of two texts in lines, as edits: what stays is not touched. */

import { span } from "../../base/text.js";
import type { TextEdit } from "../edit.js";

/** More comparisons than this are not worth the wait; one edit then covers all that differs. */
const MOST_COMPARISONS = 1_000_000;

/** Offsets are those of `before`. */
export function lineEdits(before: string, after: string): readonly TextEdit[] {
  const old = linesOf(before);
  const now = linesOf(after);
  const edits: TextEdit[] = [];
  let offset = 0;
  let [i, j] = [0, 0];
  const same = commonLines(old, now);
  for (const [oldIndex, newIndex] of [...same, [old.length, now.length] as const]) {
    const removed = old.slice(i, oldIndex).join("");
    const added = now.slice(j, newIndex).join("");
    if (removed !== added) edits.push(trimmed(offset, removed, added));
    offset += removed.length + (old[oldIndex]?.length ?? 0);
    [i, j] = [oldIndex + 1, newIndex + 1];
  }
  return edits;
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Without what both begin and end with. */
function trimmed(offset: number, removed: string, added: string): TextEdit {
  const most = Math.min(removed.length, added.length);
  let start = 0;
  while (start < most && removed[start] === added[start]) start++;
  let end = 0;
  while (end < most - start && removed.at(-1 - end) === added.at(-1 - end)) end++;
  return {
    span: span(offset + start, offset + removed.length - end),
    text: added.slice(start, added.length - end),
  };
}

/** Pairs of indices of a longest common subsequence. */
function commonLines(old: readonly string[], now: readonly string[]): (readonly [number, number])[] {
  if (MOST_COMPARISONS < old.length * now.length) return [];
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let i = old.length - 1; 0 <= i; i--) {
    for (let j = now.length - 1; 0 <= j; j--) {
      lengths[i]![j] =
        old[i] === now[j] ? 1 + lengths[i + 1]![j + 1]! : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let [i, j] = [0, 0]; i < old.length && j < now.length;) {
    if (old[i] === now[j]) pairs.push([i++, j++]);
    else if (lengths[i + 1]![j]! < lengths[i]![j + 1]!) j++;
    else i++;
  }
  return pairs;
}
