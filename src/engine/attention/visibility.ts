/**
 * Which earlier positions a position sees, in the form that every pattern here has: those that are kept for ever, and those
 * since `window` before the present chunk. A position that is once out of sight never comes back, so that nothing that is out of
 * sight has to be stored, and what is seen depends on positions alone, however a text is cut into pieces when it is read.
 */

import { TillerError } from "../../base/error.js";
import type { Attention, BlockSparseAttention, StreamingAttention } from "../../protocol/attention.js";

export interface Visibility {
  /** Equal for equal patterns. */
  readonly key: string;
  readonly pattern: "streaming" | "block-sparse";
  /** Positions between two evictions: the present chunk is seen whole. */
  readonly chunk: number;
  /** Positions before the present chunk that are seen. */
  readonly window: number;
  /** Whether a position is seen for ever. */
  readonly keeps: (position: number) => boolean;
  /** Positions at the beginning that are kept when they are counted inside of the cache; undefined: they are absolute. */
  readonly endlessSinks?: number;
}

const DEFAULT_SINKS = 64;
const DEFAULT_WINDOW = 1024;
/** Read in pieces of 128, a prompt of 8,000 tokens takes a tenth longer. */
const DEFAULT_CHUNK = 256;
const DEFAULT_BLOCK = 64;
const DEFAULT_LOCAL = 4;
const DEFAULT_STRIDE = 4;
/** Sizes above this are no patterns but mistakes. */
const MOST = 1 << 20;

/** Undefined where everything is seen. `auto` must have been decided. Throws `usage` for numbers that make no pattern. */
export function visibilityOf(attention: Exclude<Attention, "auto">, contextTokens: number): Visibility | undefined {
  switch (attention.pattern) {
    case "dense":
      return undefined;
    case "streaming":
      return streaming(attention, contextTokens);
    case "block-sparse":
      return blockSparse(attention);
    default: {
      const { pattern } = attention satisfies never as { readonly pattern: string };
      throw new TillerError(
        "usage",
        `There is no attention pattern ${JSON.stringify(pattern)}. There are dense, streaming and block-sparse.`,
      );
    }
  }
}

function streaming(attention: StreamingAttention, contextTokens: number): Visibility {
  const { sinks = DEFAULT_SINKS, window = DEFAULT_WINDOW, chunk = DEFAULT_CHUNK, endless = false } = attention;
  inRange("The sinks of streaming attention", sinks, 0);
  inRange("The window of streaming attention", window, 1);
  inRange("The chunk of streaming attention", chunk, 1);
  const seen = sinks + window - 1 + chunk;
  if (endless && contextTokens < seen)
    throw new TillerError(
      "usage",
      `Endless attention with ${sinks} sinks, a window of ${window} and chunks of ${chunk} looks at ${seen} positions at once, ` +
        `and this model's context holds ${contextTokens}. Make the window smaller.`,
    );
  return {
    key: JSON.stringify(["streaming", sinks, window, chunk, endless]),
    pattern: "streaming",
    chunk,
    window: window - 1,
    keeps: (position) => position < sinks,
    ...(endless && { endlessSinks: sinks }),
  };
}

function blockSparse(attention: BlockSparseAttention): Visibility {
  const { block = DEFAULT_BLOCK, local = DEFAULT_LOCAL, stride, columns } = attention;
  inRange("The block of block-sparse attention", block, 1);
  inRange("The local blocks of block-sparse attention", local, 1);
  if (stride !== undefined && columns !== undefined)
    throw new TillerError(
      "usage",
      'Block-sparse attention looks back at every "stride"-th block or at the last "columns" of each, not at both.',
    );
  if (columns !== undefined) inRange("The columns of block-sparse attention", columns, 1, block);
  if (stride !== undefined) inRange("The stride of block-sparse attention", stride, 1);
  const far =
    columns === undefined
      ? everyBlock(block, stride ?? DEFAULT_STRIDE)
      : (position: number) => block - columns <= position % block;
  return {
    key: JSON.stringify(["block-sparse", block, local, stride ?? null, columns ?? null]),
    pattern: "block-sparse",
    chunk: block,
    window: (local - 1) * block,
    keeps: (position) => position < block || far(position),
  };
}

function everyBlock(block: number, stride: number) {
  return (position: number) => Math.floor(position / block) % stride === 0;
}

function inRange(what: string, value: number, least: number, most: number = MOST): void {
  if (Number.isInteger(value) && least <= value && value <= most) return;
  throw new TillerError("usage", `${what}: a whole number from ${least} to ${most}, not ${JSON.stringify(value)}.`);
}

/** The first position that is seen from `position` although it is not kept. */
export function windowStart({ chunk, window }: Visibility, position: number): number {
  return Math.max(0, position - (position % chunk) - window);
}

export function sees(visibility: Visibility, position: number, earlier: number): boolean {
  return earlier <= position && (windowStart(visibility, position) <= earlier || visibility.keeps(earlier));
}

/** Ranges [from, to) of the positions below `limit` that are seen from `position`. */
export function seenRanges(visibility: Visibility, position: number, limit: number): [number, number][] {
  const ranges: [number, number][] = [];
  const start = Math.min(limit, windowStart(visibility, position));
  const add = (from: number, to: number) => {
    const last = ranges.at(-1);
    if (last?.[1] === from) last[1] = to;
    else if (from < to) ranges.push([from, to]);
  };
  for (let it = 0; it < start; it++) if (visibility.keeps(it)) add(it, it + 1);
  add(start, limit);
  return ranges;
}

/** Positions that are in sight at once, at most: the context's end is where most is kept. */
export function slotsOf({ chunk, window, keeps, endlessSinks }: Visibility, contextTokens: number): number {
  if (endlessSinks !== undefined) return endlessSinks + window + chunk;
  let kept = 0;
  for (let position = 0; position < contextTokens; position++) if (keeps(position)) kept++;
  return Math.min(contextTokens, kept + window + chunk);
}
