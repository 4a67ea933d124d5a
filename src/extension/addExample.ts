/** A run becomes a few-shot example: in the prompt itself, or in the file that its examples come from. */

import * as vscode from "vscode";

import type { JsonObject, Json } from "../base/json.js";
import type { LanguageServer } from "./languageServer.js";

/** Undefined when it was added, and else why not. */
export async function addExample(
  language: Pick<LanguageServer, "appendShot">,
  uri: vscode.Uri,
  input: JsonObject,
  output: Json,
): Promise<string | undefined> {
  const document = await vscode.workspace.openTextDocument(uri);
  const added = await language.appendShot({ uri: uri.toString(), input, output });
  if (added === null) return "The prompt is not there any more.";
  if (added.kind === "refused") return added.reason;
  const change = new vscode.WorkspaceEdit();
  if (added.kind === "edit") {
    const { start, end } = added.edit.span;
    change.replace(uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), added.edit.text);
  } else {
    const file = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(uri, "..", added.file));
    const last = file.lineAt(file.lineCount - 1);
    const gap = last.text === "" ? "" : "\n";
    change.insert(file.uri, last.range.end, gap + added.line);
  }
  return (await vscode.workspace.applyEdit(change)) ? undefined : "The file could not be changed.";
}
