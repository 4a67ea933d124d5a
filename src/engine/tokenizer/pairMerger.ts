/**
 * Byte-pair encoding of one piece (arXiv 1508.07909): the most urgent pair is merged, until no pair is left that merges. Pairs
 * wait in a heap, so that a piece of n symbols takes n log n steps, however long it is.
 */

interface Symbol {
  text: string;
  previous: number;
  next: number;
  alive: boolean;
}

interface Pair {
  readonly rank: number;
  readonly left: number;
  readonly right: number;
  /** The pair is out of date when its symbols no longer spell this. */
  readonly text: string;
}

/** `ranks` maps "a b" to the urgency of the merge, least first. Returns the symbols that are left. */
export function mergePairs(symbols: readonly string[], ranks: ReadonlyMap<string, number>): string[] {
  const list: Symbol[] = symbols.map((text, i) => ({ text, previous: i - 1, next: i + 1, alive: true }));
  const heap: Pair[] = [];
  for (let i = 0; i + 1 < list.length; i++) offer(i, i + 1);
  for (let pair = pop(heap); pair !== undefined; pair = pop(heap)) {
    const left = list[pair.left]!;
    const right = list[pair.right]!;
    if (!left.alive || !right.alive || left.text + right.text !== pair.text || left.next !== pair.right) continue;
    left.text = pair.text;
    left.next = right.next;
    right.alive = false;
    if (right.next < list.length) list[right.next]!.previous = pair.left;
    if (0 <= left.previous) offer(left.previous, pair.left);
    if (left.next < list.length) offer(pair.left, left.next);
  }
  return list.filter((it) => it.alive).map((it) => it.text);

  function offer(left: number, right: number): void {
    const a = list[left]!.text;
    const b = list[right]!.text;
    const rank = ranks.get(`${a} ${b}`);
    if (rank !== undefined) push(heap, { rank, left, right, text: a + b });
  }
}

/** Of equally urgent pairs the leftmost comes first. */
function isBefore(a: Pair, b: Pair): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.left < b.left);
}

function push(heap: Pair[], pair: Pair): void {
  let at = heap.push(pair) - 1;
  while (0 < at) {
    const parent = (at - 1) >> 1;
    if (!isBefore(pair, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = pair;
}

function pop(heap: Pair[]): Pair | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (heap.length <= child) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
