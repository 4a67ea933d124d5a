/** Hooks of several rows of a batch -> hooks of the batch. */

import { TillerError } from "../../base/error.js";
import type { HookInput, HookValue } from "../graph/hooks.js";

type Values = ReadonlyMap<string, HookValue>;

/**
 * What differs between rows is stacked, [1, ...] of each row to [rows, ...], where smaller ranks are filled up with zeros;
 * what is the same for all stays as it is. Throws `usage` for what can only be the same.
 */
export function stackRows(rows: readonly Values[], inputs: readonly HookInput[]): Map<string, HookValue> {
  const stacked = new Map<string, HookValue>();
  for (const { name, neutral } of inputs) {
    const values = rows.map((it) => it.get(name) ?? neutral);
    const [first] = values;
    if (values.every((it) => it === first)) {
      if (first !== undefined && first !== neutral) stacked.set(name, first);
    } else if (values.every((it) => it.dims.length === 3)) stacked.set(name, stack(values));
    else throw new TillerError("usage", "Texts that are written side by side cannot be routed differently.");
  }
  return stacked;
}

function stack(values: readonly HookValue[]): HookValue {
  const size = (axis: number) => Math.max(...values.map((it) => it.dims[axis]!));
  const [rows, columns] = [size(1), size(2)];
  const data = new Float32Array(values.length * rows * columns);
  values.forEach(({ dims, data: own }, batch) => {
    const [, ownRows, ownColumns] = dims as [number, number, number];
    for (let row = 0; row < ownRows; row++) {
      const from = row * ownColumns;
      data.set((own as Float32Array).subarray(from, from + ownColumns), (batch * rows + row) * columns);
    }
  });
  return { dims: [values.length, rows, columns], data };
}
