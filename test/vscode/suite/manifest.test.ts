/** What VS Code knows about a .prompt file from the manifest alone. */

import assert from "node:assert/strict";
import * as vscode from "vscode";

suite("language", () => {
  test("a .prompt file has the language id dotprompt", async () => {
    await checkLanguage("hello.prompt", "dotprompt");
  });

  test("a .prompt.md file stays with VS Code's own language", async () => {
    await checkLanguage("notes.prompt.md", "prompt");
  });
});

async function checkLanguage(file: string, expected: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders![0]!.uri;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder, file));
  assert.equal(document.languageId, expected);
}
