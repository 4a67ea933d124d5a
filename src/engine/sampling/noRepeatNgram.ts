/** Drops every token that would complete a sequence of `size` tokens which `history` already holds. */

export function noRepeatNgram(logits: Float32Array, size: number, history: ArrayLike<number>): void {
  const length = size - 1;
  const beginning = history.length - length;
  for (let start = 0; start < beginning; start++) {
    const next = history[start + length]!;
    if (next < logits.length && repeats(start)) logits[next] = -Infinity;
  }

  /** Whether the tokens at `start` are those at the end. */
  function repeats(start: number): boolean {
    for (let i = 0; i < length; i++) if (history[start + i] !== history[beginning + i]) return false;
    return true;
  }
}
