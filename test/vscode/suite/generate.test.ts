/** Generate with Guidance, with the embedded model in its own process. */

import assert from "node:assert/strict";
import * as vscode from "vscode";

import { commandIds, settingIds } from "../../../src/extension/ids.js";

suite("generate with guidance", function () {
  this.timeout(60_000); // the first request starts the engine and loads the model

  suiteSetup(async () => {
    await set(settingIds.maxTokens, 100); // long enough to be cancelled, and not much longer
    await set(settingIds.temperature, 0); // the same text every time
  });
  suiteTeardown(async () => {
    await set(settingIds.maxTokens, undefined);
    await set(settingIds.temperature, undefined);
  });

  teardown(async () => {
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  test("the text before the cursor is continued, and one undo takes all of it back", async () => {
    const document = await show("one, two, three, \nend", 0, 17);
    await vscode.commands.executeCommand(commandIds.generateWithGuidance, {});
    const text = document.getText();
    assert.ok(text.startsWith("one, two, three, "), text);
    assert.ok(text.endsWith("\nend"), text);
    assert.ok("one, two, three, \nend".length < text.length, "something was written");
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), "one, two, three, \nend");
  });

  test("cancelling keeps what was written, as one undo step", async () => {
    const document = await show("one, two, three, four, five,", 0, 28);
    await vscode.commands.executeCommand(commandIds.generateWithGuidance, {});
    const whole = document.getText();
    await vscode.commands.executeCommand("undo");
    const changed = nextChange(document);
    const generating = vscode.commands.executeCommand(commandIds.generateWithGuidance, {});
    await changed;
    await vscode.commands.executeCommand(commandIds.cancel);
    await generating;
    const text = document.getText();
    assert.ok(whole.startsWith(text) && text.length < whole.length, `${text}\n---\n${whole}`);
    await settle();
    assert.equal(document.getText(), text, "nothing comes after the end");
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), "one, two, three, four, five,");
  });

  test("typing while it writes stops it", async () => {
    const document = await show("one, two, three, four, five,", 0, 28);
    const changed = nextChange(document);
    const generating = vscode.commands.executeCommand(commandIds.generateWithGuidance, {});
    await changed;
    await vscode.commands.executeCommand("type", { text: "X" });
    await generating;
    const text = document.getText();
    assert.ok(text.includes("X"), text);
    await settle();
    assert.equal(document.getText(), text, "nothing comes after the end");
  });

  test("a document that is closed while it is written to stops it", async () => {
    const document = await show("one, two, three, four, five,", 0, 28);
    const changed = nextChange(document);
    const generating = vscode.commands.executeCommand(commandIds.generateWithGuidance, {});
    await changed;
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await generating;
    assert.ok(document.isClosed);
  });

  test("a selection is replaced under the constraint, and one undo brings it back", async () => {
    const document = await show("The old pier was very nice.\nend", 0, 0);
    vscode.window.activeTextEditor!.selection = new vscode.Selection(0, 0, 0, 27);
    const guide = { tone: "formal", form: { kind: "regex", source: "It is [a-z ]{4,20}\\." }, strength: 1.5 };
    await vscode.commands.executeCommand(commandIds.generateWithGuidance, guide);
    assert.match(document.getText(), /^It is [a-z ]{4,20}\.\nend$/);
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), "The old pier was very nice.\nend");
  });

  test("a length is kept", async () => {
    const document = await show("The sea was calm, and", 0, 21);
    await vscode.commands.executeCommand(commandIds.generateWithGuidance, { length: "sentence" });
    const written = document.getText().slice("The sea was calm, and".length);
    assert.match(written, /^[^.!?]+[.!?]["')]*$/);
  });

  test("without any text before the cursor nothing is written", async () => {
    const document = await show("  \nend", 1, 0);
    await vscode.commands.executeCommand(commandIds.generateWithGuidance, {});
    assert.equal(document.getText(), "  \nend");
  });
});

async function show(content: string, line: number, column: number): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument({ content });
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  editor.selection = new vscode.Selection(line, column, line, column);
  return document;
}

async function set(id: string, value: number | undefined): Promise<void> {
  await vscode.workspace.getConfiguration().update(id, value, vscode.ConfigurationTarget.Global);
}

function nextChange(document: vscode.TextDocument): Promise<void> {
  return new Promise((resolve) => {
    const subscription = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document !== document || event.contentChanges.length === 0) return;
      subscription.dispose();
      resolve();
    });
  });
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 300));
}
