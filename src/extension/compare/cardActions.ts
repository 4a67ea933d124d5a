/** What can be done with one output. */

import * as vscode from "vscode";

import type { CellPlace } from "../../protocol/compare.js";
import type { CardAction } from "../../protocol/compareView.js";
import { addExample } from "../addExample.js";
import { outputScheme } from "../ids.js";
import type { LanguageServer } from "../languageServer.js";
import { cellAt, textOf, type CompareData } from "./compareData.js";
import { applyFrontMatterEdit } from "./compareFiles.js";

export interface CardActionOptions {
  readonly data: CompareData;
  readonly place: CellPlace;
  /** Of the prompt. */
  readonly uri: vscode.Uri;
  readonly language: Pick<LanguageServer, "appendShot">;
}

/** What the user is told in the page; undefined where the editor shows it. */
export async function runCardAction(
  what: Exclude<CardAction, "again">,
  { data, place, uri, language }: CardActionOptions,
): Promise<{ readonly kind: "info" | "error"; readonly text: string } | undefined> {
  const { result } = data;
  const cell = result && cellAt(result, place);
  if (cell === undefined) return undefined;
  const text = textOf(cell);
  const input = result!.inputs[place.input]?.values ?? {};
  const told = (problem: string | undefined, done: string) =>
    problem === undefined ? ({ kind: "info", text: done } as const) : ({ kind: "error", text: problem } as const);
  switch (what) {
    case "copy":
      await vscode.env.clipboard.writeText(text);
      return { kind: "info", text: "The output is in the clipboard." };
    case "open": {
      const document = await vscode.workspace.openTextDocument({ language: "markdown", content: text });
      await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
      return undefined;
    }
    case "insert":
      return told(await insert(text, uri), "The output was inserted at the cursor.");
    case "addExample": {
      if (cell.status !== "finished") return undefined;
      const problem = await addExample(language, uri, input, cell.value);
      return told(problem && `The example was not added. ${problem}`, "The output is an example of the prompt now.");
    }
    case "saveTest": {
      if (cell.status !== "finished") return undefined;
      const name = result!.inputs[place.input]?.name ?? "saved";
      const test = { name: `${name}, saved`, input, assert: [{ type: "equals", value: cell.value }] };
      const problem = await applyFrontMatterEdit(uri, (file, { appendTest }) => appendTest(file, test));
      return told(problem, "The prompt has a test that expects this output.");
    }
    default:
      return what satisfies never;
  }
}

/** At the cursor of the editor that was used last, but not into the prompt itself or an output. */
async function insert(text: string, prompt: vscode.Uri): Promise<string | undefined> {
  const editors = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors];
  const editor = editors.find(
    (it) =>
      it !== undefined && it.document.uri.toString() !== prompt.toString() && it.document.uri.scheme !== outputScheme,
  );
  if (editor === undefined) return "Open the file that the output is to be inserted into, beside the prompt.";
  const isDone = await editor.edit((edit) => {
    for (const it of editor.selections) edit.replace(it, text);
  });
  return isDone ? undefined : `${editor.document.uri.path.replace(/^.*\//, "")} cannot be changed.`;
}
