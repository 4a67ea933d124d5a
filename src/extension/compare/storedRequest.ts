/** How a stored comparison is gone on with: the request that would write its cells again. */

import { fileName } from "../../compare/variantKey.js";
import type { CompareRequest, CompareResult } from "../../protocol/compare.js";
import type { Choice } from "../../protocol/compareView.js";
import type { ModelSpec } from "../../protocol/engine.js";

export interface StoredRequestOptions extends Omit<CompareRequest, "text" | "variants" | "model" | "again"> {
  /** That of the settings now. */
  readonly model: ModelSpec;
  readonly models: readonly Choice[];
  /** How another model is run; default: as that of the settings. */
  readonly modelAt?: (path: string) => ModelSpec;
}

/** With the text of then, and its models: what is written again must be what it was. Inputs and seeds are the result's. */
export function storedRequest(
  result: CompareResult,
  { models, model, modelAt = (path) => ({ ...model, path }), ...others }: StoredRequestOptions,
): CompareRequest {
  return {
    ...others,
    model,
    text: result.promptText,
    variants: result.variants.map(({ id, label, settings, model: name }) => {
      if (settings.model !== undefined || fileName(model.path) === name) return { id, label, ...settings };
      // The settings name another model now. One that is not found is said in its cells.
      const path = models.find((it) => fileName(it.value) === name)?.value ?? name;
      return { id, label, ...settings, model: modelAt(path) };
    }),
  };
}
