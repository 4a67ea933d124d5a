/** What the preview remembers of the inputs of each file: others run a prompt with the same ones. */

import type * as vscode from "vscode";

import type { JsonObject } from "../../base/json.js";
import type { PreviewMemory } from "./previewPanel.js";

/** Of the workspace's state. */
export const previewMemoryKey = "tiller.preview";

export interface PreviewInputs {
  readonly input: JsonObject;
  /** The test whose input is shown instead. */
  readonly test?: string;
}

export function previewInputsOf(state: vscode.Memento, uri: vscode.Uri): PreviewInputs {
  const memory = state.get<PreviewMemory>(previewMemoryKey);
  const key = uri.toString();
  const test = memory?.tests[key];
  return { input: memory?.inputs[key] ?? {}, ...(test !== undefined && { test }) };
}
