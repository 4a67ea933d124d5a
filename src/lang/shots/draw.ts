/** Draws some of a list, the same ones for the same seed. The language knows no engine, so the generator is its own. */

/** At most `k`, in the order in which they were drawn. */
export function draw<T>(items: readonly T[], k: number, seed: number): readonly T[] {
  const random = mulberry32(seed);
  const left = [...items];
  const drawn = Math.min(k, left.length);
  for (let i = 0; i < drawn; i++) {
    const j = i + Math.floor(random() * (left.length - i));
    [left[i], left[j]] = [left[j]!, left[i]!];
  }
  return left.slice(0, drawn);
}

/** Uniform in [0, 1). */
function mulberry32(seed: number): () => number {
  // All 53 bits of the seed count.
  let state = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
