/** Which judges a comparison asks beside people, as a request. */

import type { Judges } from "../../protocol/compare.js";
import type { ModelSpec } from "../../protocol/engine.js";
import type { CompareSetup } from "./setup.js";

/** `model`: that of the settings; `modelAt`: how another one is run. `judgeText`: of an editor with changes that are not on disk. */
export function judgesOf(
  { judge, judgeModel, likelihood }: Pick<CompareSetup, "judge" | "judgeModel" | "likelihood">,
  model: ModelSpec,
  judgeText: string | undefined,
  modelAt = (path: string): ModelSpec => ({ ...model, path }),
): Judges | undefined {
  const on = (path: string): ModelSpec => (path === "" ? model : modelAt(path));
  const judges = {
    ...(likelihood !== undefined && { likelihood: on(likelihood) }),
    ...(judge !== undefined && {
      prompt: {
        path: judge,
        ...(judgeText !== undefined && { text: judgeText }),
        ...(judgeModel !== "" && { model: on(judgeModel) }),
      },
    }),
  };
  return Object.keys(judges).length === 0 ? undefined : judges;
}
