/** What our own client asks the language server beyond the protocol that all editors speak. */

import type { JsonObject } from "../base/json.js";
import type { PreviewState } from "./preview.js";

export const previewMethod = "tiller/preview";

export interface PreviewParams {
  readonly uri: string;
  /** What the user gave, by variable. */
  readonly input: JsonObject;
  /** The test whose input is shown instead. */
  readonly test?: string;
}

/** What a preview shows without a model; null for a document that is not there. */
export type PreviewContent = Pick<
  PreviewState,
  "portability" | "tests" | "test" | "inputs" | "problems" | "messages"
> & {
  /** The values that the prompt is rendered with. */
  readonly values: JsonObject;
};
