/** What language-configuration.json does while one types. */

import assert from "node:assert/strict";
import * as vscode from "vscode";

import { languageId } from "../../../src/extension/ids.js";

suite("editing a prompt", function () {
  // Whether a brace is closed depends on the colours of the line, which the editor computes when it finds the time.
  this.retries(3);

  teardown(async () => {
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  test("two braces are closed by two", async () => {
    await checkTyped("Hello |", ["{", "{", "n"], "Hello {{n|}}");
  });

  test("closing braces are typed over", async () => {
    await checkTyped("|", ["{", "{", "n", "}", "}", "!"], "{{n}}!|");
  });

  test("a long comment is closed", async () => {
    await checkTyped("|", ["{", "{", "!", "-", "-"], "{{!--|--}}");
  });

  test("Enter keeps the text of a block where it is: indentation would be sent to the model", async () => {
    await checkTyped("{{#if a}}|", ["\n", "b", "\n", "{", "{", "/if"], "{{#if a}}\nb\n{{/if|}}");
  });
});

/** In both texts "|" is the cursor. Each item of `typed` comes at once. */
async function checkTyped(before: string, typed: readonly string[], after: string): Promise<void> {
  const editor = await open(before);
  for (const text of typed) await vscode.commands.executeCommand("type", { text });
  const { document, selection } = editor;
  const text = document.getText();
  const at = document.offsetAt(selection.active);
  assert.equal(`${text.slice(0, at)}|${text.slice(at)}`, after);
}

async function open(text: string): Promise<vscode.TextEditor> {
  const content = text.replace("|", "");
  const document = await vscode.workspace.openTextDocument({ content, language: languageId });
  const editor = await vscode.window.showTextDocument(document);
  const at = document.positionAt(text.indexOf("|"));
  editor.selection = new vscode.Selection(at, at);
  return editor;
}
