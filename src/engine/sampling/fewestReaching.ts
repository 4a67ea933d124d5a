/** Finds the fewest items, in an order of their keys, whose weights reach a sum: without sorting them all. */

/**
 * Takes items by ascending key (of equal keys the lower index first) until their weights reach `target`; at least one is
 * taken. Marks them with 1. Expected time is linear: a quickselect that goes where the sum is.
 */
export function fewestReaching(keys: Float64Array, weights: Float64Array, target: number): Uint8Array {
  const taken = new Uint8Array(keys.length);
  const order = Int32Array.from(keys, (_, i) => i);
  const before = (a: number, b: number) => keys[a]! < keys[b]! || (keys[a] === keys[b] && a < b);
  let low = 0;
  let high = order.length;
  let sum = 0;
  while (low < high) {
    const pivot = order[low + ((high - low) >> 1)]!;
    const middle = partition(order, low, high, (it) => before(it, pivot));
    let lower = 0;
    for (let i = low; i < middle; i++) lower += weights[order[i]!]!;
    if (middle !== low && target <= sum + lower) {
      high = middle; // enough without the pivot
      continue;
    }
    for (let i = low; i < middle; i++) taken[order[i]!] = 1;
    taken[pivot] = 1;
    sum += lower + weights[pivot]!;
    if (target <= sum) return taken;
    // Go on behind the pivot: bring it to the front of what is left, and leave it there.
    const at = order.indexOf(pivot, middle);
    order[at] = order[middle]!;
    order[middle] = pivot;
    low = middle + 1;
  }
  return taken;
}

/** Brings the items that `isLower` says yes to before the others; returns where the others begin. */
function partition(order: Int32Array, low: number, high: number, isLower: (item: number) => boolean): number {
  let end = low;
  for (let i = low; i < high; i++) {
    const item = order[i]!;
    if (!isLower(item)) continue;
    order[i] = order[end]!;
    order[end++] = item;
  }
  return end;
}
