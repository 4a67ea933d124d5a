/** The adapters of the prompt that the user works on: which they are, and how they are changed. */

import { dirname, isAbsolute, relative, sep } from "node:path";
import * as vscode from "vscode";

import type { AdapterEntry } from "../../lang/adapters.js";
import type { AdapterEdit } from "../../lang/editor/adapterEdits.js";
import type { PromptRunner } from "../../protocol/run.js";
import { isPrompt, promptPath } from "../promptDocument.js";
import type { Places } from "./adapterPlaces.js";

export interface PromptAdaptersOptions {
  readonly runner: PromptRunner;
  readonly places: () => Places;
}

/** The prompt in the editor, or the one that was there last and is still shown. */
export function currentPrompt(): vscode.TextDocument | undefined {
  const editors = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors];
  return editors.find((it) => it !== undefined && isPrompt(it.document))?.document;
}

/** By path on disk. An adapter that the prompt names and nobody has is in its diagnostics and its runs, not here. */
export async function adaptersInPrompt(
  document: vscode.TextDocument,
  options: PromptAdaptersOptions,
): Promise<ReadonlyMap<string, AdapterEntry>> {
  const { adaptersOf, frontMatterText } = await edits();
  const found = new Map<string, AdapterEntry>();
  for (const entry of adaptersOf(frontMatterText(document.getText()))) {
    const path = await pathOf(document, entry.uri ?? entry.name, options);
    if (path !== undefined) found.set(path, entry);
  }
  return found;
}

/** Undefined where there is none, or where it may not be read. */
async function pathOf(
  document: vscode.TextDocument,
  name: string,
  { runner, places }: PromptAdaptersOptions,
): Promise<string | undefined> {
  const text = `---\ntiller.adapters: ${JSON.stringify([name])}\n---\n`;
  const request = { path: promptPath(document), text, ...places() };
  try {
    const { adapters } = await runner.adaptation(request, () => {}, new AbortController().signal);
    return adapters?.[0]?.path;
  } catch {
    return undefined;
  }
}

/** By its name alone where that finds it, else by its path from the prompt's folder. */
export async function addToPrompt(
  document: vscode.TextDocument,
  { name, path }: { readonly name: string; readonly path: string },
  options: PromptAdaptersOptions,
): Promise<vscode.WorkspaceEdit> {
  const { addAdapter, frontMatterText } = await edits();
  const isFound = (await pathOf(document, name, options)) === path;
  const file = frontMatterText(document.getText());
  return workspaceEdit(document, addAdapter(file, { name, ...(!isFound && { uri: uriOf(document, path) }) }));
}

export async function changeInPrompt(
  document: vscode.TextDocument,
  entry: AdapterEntry,
  change: { readonly scale: number } | "remove",
): Promise<void> {
  const { frontMatterText, scaleAdapter, removeAdapter } = await edits();
  const file = frontMatterText(document.getText());
  const edit = change === "remove" ? removeAdapter(file, entry.name) : scaleAdapter(file, entry.name, change.scale);
  await vscode.workspace.applyEdit(workspaceEdit(document, edit));
}

/** Throws with what is in the way. */
function workspaceEdit(document: vscode.TextDocument, edit: AdapterEdit): vscode.WorkspaceEdit {
  if (edit.kind === "refused")
    throw new Error(`${document.uri.path.replace(/^.*\//, "")} was not changed. ${edit.reason}`);
  const { span, text } = edit.edit;
  const change = new vscode.WorkspaceEdit();
  const range = new vscode.Range(document.positionAt(span.start), document.positionAt(span.end));
  change.replace(document.uri, range, text);
  return change;
}

function uriOf(document: vscode.TextDocument, path: string): string {
  const steps = relative(dirname(promptPath(document)), path);
  return isAbsolute(steps) ? path : steps.split(sep).join("/");
}

/** Needed by few, and it brings a parser of YAML with it. */
function edits() {
  return import("../../lang/editor/adapterEdits.js");
}
