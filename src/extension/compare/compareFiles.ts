/** What the Compare view writes: variants and tests into the prompt, reports into files. */

import * as vscode from "vscode";

import type * as CompareEdits from "../../lang/editor/compareEdit.js";
import type { TextEdit } from "../../lang/edit.js";
import type { FrontMatterText } from "../../lang/listEdit.js";
import type { Comparer, ExportRequest } from "../../protocol/compare.js";
import { fileOfSetup, type CompareSetup } from "./setup.js";

/** The code that reads YAML is loaded when it is needed: it takes longer than all of the activation. */
const edits = () => import("../../lang/editor/compareEdit.js");

/** Undefined when it was changed, and else why not. */
export async function applyFrontMatterEdit(
  uri: vscode.Uri,
  edit: (file: FrontMatterText, edits: typeof CompareEdits) => TextEdit | undefined,
): Promise<string | undefined> {
  const document = await vscode.workspace.openTextDocument(uri);
  const { frontMatterText } = await import("../../lang/editor/adapterEdits.js");
  const found = edit(frontMatterText(document.getText()), await edits());
  if (found === undefined)
    return "The front matter is written in a way in which it cannot be changed from outside. Mend what is wrong in it first.";
  const { start, end } = found.span;
  const change = new vscode.WorkspaceEdit();
  change.replace(uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), found.text);
  return (await vscode.workspace.applyEdit(change)) ? undefined : "The file could not be changed.";
}

/** `own` are the names of the prompt's adapters. */
export function writeVariants(
  uri: vscode.Uri,
  setup: CompareSetup,
  own: readonly string[],
): Promise<string | undefined> {
  return applyFrontMatterEdit(uri, (file, { writeCompare }) => writeCompare(file, fileOfSetup(setup, own)));
}

const endings = { markdown: "md", json: "json", html: "html" } as const;

/** What the user is told. */
export async function exportComparison(
  comparer: Pick<Comparer, "exportComparison">,
  request: ExportRequest,
  target: "clipboard" | "file",
): Promise<string | undefined> {
  const { text } = await comparer.exportComparison(request, () => {}, new AbortController().signal);
  if (target === "clipboard") {
    await vscode.env.clipboard.writeText(text);
    return "The comparison is in the clipboard, as Markdown.";
  }
  const ending = endings[request.format];
  const uri = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(vscode.Uri.file(request.folder), `comparison.${ending}`),
    filters: { [request.format]: [ending] },
  });
  if (uri === undefined) return undefined;
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return `The comparison was written to ${vscode.workspace.asRelativePath(uri)}.`;
}
