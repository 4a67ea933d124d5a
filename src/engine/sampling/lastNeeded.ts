/** Finds the fewest items, in an order of their keys, whose weights reach a sum: without sorting them. */

/** Keys are cut into buckets this wide, from the smallest on; the last bucket has all the rest. Only speed depends on it. */
const BUCKET_WIDTH = 1 / 32;
const BUCKETS = 1024;

export interface Item {
  readonly index: number;
  readonly key: number;
}

/**
 * Goes through the first `count` items by ascending key (of equal keys the lower index first) until their weights reach
 * `target`, and returns the item that reaches it (the last one, when none does). At least one item must be there.
 */
export function lastNeeded(keys: Float64Array, weights: Float64Array, count: number, target: number): Item {
  const smallest = smallestOf(keys, count);
  const sums = new Float64Array(BUCKETS);
  for (let i = 0; i < count; i++) sums[bucketOf(keys[i]! - smallest)]! += weights[i]!;
  let bucket = 0;
  let before = 0;
  while (bucket < BUCKETS - 1 && (sums[bucket] === 0 || before + sums[bucket]! < target)) before += sums[bucket++]!;

  let items = itemsIn(bucket);
  // When rounding made the sum of all a hair too small, we end in the last bucket, and it may have no items.
  while (items.length === 0) items = itemsIn(--bucket);
  const index = select(items, keys, weights, target - before);
  return { index, key: keys[index]! };

  function itemsIn(wanted: number): number[] {
    const found: number[] = [];
    for (let i = 0; i < count; i++) if (bucketOf(keys[i]! - smallest) === wanted) found.push(i);
    return found;
  }
}

function smallestOf(keys: Float64Array, count: number): number {
  let smallest = Infinity;
  for (let i = 0; i < count; i++) if (keys[i]! < smallest) smallest = keys[i]!;
  return smallest;
}

/** Infinity minus infinity, which is not a number, belongs to the last bucket too. */
function bucketOf(distance: number): number {
  return distance < (BUCKETS - 1) * BUCKET_WIDTH ? Math.floor(distance / BUCKET_WIDTH) : BUCKETS - 1;
}

/** Quickselect that goes where the sum is: linear in the mean. `items` is put into another order. */
function select(items: number[], keys: Float64Array, weights: Float64Array, target: number): number {
  let missing = target;
  let low = 0;
  let high = items.length;
  for (;;) {
    const middle = partition(items, keys, low, high);
    const pivot = items[middle]!;
    let lower = 0;
    for (let i = low; i < middle; i++) lower += weights[items[i]!]!;
    if (low < middle && missing <= lower) {
      high = middle;
      continue;
    }
    missing -= lower + weights[pivot]!;
    if (missing <= 0 || middle + 1 === high) return pivot;
    low = middle + 1;
  }
}

/** Takes a pivot from `items[low .. high]`, brings what comes before it to the front and it behind them; returns its place. */
function partition(items: number[], keys: Float64Array, low: number, high: number): number {
  swap(items, (low + high) >> 1, high - 1);
  const pivot = items[high - 1]!;
  const key = keys[pivot]!;
  let middle = low;
  for (let i = low; i < high - 1; i++) {
    const item = items[i]!;
    if (keys[item]! < key || (keys[item] === key && item < pivot)) swap(items, i, middle++);
  }
  swap(items, middle, high - 1);
  return middle;
}

function swap(items: number[], a: number, b: number): void {
  const item = items[a]!;
  items[a] = items[b]!;
  items[b] = item;
}
