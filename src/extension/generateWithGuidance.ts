/** Generate with Guidance: the model continues the text before the cursor, in any file. One step of undo takes it back. */

import * as vscode from "vscode";

import { DisposableStore } from "../base/disposable.js";
import type { Log } from "../base/log.js";
import type { Engine, PromptInput } from "../protocol/engine.js";
import { onCancel } from "./cancellation.js";
import { registerCommand } from "./commandGuard.js";
import { documentTarget, toChanges } from "./documentTarget.js";
import { commandIds } from "./ids.js";
import { StreamedInsertion } from "./insertion.js";
import type { Operations } from "./operations.js";
import type { Settings } from "./settings.js";

export interface GenerateOptions {
  readonly engine: Engine;
  readonly settings: () => Settings;
  readonly operations: Operations;
  readonly log: Log;
}

export function registerGenerateWithGuidance(options: GenerateOptions): vscode.Disposable {
  return registerCommand(commandIds.generateWithGuidance, options.log, async () => {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      void vscode.window.showInformationMessage("Open a file and put the cursor where the text is to go.");
      return;
    }
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showInformationMessage("Tiller runs models only in workspaces that you trust.");
      return;
    }
    await continueAt(editor, options);
  });
}

async function continueAt(editor: vscode.TextEditor, options: GenerateOptions): Promise<void> {
  const { document } = editor;
  const cursor = editor.selection.end;
  const before = document.getText(new vscode.Range(new vscode.Position(0, 0), cursor));
  if (before.trim() === "") {
    void vscode.window.showInformationMessage("There is no text before the cursor that could be continued.");
    return;
  }

  const store = new DisposableStore();
  const operation = store.add(options.operations.start());
  const at = { line: cursor.line, column: cursor.character };
  const insertion = new StreamedInsertion(documentTarget(document), at, () => operation.cancel());
  store.add(
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document) insertion.documentChanged(toChanges(event.contentChanges));
    }),
  );
  store.add(
    vscode.workspace.onDidCloseTextDocument((closed) => {
      if (closed === document) insertion.stop();
    }),
  );
  try {
    const progress = { location: vscode.ProgressLocation.Window, title: "Tiller is writing (Esc stops it)" };
    await vscode.window.withProgress(progress, async (_, token) => {
      store.add(onCancel(token, () => operation.cancel()));
      await generate(before, insertion, operation.signal, options);
    });
  } finally {
    await insertion.finish(); // what was written before a failure stays, and can be undone
    store.dispose();
  }
}

async function generate(
  before: string,
  insertion: StreamedInsertion,
  signal: AbortSignal,
  { engine, settings }: GenerateOptions,
): Promise<void> {
  const { model, maxTokens, temperature } = settings();
  const onEvent = () => {};
  try {
    const { contextTokens } = await engine.load({ model }, onEvent, signal);
    const text = { type: "text", text: before } as const;
    const { ids } = await engine.tokenize({ model, prompt: text }, onEvent, signal);
    // Room for what is to be written; a long text keeps its end.
    const room = Math.max(contextTokens - maxTokens, contextTokens >> 1);
    const prompt: PromptInput = ids.length <= room ? text : { type: "ids", ids: ids.slice(-room) };
    const seed = Math.floor(Math.random() * 2 ** 31); // asked again, it may write something else
    await engine.generate(
      { model, prompt, maxTokens, sampling: { temperature, seed } },
      (event) => {
        if (event.type === "text") insertion.add(event.text);
      },
      signal,
    );
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error; // cancelled while loading: nothing to say
  }
}
