/** The language server, as the extension sees it. */

import type * as vscode from "vscode";

import type { Log } from "../base/log.js";
import type {
  AppendedShot,
  AppendShotParams,
  CompareChoices,
  CompareChoicesParams,
  GhostParams,
  GhostPlace,
  PreviewContent,
  PreviewParams,
  PromptTests,
  PromptTestsParams,
} from "../protocol/language.js";

export interface LanguageServer extends vscode.Disposable {
  /** What the preview shows of a prompt; null where there is none. */
  preview(params: PreviewParams): Promise<PreviewContent | null>;
  /** Where a completion may be written in a prompt; null where not. */
  ghostPlace(params: GhostParams, token: vscode.CancellationToken): Promise<GhostPlace | null>;
  /** How a run becomes an example; null for a prompt that is not there. */
  appendShot(params: AppendShotParams): Promise<AppendedShot | null>;
  /** The tests of a prompt; null where there is none. */
  promptTests(params: PromptTestsParams): Promise<PromptTests | null>;
  /** What can be told of the files that a comparison is to use; null where the server is not there. */
  compareChoices(params: CompareChoicesParams): Promise<CompareChoices | null>;
  /** Files that prompts are made of were changed on disk, and the server knows it. */
  onFilesChanged(listener: () => void): vscode.Disposable;
}

/** Starts when the activation is over: reading the client's code takes longer than all of the activation. */
export function startLanguageServer(modulePath: string, log: Log): LanguageServer {
  const started = new Promise<void>((resolve) => setImmediate(resolve))
    .then(() => import("./languageClient.js"))
    .then(({ startLanguageClient }) => startLanguageClient(modulePath, log));
  const listeners = new Set<() => void>();
  void started.then((it) => it.onFilesChanged(() => listeners.forEach((tell) => tell())));
  return {
    onFilesChanged(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    preview: async (params) => (await started).preview(params),
    ghostPlace: async (params, token) => (await started).ghostPlace(params, token),
    appendShot: async (params) => (await started).appendShot(params),
    promptTests: async (params) => (await started).promptTests(params),
    compareChoices: async (params) => (await started).compareChoices(params),
    dispose: () => {
      void started.then((it) => {
        it.dispose();
      });
    },
  };
}
