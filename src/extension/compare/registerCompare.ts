/** The Compare view in the side bar, the same page as an editor tab, and a command for every key of it. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

import type { CompareKeyAction, CompareViewAction, CompareViewUpdate } from "../../protocol/compareView.js";
import type { ReportFormat } from "../../protocol/compare.js";
import { pageHtml } from "../../webview/pageHtml.js";
import { registerCommand } from "../commandGuard.js";
import { commandIds, compareViewId, compareViewType } from "../ids.js";
import { previewInputsOf } from "../preview/previewInputs.js";
import { isPrompt } from "../promptDocument.js";
import { noMemory, type CompareMemory } from "./compareBoard.js";
import { CompareSession, type CompareServices } from "./compareSession.js";

export interface RegisterCompareOptions extends Omit<CompareServices, "previewed"> {
  readonly extensionUri: vscode.Uri;
  /** Of the workspace: what was compared, and what was typed in previews. */
  readonly state: vscode.Memento;
}

const memoryKey = "tiller.compare";

const keyCommands: readonly (readonly [string, CompareKeyAction])[] = [
  [commandIds.compareRun, { type: "run" }],
  [commandIds.compareStop, { type: "stop" }],
  [commandIds.compareVoteLeft, { type: "vote", choice: "left" }],
  [commandIds.compareVoteRight, { type: "vote", choice: "right" }],
  [commandIds.compareVoteTie, { type: "vote", choice: "tie" }],
  [commandIds.compareVoteBothBad, { type: "vote", choice: "both-bad" }],
  [commandIds.compareNextPair, { type: "nextPair" }],
  [commandIds.compareUndoVote, { type: "undo" }],
  [commandIds.compareNextInput, { type: "input", step: 1 }],
  [commandIds.comparePreviousInput, { type: "input", step: -1 }],
  [commandIds.compareNextSeed, { type: "seed", step: 1 }],
  [commandIds.comparePreviousSeed, { type: "seed", step: -1 }],
  [commandIds.compareDiff, { type: "diff" }],
  [commandIds.compareBlind, { type: "blind" }],
];

export function registerCompare(options: RegisterCompareOptions): vscode.Disposable {
  const { extensionUri, state, log } = options;
  // Made when it is first needed: the activation does not wait for it.
  let made: CompareSession | undefined;
  const session = () =>
    (made ??= new CompareSession(
      { ...options, previewed: (uri) => previewInputsOf(state, uri).input },
      { ...noMemory, ...state.get<CompareMemory>(memoryKey) },
      (memory) => void state.update(memoryKey, memory),
    ));
  let panel: vscode.WebviewPanel | undefined;

  function fill(webview: vscode.Webview, place: "side" | "editor"): vscode.Disposable {
    webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, "dist"), vscode.Uri.joinPath(extensionUri, "media")],
    };
    const resource = (...path: readonly string[]) =>
      webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, ...path)).toString();
    const page = session().attach((update: CompareViewUpdate) => void webview.postMessage(update));
    const listener = webview.onDidReceiveMessage((action: CompareViewAction) => void session().act(action));
    webview.html = pageHtml({
      title: "Tiller compare",
      root: "compare",
      cspSource: webview.cspSource,
      scriptUri: resource("dist", "compare.js"),
      styleUri: resource("media", "compare.css"),
      nonce: randomBytes(16).toString("base64"),
      place,
    });
    return vscode.Disposable.from(page, listener);
  }

  function attach(next: vscode.WebviewPanel): void {
    panel = next;
    next.iconPath = {
      light: vscode.Uri.joinPath(extensionUri, "media", "prompt-light.svg"),
      dark: vscode.Uri.joinPath(extensionUri, "media", "prompt-dark.svg"),
    };
    const filled = fill(next.webview, "editor");
    next.onDidDispose(() => {
      filled.dispose();
      if (panel === next) panel = undefined;
    });
  }

  function openEditor(): void {
    if (panel !== undefined) return panel.reveal();
    const column = vscode.ViewColumn.Active;
    attach(vscode.window.createWebviewPanel(compareViewType, "Compare", column, { enableFindWidget: true }));
  }

  return vscode.Disposable.from(
    vscode.window.registerWebviewViewProvider(compareViewId, {
      resolveWebviewView(view) {
        const filled = fill(view.webview, "side");
        view.onDidDispose(() => {
          filled.dispose();
        });
      },
    }),
    vscode.window.registerWebviewPanelSerializer(compareViewType, {
      deserializeWebviewPanel: (restored) => Promise.resolve(attach(restored)),
    }),
    registerCommand(commandIds.compare, log, async (uri?: vscode.Uri) => {
      const document = vscode.window.activeTextEditor?.document;
      const target = uri ?? (document !== undefined && isPrompt(document) ? document.uri : undefined);
      if (target !== undefined) session().choose(target);
      if (panel !== undefined) panel.reveal();
      else await vscode.commands.executeCommand(`${compareViewId}.focus`);
    }),
    registerCommand(commandIds.compareInEditor, log, openEditor),
    registerCommand(commandIds.compareExport, log, async () => {
      const formats: readonly (vscode.QuickPickItem & { readonly format: ReportFormat })[] = [
        { label: "Markdown", format: "markdown" },
        { label: "JSON", format: "json", description: "everything that was written and measured" },
        { label: "HTML", format: "html", description: "a report with plots" },
      ];
      const chosen = await vscode.window.showQuickPick(formats, { title: "Export Comparison" });
      if (chosen !== undefined) await session().act({ type: "export", format: chosen.format });
    }),
    ...keyCommands.map(([id, action]) => registerCommand(id, log, () => session().act(action))),
    { dispose: () => made?.dispose() },
  );
}
