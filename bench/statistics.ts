// Medians and minima of noisy samples, and how results are written down.

export interface Summary {
  readonly median: number;
  readonly best: number;
  readonly samples: number;
}

export interface Measured extends Summary {
  readonly what: string;
  readonly goal: string;
  readonly reached: boolean;
}

/** `best` is the smallest sample, for times; pass `largest` for rates. */
export function summary(samples: readonly number[], direction: "smallest" | "largest" = "smallest"): Summary {
  const best = direction === "smallest" ? Math.min(...samples) : Math.max(...samples);
  return { median: median(samples), best, samples: samples.length };
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function table(rows: readonly Measured[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const body = rows.map((it) =>
    line([
      it.what,
      it.median.toPrecision(3),
      it.best.toPrecision(3),
      String(it.samples),
      it.goal,
      it.reached ? "yes" : "no",
    ]),
  );
  return [
    line(["what", "median", "best", "samples", "goal", "reached"]),
    line(["---", "---", "---", "---", "---", "---"]),
    ...body,
  ].join("\n");
}
