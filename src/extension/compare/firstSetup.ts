/** What a prompt is compared with at first: the variants that it names, and the inputs of its tests. */

import { modelName } from "../../base/modelName.js";
import type { Choice } from "../../protocol/compareView.js";
import type { PreviewContent } from "../../protocol/language.js";
import { setupOfFile, type CompareSetup } from "./setup.js";

export interface FirstSetupOptions {
  /** Of the prompt. */
  readonly path: string;
  readonly models: readonly Choice[];
}

export function firstSetup(
  { compare, tests }: Pick<PreviewContent, "compare" | "tests">,
  setup: CompareSetup,
  { path, models }: FirstSetupOptions,
): CompareSetup {
  const bare = (it: string) => modelName(it).toLowerCase();
  const named = {
    model: (name: string) => models.find((it) => bare(it.value) === bare(name))?.value ?? name,
    prompt: (variant: string) => path.replace(/(?:\.prompt)?$/, `.${variant}.prompt`),
  };
  const own = setupOfFile(compare, setup, named) ?? setup;
  return 0 < tests.length ? { ...own, inputs: "tests" } : own;
}
