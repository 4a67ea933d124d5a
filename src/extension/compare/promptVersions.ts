/** Other versions of a prompt that lie beside it: `triage.short.prompt` is one of `triage.prompt`. */

import * as vscode from "vscode";

import { fileName } from "../../compare/variantKey.js";
import type { Choice } from "../../protocol/compareView.js";
import { versionOf } from "./setup.js";

/** Their paths, and what they are called. */
export async function promptVersions(uri: vscode.Uri): Promise<readonly Choice[]> {
  const own = fileName(uri.path);
  const stem = own.replace(/prompt$/, "");
  const folder = vscode.Uri.joinPath(uri, "..");
  const found = await vscode.workspace.fs.readDirectory(folder).then(
    (it) => it.map(([name]) => name),
    () => [], // a prompt that is nowhere on disk has no other versions
  );
  return found
    .filter((it) => it !== own && it.startsWith(stem) && it.endsWith(".prompt"))
    .map((it) => ({ value: vscode.Uri.joinPath(folder, it).fsPath, label: versionOf(it) }))
    .sort((a, b) => a.label.localeCompare(b.label));
}
