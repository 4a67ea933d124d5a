/** Prompts that were never saved, and the documents that show what they wrote. */

import * as vscode from "vscode";

import { languageId, outputScheme } from "../../../src/extension/ids.js";

export async function showPrompt(content: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ content, language: languageId });
  await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
}

/** Waits until an output that is shown has such a text. */
export async function outputWith(pattern: RegExp): Promise<vscode.TextDocument> {
  for (;;) {
    const documents = vscode.window.visibleTextEditors.map((it) => it.document);
    const output = documents.find((it) => it.uri.scheme === outputScheme && pattern.test(it.getText()));
    if (output !== undefined) return output;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
