/** The language server in the real editor: what is wrong with a prompt is underlined, and no longer when it is mended. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";

import { showPrompt } from "./promptRuns.js";

suite("diagnostics", () => {
  teardown(async () => {
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  test("a slip is underlined while it is typed, and not when it is mended", async () => {
    await showPrompt("Hello {{name\n");
    const editor = vscode.window.activeTextEditor!;
    const { uri } = editor.document;
    const found = await diagnosticsOf(uri, (it) => 0 < it.length);
    assert.equal(found[0]!.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(found[0]!.range.start.line, 0);
    assert.equal(found[0]!.source, "tiller");
    await editor.edit((edit) => edit.insert(new vscode.Position(0, "Hello {{name".length), "}}"));
    await diagnosticsOf(uri, (it) => it.every(({ severity }) => severity !== vscode.DiagnosticSeverity.Error));
  });

  test("a partial that appears on disk mends the prompt that uses it", async () => {
    const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    const path = join(folder, "usesPartial.prompt");
    writeFileSync(path, "---\nmodel: any\n---\n{{> tone}}\n");
    const document = await vscode.workspace.openTextDocument(path);
    await vscode.window.showTextDocument(document);
    await diagnosticsOf(document.uri, (it) => it.some(({ message }) => message.includes("tone")));
    writeFileSync(join(folder, "_tone.prompt"), "Be kind.\n");
    await diagnosticsOf(document.uri, (it) => !it.some(({ message }) => message.includes("tone")));
  });
});

/** Waits until the diagnostics of a document are as they should be. */
async function diagnosticsOf(
  uri: vscode.Uri,
  isRight: (found: readonly vscode.Diagnostic[]) => boolean,
): Promise<readonly vscode.Diagnostic[]> {
  for (;;) {
    const found = vscode.languages.getDiagnostics(uri);
    if (isRight(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
