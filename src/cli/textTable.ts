/** A table for a terminal: columns as wide as their longest text. */

export function textTable({
  head,
  rows,
}: {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((it) => it[i]!.length)));
  return all
    .map(
      (row) =>
        `${row
          .map((it, i) => it.padEnd(widths[i]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
