/** Diagnostics come from the language server, in its own process, while one types. */

import assert from "node:assert/strict";
import * as vscode from "vscode";

import { languageId } from "../../../src/extension/ids.js";

suite("diagnostics", () => {
  teardown(() => vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor"));

  test("a block that is never closed is underlined, and no more once it is", async () => {
    const content = "---\ninput:\n  schema:\n    vip: boolean\n---\n{{#if vip}}\nThank you.\n";
    const document = await vscode.workspace.openTextDocument({ content, language: languageId });
    const editor = await vscode.window.showTextDocument(document);
    const [diagnostic] = await diagnosticsOf(document, (it) => it.length === 1);
    assert.equal(diagnostic!.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(diagnostic!.range.start.line, 5);
    assert.equal(diagnostic!.source, "tiller");

    await editor.edit((edit) => edit.insert(new vscode.Position(7, 0), "{{/if}}\n"));
    await diagnosticsOf(document, (it) => it.length === 0);
  });
});

/** Waits until they are as they should be; mocha's time-out is the limit. */
async function diagnosticsOf(
  document: vscode.TextDocument,
  holds: (found: readonly vscode.Diagnostic[]) => boolean,
): Promise<readonly vscode.Diagnostic[]> {
  for (;;) {
    const found = vscode.languages.getDiagnostics(document.uri);
    if (holds(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
