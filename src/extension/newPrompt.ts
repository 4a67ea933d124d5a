/** New Prompt File: a picked beginning in a new document. */

import * as vscode from "vscode";

import type { Log } from "../base/log.js";
import { promptTemplates } from "../lang/promptTemplates.js";
import { registerCommand } from "./commandGuard.js";
import { commandIds, languageId } from "./ids.js";

export function registerNewPrompt(log: Log): vscode.Disposable {
  return registerCommand(commandIds.newPrompt, log, async () => {
    const items = promptTemplates.map((it) => ({ label: it.name, description: it.description, template: it }));
    const picked = await vscode.window.showQuickPick(items, {
      title: "New Prompt File",
      placeHolder: "What should it begin as?",
      matchOnDescription: true,
    });
    if (picked === undefined) return;
    const document = await vscode.workspace.openTextDocument({ language: languageId, content: picked.template.text });
    await vscode.window.showTextDocument(document);
  });
}
