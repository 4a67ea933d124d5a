/** Files of the workspace as items of a quick pick, in the order of their paths. */

import * as vscode from "vscode";

import { promptTitle } from "../promptDocument.js";

export interface FileItem extends vscode.QuickPickItem {
  readonly description: string;
  readonly uri: vscode.Uri;
}

export interface FileItemsOptions {
  readonly exclude: string;
  readonly most: number;
  readonly label: (uri: vscode.Uri) => string;
}

export async function fileItems(include: string, { exclude, most, label }: FileItemsOptions): Promise<FileItem[]> {
  const found = await vscode.workspace.findFiles(include, exclude, most);
  return found
    .map((uri) => ({ label: label(uri), description: vscode.workspace.asRelativePath(uri), uri }))
    .sort((a, b) => a.description.localeCompare(b.description));
}

/** All prompts but partials. */
export function promptItems(): Promise<FileItem[]> {
  return fileItems("**/[!_]*.prompt", { exclude: "**/node_modules/**", most: 500, label: promptTitle });
}
