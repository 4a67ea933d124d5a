/** Regular expressions as trees. */

/** Inclusive, in code points, in order and apart. */
export type Ranges = readonly (readonly [number, number])[];

export type Regex =
  /** One of these characters. */
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "sequence"; readonly items: readonly Regex[] }
  | { readonly kind: "either"; readonly items: readonly Regex[] }
  /** `max` may be Infinity. */
  | { readonly kind: "repeat"; readonly item: Regex; readonly min: number; readonly max: number }
  | { readonly kind: "begin" }
  | { readonly kind: "end" };

export const LAST_CODE_POINT = 0x10ffff;
export const empty: Regex = { kind: "sequence", items: [] };
/** Accepts nothing. */
export const never: Regex = { kind: "either", items: [] };

export function literal(text: string): Regex {
  return {
    kind: "sequence",
    items: [...text].map((it): Regex => ({ kind: "set", ranges: [[it.codePointAt(0)!, it.codePointAt(0)!]] })),
  };
}

/** In order, without overlaps. */
export function normalized(ranges: Ranges): Ranges {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const out: [number, number][] = [];
  for (const [low, high] of sorted) {
    const last = out.at(-1);
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else out.push([low, high]);
  }
  return out;
}

export function complement(ranges: Ranges): Ranges {
  const out: [number, number][] = [];
  let next = 0;
  for (const [low, high] of normalized(ranges)) {
    if (next < low) out.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= LAST_CODE_POINT) out.push([next, LAST_CODE_POINT]);
  return out;
}

export const anyCharacter: Regex = { kind: "set", ranges: [[0, LAST_CODE_POINT]] };
export const anyText: Regex = { kind: "repeat", item: anyCharacter, min: 0, max: Infinity };
