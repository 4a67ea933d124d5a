/** Ghost text in the extension host: offered on request and in a pause, taken by the editor's own command. */

import assert from "node:assert/strict";
import * as vscode from "vscode";

suite("ghost text", function () {
  this.timeout(60_000); // the first request starts the engine and loads the model

  teardown(() => vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor"));

  test("a completion that is asked for is offered, and taken by the editor's command", async () => {
    const document = await show("Count: one, two, three, four,", "dotprompt");
    const before = document.getText();
    const text = await untilText(document, before, async () => {
      await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
      await settle(500);
      await vscode.commands.executeCommand("editor.action.inlineSuggest.commit");
    });
    assert.ok(text.startsWith(before) && before.length < text.length, text);
    assert.doesNotMatch(text.slice(before.length), /[{}\n]/);
  });

  test("in other languages nothing is offered until the setting says so", async () => {
    const document = await show("Count: one, two, three, four,", "plaintext");
    await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
    await settle(1000);
    await vscode.commands.executeCommand("editor.action.inlineSuggest.commit");
    assert.equal(document.getText(), "Count: one, two, three, four,");
  });
});

async function show(content: string, language: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument({ content, language });
  const editor = await vscode.window.showTextDocument(document);
  const end = document.positionAt(content.length);
  editor.selection = new vscode.Selection(end, end);
  return document;
}

/** Tries again: the first answer waits for the model. */
async function untilText(document: vscode.TextDocument, before: string, attempt: () => Promise<void>): Promise<string> {
  for (let i = 0; i < 40 && document.getText() === before; i++) await attempt();
  return document.getText();
}

function settle(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
