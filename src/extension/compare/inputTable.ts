/** The table that a comparison takes its inputs from. */

import * as vscode from "vscode";

const endings = ["jsonl", "csv", "tsv"];

/** A table of the workspace, or another one; undefined where none was chosen. `uri`: of the prompt. */
export async function pickTable(uri: vscode.Uri | undefined): Promise<string | undefined> {
  const found = await vscode.workspace.findFiles(
    `**/*.{${endings.join(",")}}`,
    "**/{node_modules,.tiller,.git}/**",
    200,
  );
  const items = found
    .map((it) => ({
      label: it.path.replace(/^.*\//, ""),
      description: vscode.workspace.asRelativePath(it),
      path: it.fsPath,
    }))
    .sort((a, b) => a.description.localeCompare(b.description));
  const browse = { label: "$(folder-opened) Browse...", description: "", path: undefined };
  const chosen = await vscode.window.showQuickPick([...items, browse], {
    title: "Table of Inputs",
    placeHolder: "A .jsonl, .csv or .tsv file with an input on each line",
    matchOnDescription: true,
  });
  if (chosen === undefined || chosen.path !== undefined) return chosen?.path;
  const [file] =
    (await vscode.window.showOpenDialog({
      title: "A table of inputs, one on each line",
      filters: { Tables: endings },
      ...(uri && { defaultUri: vscode.Uri.joinPath(uri, "..") }),
    })) ?? [];
  return file?.fsPath;
}
