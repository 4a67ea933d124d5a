/** What the Compare view asks for in quick picks: a prompt, an earlier comparison. */

import * as vscode from "vscode";

import type { StoredComparison } from "../../protocol/compare.js";
import { timeText } from "./viewState.js";
import { promptItems } from "./workspaceItems.js";

export async function pickPrompt(): Promise<vscode.Uri | undefined> {
  const items = await promptItems();
  const chosen = await vscode.window.showQuickPick(items, {
    title: "Compare",
    placeHolder:
      items.length === 0 ? "There are no .prompt files in this workspace" : "Prompt to run with each variant",
    matchOnDescription: true,
  });
  return chosen?.uri;
}

/** The id of another one than `newer`, which stands beside `older` now. */
export async function pickComparison(
  history: readonly StoredComparison[],
  {
    newer,
    older,
  }: { readonly newer: { readonly id: string; readonly time: string }; readonly older: { readonly id: string } },
): Promise<string | undefined> {
  const items = history
    .filter((it) => it.id !== newer.id)
    .map(({ id, time, variants }) => ({
      id,
      label: timeText(time, new Date()),
      description: variants.map((it) => it.label).join(", "),
      ...(id === older.id && { detail: "is compared now" }),
    }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: "Compare with",
    placeHolder: `The comparison beside that of ${timeText(newer.time, new Date())}`,
    matchOnDescription: true,
  });
  return chosen?.id;
}
