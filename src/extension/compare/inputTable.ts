/** The table that a comparison takes its inputs from: which file, and what can be told of it before anything is run. */

import { readFile, stat } from "node:fs/promises";
import * as vscode from "vscode";

import type { JsonObject } from "../../base/json.js";
import { messageOf } from "../commandGuard.js";

export type ReadTable =
  | { readonly path: string; readonly rows: number }
  /** In words that follow the file's name and a colon. */
  | { readonly path: string; readonly problem: string };

const endings = ["jsonl", "csv", "tsv"];

/** Larger ones are counted when they are run. */
const MOST_COUNTED_BYTES = 16 << 20;

/** Undefined for one that is too large to be read just for its number of rows. */
export async function readTable(path: string): Promise<ReadTable | undefined> {
  try {
    if (MOST_COUNTED_BYTES < (await stat(path)).size) return undefined;
    const text = await readFile(path, "utf8");
    // The code that reads tables is loaded when it is needed.
    const { inputRows } = await import("../../lang/data/inputRows.js");
    const schemas: JsonObject = {}; // what a cell is does not matter to their number
    const read = inputRows(path, text, schemas);
    return "problem" in read ? { path, problem: read.problem } : { path, rows: read.rows.length };
  } catch (error) {
    return { path, problem: isGone(error) ? "there is no such file" : messageOf(error) };
  }
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

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
