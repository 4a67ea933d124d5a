/** The judge prompt of a comparison: which file, and its text where that is not on disk yet. */

import * as vscode from "vscode";

import { promptItems } from "./workspaceItems.js";

/** The text of an editor that holds changes which are not on disk. */
export function openText(path: string): string | undefined {
  return vscode.workspace.textDocuments.find((it) => it.uri.fsPath === path && it.isDirty)?.getText();
}

/** A prompt of the workspace, or a new one beside `uri`; undefined where none was chosen. */
export async function pickJudge(uri: vscode.Uri): Promise<string | undefined> {
  const rank = (name: string) => (/judge/i.test(name) ? 0 : 1);
  const items = (await promptItems())
    .filter((it) => it.uri.toString() !== uri.toString())
    .sort((a, b) => rank(a.label) - rank(b.label));
  const create = { label: "$(add) New judge prompt", description: "beside this prompt", uri: undefined };
  const chosen = await vscode.window.showQuickPick([...items, create], {
    title: "Judge Prompt",
    placeHolder: "It is shown two outputs as {{first}} and {{second}}, and says which is better",
    matchOnDescription: true,
  });
  if (chosen === undefined || chosen.uri !== undefined) return chosen?.uri.fsPath;
  const created = await freeName(uri);
  await vscode.workspace.fs.writeFile(created, new TextEncoder().encode(template));
  await vscode.window.showTextDocument(created, { viewColumn: vscode.ViewColumn.Beside, preview: false });
  return created.fsPath;
}

async function freeName(uri: vscode.Uri): Promise<vscode.Uri> {
  for (let i = 1; ; i++) {
    const name = vscode.Uri.joinPath(uri, "..", i === 1 ? "judge.prompt" : `judge${i}.prompt`);
    const isTaken = await vscode.workspace.fs.stat(name).then(
      () => true,
      () => false,
    );
    if (!isTaken) return name;
  }
}

const template = `---
description: Says which of two answers is better. It is asked in both orders.
input:
  schema:
    input: string, the values that were given, as JSON
    first: string, one answer
    second: string, another answer
---
{{role "system"}}
You compare two answers to the same question, and choose the clearer and more correct one.
{{role "user"}}
Question: {{input}}

First answer: {{first}}

Second answer: {{second}}
{{role "model"}}
The better answer is the {{select "better" "first" "second"}} one.
`;
