/** `tiller.budget`: how long a prompt may be, and what goes first when it is longer. */

import type { PromptFile } from "./ast.js";
import type { Diagnostic } from "./diagnostic.js";
import { nearest } from "./nearest.js";
import { settingsReader } from "./settingsReader.js";

export const droppable = ["shots", "history", "keep"] as const;
export type Droppable = (typeof droppable)[number];

export interface Budget {
  /** The most tokens of the prompt alone; undefined: nobody limits it. */
  readonly promptTokens: number | undefined;
  /** What is not listed is never dropped. */
  readonly drop: readonly Droppable[];
}

export interface ReadBudget {
  readonly budget: Budget;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is wrong counts as not said. */
export function readBudget({ frontMatter }: PromptFile): ReadBudget {
  const reader = settingsReader(frontMatter, "tiller.budget", "wrong-budget");
  const context = reader.count("context", 1);
  const reserve = reader.count("reserve", 0) ?? 0;
  const drop = reader.texts("drop");
  drop?.forEach((it, i) => {
    if (isDroppable(it)) return;
    const near = nearest(it, droppable);
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    reader.report(["drop", i], "error", `expected ${droppable.join(", ")} in "drop", found "${it}"${hint}`);
  });
  if (context !== undefined && context <= reserve)
    reader.report(["reserve"], "error", `expected less than "context" (${context}) for "reserve", found ${reserve}`);
  const budget: Budget = {
    promptTokens: context === undefined ? undefined : Math.max(0, context - reserve),
    drop: drop === undefined ? droppable : [...new Set(drop.filter(isDroppable))],
  };
  return { budget, diagnostics: reader.diagnostics };
}

function isDroppable(name: string): name is Droppable {
  return (droppable as readonly string[]).includes(name);
}
