/** The table that a comparison takes its inputs from. */

import * as vscode from "vscode";

import { fileItems } from "./workspaceItems.js";

const endings = ["jsonl", "csv", "tsv"];

/** A table of the workspace, or another one; undefined where none was chosen. `uri`: of the prompt. */
export async function pickTable(uri: vscode.Uri | undefined): Promise<string | undefined> {
  const items = await fileItems(`**/*.{${endings.join(",")}}`, {
    exclude: "**/{node_modules,.tiller,.git}/**",
    most: 200,
    label: (it) => it.path.replace(/^.*\//, ""),
  });
  const browse = { label: "$(folder-opened) Browse...", description: "", uri: undefined };
  const chosen = await vscode.window.showQuickPick([...items, browse], {
    title: "Table of Inputs",
    placeHolder: "A .jsonl, .csv or .tsv file with an input on each line",
    matchOnDescription: true,
  });
  if (chosen === undefined || chosen.uri !== undefined) return chosen?.uri.fsPath;
  const [file] =
    (await vscode.window.showOpenDialog({
      title: "A table of inputs, one on each line",
      filters: { Tables: endings },
      ...(uri && { defaultUri: vscode.Uri.joinPath(uri, "..") }),
    })) ?? [];
  return file?.fsPath;
}
