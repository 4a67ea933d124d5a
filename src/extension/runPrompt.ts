/** Run Prompt: runs the `.prompt` file in the editor, saved or not, and shows what it writes beside it. */

import * as vscode from "vscode";

import { messageOf } from "../base/error.js";
import { DisposableStore } from "../base/disposable.js";
import type { JsonObject } from "../base/json.js";
import { modelName } from "../base/modelName.js";
import type { Log } from "../base/log.js";
import type { PromptRunner, RunRequest } from "../protocol/run.js";
import type { Places } from "./adapters/adapterPlaces.js";
import { askInputs } from "./askInputs.js";
import { onCancel } from "./cancellation.js";
import { registerCommand, report } from "./commandGuard.js";
import { commandIds } from "./ids.js";
import type { Operation, Operations } from "./operations.js";
import type { OutputDocuments } from "./outputDocuments.js";
import {
  outputText,
  progressText,
  startOutput,
  withEvent,
  withFailure,
  withResult,
  type RunOutput,
} from "./runOutput.js";
import { isPrompt, promptPath, promptTitle } from "./promptDocument.js";
import type { Settings } from "./settings.js";

export interface RunPromptOptions {
  readonly runner: PromptRunner;
  readonly settings: () => Settings;
  readonly places: () => Places;
  readonly operations: Operations;
  readonly outputs: OutputDocuments;
  readonly log: Log;
}

export function registerRunPrompt(options: RunPromptOptions): vscode.Disposable {
  const running = new Map<string, Operation>();
  const answers = new Map<string, JsonObject>();
  /** `uri` is given by a code lens; otherwise the active editor says what to run. */
  return registerCommand(commandIds.runPrompt, options.log, async (uri?: vscode.Uri) => {
    const document = await promptDocument(uri);
    if (document === undefined) return;
    const key = document.uri.toString();
    const title = promptTitle(document.uri);
    const { openQuestions } = await import("./openQuestions.js");
    const questions = openQuestions(document.getText());
    const input = await askInputs(title, questions, answers.get(key) ?? {});
    if (input === undefined) return;
    answers.set(key, input);

    running.get(key)?.cancel(); // its output is shown in the same place
    const operation = options.operations.start();
    running.set(key, operation);
    try {
      await run(document, input, operation, options);
    } finally {
      operation.dispose();
      if (running.get(key) === operation) running.delete(key);
    }
  });
}

async function run(
  document: vscode.TextDocument,
  input: JsonObject,
  operation: Operation,
  { runner, settings, places, outputs, log }: RunPromptOptions,
): Promise<void> {
  const { model } = settings();
  const title = promptTitle(document.uri);
  const uri = outputs.uriOf(document.uri);
  let output = startOutput(title, modelName(model.path));
  const show = (next: RunOutput) => {
    output = next;
    outputs.set(uri, outputText(output));
  };
  show(output);
  await outputs.show(uri);

  const request: RunRequest = { path: promptPath(document), text: document.getText(), input, model, ...places() };
  const store = new DisposableStore();
  try {
    const location = vscode.ProgressLocation.Notification;
    await vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
      store.add(onCancel(token, () => operation.cancel()));
      const result = await runner.run(
        request,
        (event) => {
          show(withEvent(output, event));
          const message = progressText(output);
          if (message !== undefined) progress.report({ message });
        },
        operation.signal,
      );
      show(withResult(output, result));
    });
  } catch (error) {
    show(withFailure(output, messageOf(error)));
    report(`running ${title}`, error, log);
  } finally {
    store.dispose();
  }
}

async function promptDocument(uri: vscode.Uri | undefined): Promise<vscode.TextDocument | undefined> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showInformationMessage("Tiller runs prompts only in workspaces that you trust.");
    return undefined;
  }
  const document =
    uri === undefined ? vscode.window.activeTextEditor?.document : await vscode.workspace.openTextDocument(uri);
  if (document === undefined || !isPrompt(document)) {
    void vscode.window.showInformationMessage("Open the .prompt file that you want to run.");
    return undefined;
  }
  return document;
}
