/**
 * Merging neighbours, the heart of byte-pair encoding (arXiv 1508.07909) and of SentencePiece: of all neighbours that may merge
 * the most urgent ones do, until none may. Pairs wait in a heap, so that n symbols take n log n steps, however many there are.
 */

export interface Merging {
  /** How urgently two neighbours merge, least first, below 2^22; -1: never. */
  rank(left: number, right: number): number;
  /** `right` has become a part of `left`. */
  merge(left: number, right: number, rank: number): void;
}

/** Symbols are numbered from 0. Returns those that are left, in order. Of equally urgent pairs the leftmost comes first. */
export function mergeNeighbours(count: number, { rank, merge }: Merging): number[] {
  const next = new Int32Array(count);
  const previous = new Int32Array(count);
  /** (count,): rank of the pair that begins here; -1 where none does. */
  const ranks = new Int32Array(count);
  const heap: number[] = [];
  for (let i = 0; i < count; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
    offer(i);
  }
  while (0 < heap.length) {
    const first = pop(heap);
    const left = first % POSITIONS;
    // What waits here under another rank is out of date: one of its symbols has merged since.
    if (ranks[left] !== (first - left) / POSITIONS) continue;
    const right = next[left]!;
    merge(left, right, ranks[left]);
    ranks[right] = -1;
    next[left] = next[right]!;
    if (next[left]! < count) previous[next[left]!] = left;
    offer(left);
    if (0 <= previous[left]!) offer(previous[left]!);
  }
  const symbols: number[] = [];
  for (let i = 0; i < count; i = next[i]!) symbols.push(i);
  return symbols;

  function offer(left: number): void {
    const right = next[left]!;
    const found = right < count ? rank(left, right) : -1;
    ranks[left] = found;
    if (0 <= found) push(heap, found * POSITIONS + left);
  }
}

/** Rank and position in one number that is exact and sorts by rank first. */
const POSITIONS = 2 ** 31;

function push(heap: number[], value: number): void {
  let at = heap.length;
  heap.push(value);
  while (0 < at) {
    const parent = (at - 1) >> 1;
    if (heap[parent]! <= value) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = value;
}

/** The heap must not be empty. */
function pop(heap: number[]): number {
  const first = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (heap.length <= child) break;
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
    if (last <= heap[child]!) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
