/** Text that streams into a document, in the real editor: what is one undo step there, and what stops it. */

import assert from "node:assert/strict";
import * as vscode from "vscode";

import { documentTarget, toChanges } from "../../../src/extension/documentTarget.js";
import { StreamedInsertion } from "../../../src/extension/insertion.js";

suite("streamed insertion", () => {
  let document: vscode.TextDocument;
  let insertion: StreamedInsertion;
  let stops: number;
  let subscription: vscode.Disposable | undefined;

  teardown(async () => {
    subscription?.dispose();
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  test("many pieces are one undo step, apart from what was typed before and after", async () => {
    await open("");
    await type("typed");
    begin();
    for (const piece of ["one", " two", "\nthree", " four"]) await add(piece);
    await insertion.finish();
    await type("!");
    assert.equal(document.getText(), "typedone two\nthree four!");
    await undo("typedone two\nthree four");
    await undo("typed");
    await undo("");
    assert.equal(stops, 0);
  });

  test("the cursor goes along with the text", async () => {
    const editor = await open("ab");
    editor.selection = cursorAt(0, 1);
    begin();
    await add("1\n2");
    await insertion.finish();
    assert.equal(document.getText(), "a1\n2b");
    assert.deepEqual(editor.selection, cursorAt(1, 1));
  });

  test("moving the cursor away disturbs neither the text nor its undo step", async () => {
    const editor = await open("ab\ncd");
    editor.selection = cursorAt(0, 1);
    begin();
    await add("1");
    editor.selection = cursorAt(1, 2);
    await add("2");
    await insertion.finish();
    assert.equal(document.getText(), "a12b\ncd");
    assert.deepEqual(editor.selection, cursorAt(1, 2));
    await undo("ab\ncd");
  });

  test("a document with Windows line ends keeps them", async () => {
    const editor = await open("ab");
    await editor.edit((edit) => edit.setEndOfLine(vscode.EndOfLine.CRLF));
    editor.selection = cursorAt(0, 1);
    begin();
    await add("1\n");
    await add("2\r\n3");
    await insertion.finish();
    assert.equal(document.getText(), "a1\r\n2\r\n3b");
    assert.equal(stops, 0);
  });

  test("typing stops it, and what was typed stays", async () => {
    await open("a");
    begin(0, 1);
    await add("b");
    await type("x");
    assert.equal(stops, 1);
    await add("c");
    await insertion.finish();
    assert.equal(document.getText().includes("c"), false);
    assert.equal(document.getText().includes("x"), true);
  });

  test("undo while it goes on takes back all of it, and stops it", async () => {
    await open("a");
    begin(0, 1);
    await add("b");
    await add("c");
    await undo("a");
    assert.equal(stops, 1);
    await add("d");
    await insertion.finish();
    assert.equal(document.getText(), "a");
  });

  test("while another document is shown the text waits; then it comes, as the same undo step", async () => {
    await open("a");
    begin(0, 1);
    await add("b");
    const other = await vscode.workspace.openTextDocument({ content: "other" });
    await vscode.window.showTextDocument(other);
    await add("c");
    assert.equal(document.getText(), "ab");
    await vscode.window.showTextDocument(document);
    await add("d");
    await insertion.finish();
    assert.equal(document.getText(), "abcd");
    assert.equal(stops, 0);
    await undo("a");
  });

  test("when another document is shown to the end, the text comes all the same", async () => {
    await open("a");
    begin(0, 1);
    await add("b");
    const other = await vscode.workspace.openTextDocument({ content: "other" });
    await vscode.window.showTextDocument(other);
    await add("c");
    await insertion.finish();
    assert.equal(document.getText(), "abc");
    assert.equal(stops, 0);
    await vscode.window.showTextDocument(document);
  });

  async function open(content: string): Promise<vscode.TextEditor> {
    document = await vscode.workspace.openTextDocument({ content });
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    editor.selection = cursorAt(0, content.length);
    return editor;
  }

  function begin(line?: number, column?: number): void {
    const { active } = vscode.window.activeTextEditor!.selection;
    stops = 0;
    const at = { line: line ?? active.line, column: column ?? active.character };
    insertion = new StreamedInsertion(documentTarget(document), at, () => stops++);
    subscription = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document) insertion.documentChanged(toChanges(event.contentChanges));
    });
  }

  /** Adds a piece and waits until it is there, as a model that writes slowly would. */
  async function add(piece: string): Promise<void> {
    insertion.add(piece);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }

  async function type(text: string): Promise<void> {
    await vscode.commands.executeCommand("type", { text });
    await new Promise((resolve) => setTimeout(resolve, 60));
  }

  async function undo(expected: string): Promise<void> {
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), expected);
  }
});

function cursorAt(line: number, column: number): vscode.Selection {
  return new vscode.Selection(line, column, line, column);
}
