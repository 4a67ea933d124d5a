/** What a document is as a prompt: whether it is one, and where it lies. */

import { homedir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";

import { languageId } from "./ids.js";

export function isPrompt({ languageId: id, uri }: vscode.TextDocument): boolean {
  return id === languageId || uri.path.endsWith(".prompt");
}

/** A document that is not a file yet finds its partials where it would be saved. */
export function promptPath({ uri }: Pick<vscode.TextDocument, "uri">): string {
  if (uri.scheme === "file") return uri.fsPath;
  return join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir(), promptTitle(uri));
}

export function promptTitle(uri: vscode.Uri): string {
  return uri.path.replace(/^.*\//, "");
}
