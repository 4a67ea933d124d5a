/** Ranges of code points as sequences of byte ranges in UTF-8 (RFC 3629). */

/** One range of bytes after the other, inclusive. */
export type ByteRanges = readonly (readonly [number, number])[];

/** Surrogates are no characters and are left out. */
export function utf8Sequences(low: number, high: number): ByteRanges[] {
  const out: ByteRanges[] = [];
  for (const [from, to] of [
    [0, 0x7f],
    [0x80, 0x7ff],
    [0x800, 0xd7ff],
    [0xe000, 0xffff],
    [0x10000, 0x10ffff],
  ] as const) {
    const start = Math.max(low, from);
    const end = Math.min(high, to);
    if (start <= end) split(encode(start), encode(end), [], out);
  }
  return out;
}

/** All byte strings from `low` to `high`, which have the same length, as few sequences. */
function split(low: readonly number[], high: readonly number[], before: ByteRanges, out: ByteRanges[]): void {
  const [first, ...lowRest] = low;
  const [last, ...highRest] = high;
  if (first === undefined || last === undefined) {
    out.push(before);
    return;
  }
  if (first === last) return split(lowRest, highRest, [...before, [first, last]], out);
  const tails = lowRest.map(() => [0x80, 0xbf] as const);
  const lowIsFull = lowRest.every((it) => it === 0x80);
  const highIsFull = highRest.every((it) => it === 0xbf);
  if (!lowIsFull)
    split(
      lowRest,
      lowRest.map(() => 0xbf),
      [...before, [first, first]],
      out,
    );
  const from = lowIsFull ? first : first + 1;
  const to = highIsFull ? last : last - 1;
  if (from <= to) out.push([...before, [from, to], ...tails]);
  if (!highIsFull)
    split(
      highRest.map(() => 0x80),
      highRest,
      [...before, [last, last]],
      out,
    );
}

function encode(point: number): number[] {
  if (point < 0x80) return [point];
  if (point < 0x800) return [0xc0 | (point >> 6), tail(point, 0)];
  if (point < 0x10000) return [0xe0 | (point >> 12), tail(point, 6), tail(point, 0)];
  return [0xf0 | (point >> 18), tail(point, 12), tail(point, 6), tail(point, 0)];
}

function tail(point: number, shift: number): number {
  return 0x80 | ((point >> shift) & 0x3f);
}
