/** A document as a place for streamed text: which of the editor's ways to edit keeps one step of undo. */

import * as vscode from "vscode";

import type { Position } from "../base/text.js";
import type { DocumentChange, InsertionTarget } from "./insertion.js";

export function documentTarget(document: vscode.TextDocument): InsertionTarget {
  return {
    async insert(at, text, { before, after }, end = at) {
      if (document.isClosed) return "refused";
      // The editor that was active may be gone, and another one show the same document.
      const editor = vscode.window.visibleTextEditors.find((it) => it.document === document);
      if (editor === undefined) return "hidden";
      try {
        const done = await editor.edit((edit) => edit.replace(rangeOf(at, end), text), {
          undoStopBefore: before === "stop",
          undoStopAfter: after === "stop",
        });
        return done ? "done" : "refused";
      } catch {
        return "hidden"; // the editor was closed while the edit was on its way to it
      }
    },
    async insertHidden(at, text, end = at) {
      if (document.isClosed) return false;
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, rangeOf(at, end), text);
      return vscode.workspace.applyEdit(edit);
    },
  };
}

function rangeOf(from: Position, to: Position): vscode.Range {
  return new vscode.Range(from.line, from.column, to.line, to.column);
}

export function toChanges(changes: readonly vscode.TextDocumentContentChangeEvent[]): DocumentChange[] {
  return changes.map(({ range, rangeLength, text }) => ({
    start: { line: range.start.line, column: range.start.character },
    removedLength: rangeLength,
    text,
  }));
}
