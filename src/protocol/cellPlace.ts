/** Places of a comparison's matrix: variant, input, repeat. */

import type { CellPlace, CompareResult } from "./compare.js";

/** The place alone, of whatever has one. */
export function placeOf({ variant, input, repeat }: CellPlace): CellPlace {
  return { variant, input, repeat };
}

/** The same place has the same key. */
export function cellKey({ variant, input, repeat }: CellPlace): string {
  return `${variant} ${input} ${repeat}`;
}

/** With how many of the seeds an input is written. */
export function seedCount({ inputs, seeds }: Pick<CompareResult, "inputs" | "seeds">, input: number): number {
  return inputs[input]?.repeats ?? seeds.length;
}

/** All that the comparison would write. */
export function placesOf(result: Pick<CompareResult, "variants" | "inputs" | "seeds">): readonly CellPlace[] {
  return result.variants.flatMap(({ id }) =>
    result.inputs.flatMap((_, input) =>
      Array.from({ length: seedCount(result, input) }, (__, repeat) => ({ variant: id, input, repeat })),
    ),
  );
}
