/** Drops every token that would complete a sequence of `size` tokens which `history` already holds. */

export function noRepeatNgram(logits: Float32Array, size: number, history: readonly number[]): void {
  const beginning = history.slice(history.length - (size - 1));
  if (beginning.length < size - 1) return;
  for (let end = size - 1; end < history.length; end++) {
    const repeats = beginning.every((id, i) => history[end - size + 1 + i] === id);
    if (repeats) logits[history[end]!] = -Infinity;
  }
}
