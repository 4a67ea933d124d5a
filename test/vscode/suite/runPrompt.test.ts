/** Run Prompt, with the embedded model in its own process. */

import assert from "node:assert/strict";
import * as vscode from "vscode";

import { commandIds } from "../../../src/extension/ids.js";
import { outputWith, showPrompt } from "./promptRuns.js";

suite("run prompt", function () {
  this.timeout(60_000); // the first run starts the engine and loads the model

  teardown(() => vscode.commands.executeCommand("workbench.action.closeAllEditors"));

  test("what the model writes is shown beside the prompt, and the focus stays where it was", async () => {
    const folder = vscode.workspace.workspaceFolders![0]!.uri;
    const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder, "hello.prompt"));
    const editor = await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand(commandIds.runPrompt);
    const output = await outputWith(/ read \d+ tokens? and wrote \d+/);
    assert.match(output.getText(), /^# hello\.prompt\n\n\S[^]*\n\n---\n\n.* read /);
    assert.equal(output.languageId, "markdown");
    assert.equal(vscode.window.activeTextEditor?.document, document);
    const shown = vscode.window.visibleTextEditors.find((it) => it.document === output);
    assert.notEqual(shown?.viewColumn, editor.viewColumn);
  });

  test("a prompt that was never saved runs as it is on the screen", async () => {
    await showPrompt('Say {{select "word" "alpha"}}\n');
    await vscode.commands.executeCommand(commandIds.runPrompt);
    await outputWith(/\n\nalpha\n\n---\n/);
    await replaceAll('Say {{select "word" "beta"}}\n');
    await vscode.commands.executeCommand(commandIds.runPrompt);
    const output = await outputWith(/\n\nbeta\n\n---\n/);
    assert.doesNotMatch(output.getText(), /alpha/);
  });

  test("what is wrong with a prompt is said where its output would be", async () => {
    await showPrompt("Hello {{#if}}\n");
    await vscode.commands.executeCommand(commandIds.runPrompt);
    await outputWith(/\*\*The run failed\.\*\* \S/);
  });

  test("a run that is cancelled keeps the text so far", async () => {
    // It must not end before we cancel: the tokens that end a text of the embedded model are forbidden.
    const config = '{temperature: 0, maxOutputTokens: 4000, logitBias: {"0": -1000, "2": -1000}}';
    await showPrompt(`---\nconfig: ${config}\n---\nWrite a very long story about a ship that crosses the sea.\n`);
    const run = vscode.commands.executeCommand(commandIds.runPrompt);
    await outputWith(/^# .*\n\n\S/);
    await vscode.commands.executeCommand(commandIds.cancel);
    await run;
    await outputWith(/It was cancelled; this is the text so far\./);
  });
});

async function replaceAll(content: string): Promise<void> {
  const editor = vscode.window.activeTextEditor!;
  const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
  await editor.edit((edit) => edit.replace(new vscode.Range(new vscode.Position(0, 0), end), content));
}
