/** Keeps the `k` candidates with the largest logits; of equal ones those with the lower ids. */

import { keepWhere, type Candidates } from "./candidates.js";

export function topK(candidates: Candidates, k: number): void {
  const { logits, count } = candidates;
  if (count <= k) return;
  const threshold = largest(logits, count, k);
  let above = 0;
  for (let i = 0; i < count; i++) if (threshold < logits[i]!) above++;
  let ties = k - above;
  keepWhere(candidates, (i) => threshold < logits[i]! || (logits[i] === threshold && 0 < ties--));
}

/** The k-th largest of the first `count` values, with a heap of the k best whose root is the least of them. */
function largest(values: Float32Array, count: number, k: number): number {
  const heap = values.slice(0, k).sort();
  for (let i = k; i < count; i++) {
    const value = values[i]!;
    if (value <= heap[0]!) continue;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (k <= child) break;
      if (child + 1 < k && heap[child + 1]! < heap[child]!) child++;
      if (value <= heap[child]!) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = value;
  }
  return heap[0]!;
}
