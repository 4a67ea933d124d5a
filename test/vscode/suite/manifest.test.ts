/** What VS Code knows of us from the manifest: the language and the commands. */

import assert from "node:assert/strict";
import * as vscode from "vscode";

import { commandIds, languageId } from "../../../src/extension/ids.js";

suite("manifest", () => {
  test("a .prompt file has our language id", async () => {
    await checkLanguage("hello.prompt", languageId);
  });

  test("a .prompt.md file stays with VS Code's own language", async () => {
    await checkLanguage("notes.prompt.md", "prompt");
  });

  test("every command can be run", async () => {
    const all = new Set(await vscode.commands.getCommands(true));
    for (const id of Object.values(commandIds)) assert.ok(all.has(id), id);
  });
});

async function checkLanguage(file: string, expected: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders![0]!.uri;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder, file));
  assert.equal(document.languageId, expected);
}
