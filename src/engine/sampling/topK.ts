/** Keeps the `k` candidates with the largest logits; of equal ones those with the lower ids. */

import type { Candidates } from "./candidates.js";

export function topK(candidates: Candidates, k: number): void {
  const { ids, logits, count } = candidates;
  if (count <= k) return;
  const best = largest(logits, count, k);
  const threshold = best[0]!;
  let ties = 0;
  for (const it of best) if (it === threshold) ties++;
  let kept = 0;
  for (let i = 0; kept < k; i++) {
    const logit = logits[i]!;
    if (logit < threshold || (logit === threshold && ties-- <= 0)) continue;
    ids[kept] = ids[i]!;
    logits[kept++] = logit;
  }
  candidates.count = kept;
}

/** The `k` largest of the first `count` values, as a heap: the first is the least of them. */
function largest(values: Float32Array, count: number, k: number): Float32Array {
  const heap = values.slice(0, k).sort();
  let root = heap[0]!;
  for (let i = k; i < count; i++) {
    if (values[i]! <= root) continue;
    sink(heap, values[i]!);
    root = heap[0]!;
  }
  return heap;
}

/** Puts `value` in the place of the root and brings the heap back in order. */
function sink(heap: Float32Array, value: number): void {
  const size = heap.length;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (size <= child) break;
    if (child + 1 < size && heap[child + 1]! < heap[child]!) child++;
    if (value <= heap[child]!) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = value;
}
