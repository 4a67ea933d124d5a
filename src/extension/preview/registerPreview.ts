/** Opens the preview, lets it follow the editor, and brings it back after a reload. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

import { pageHtml } from "../../webview/pageHtml.js";
import { registerCommand } from "../commandGuard.js";
import { commandIds, previewViewType } from "../ids.js";
import { isPrompt } from "../promptDocument.js";
import { previewMemoryKey } from "./previewInputs.js";
import { PreviewPanel, type PreviewMemory, type PreviewServices } from "./previewPanel.js";

export interface RegisterPreviewOptions extends PreviewServices {
  readonly extensionUri: vscode.Uri;
  /** Of the workspace: what the preview showed. */
  readonly state: vscode.Memento;
  /** The inputs of a prompt may be others now. */
  readonly onRemembered: () => void;
}

export function registerPreview(options: RegisterPreviewOptions): vscode.Disposable {
  const { extensionUri, state, log, onRemembered } = options;
  let current: PreviewPanel | undefined;
  const remember = (memory: PreviewMemory) => {
    void state.update(previewMemoryKey, memory);
    onRemembered();
  };

  function attach(panel: vscode.WebviewPanel, memory: PreviewMemory): void {
    const { webview } = panel;
    webview.options = {
      enableScripts: true,
      localResourceRoots: [
        vscode.Uri.joinPath(extensionUri, "dist"),
        vscode.Uri.joinPath(extensionUri, "media"),
        ...(vscode.workspace.workspaceFolders ?? []).map((it) => it.uri),
      ],
    };
    panel.iconPath = {
      light: vscode.Uri.joinPath(extensionUri, "media", "prompt-light.svg"),
      dark: vscode.Uri.joinPath(extensionUri, "media", "prompt-dark.svg"),
    };
    const resource = (...path: readonly string[]) =>
      webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, ...path)).toString();
    webview.html = pageHtml({
      title: "Tiller preview",
      root: "preview",
      cspSource: webview.cspSource,
      scriptUri: resource("dist", "preview.js"),
      styleUri: resource("media", "preview.css"),
      nonce: randomBytes(16).toString("base64"),
      pictures: true,
    });
    const own = new PreviewPanel(panel, memory, options, remember);
    current = own;
    remember(memory);
    panel.onDidDispose(() => {
      if (current === own) current = undefined;
    });
  }

  function open(uri: vscode.Uri): void {
    if (current !== undefined) {
      current.follow(uri);
      current.reveal();
      return;
    }
    const memory = state.get<PreviewMemory>(previewMemoryKey);
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const panel = vscode.window.createWebviewPanel(previewViewType, "Preview", column, { enableFindWidget: true });
    attach(panel, { tab: "messages", inputs: {}, tests: {}, ...memory, uri: uri.toString(), pinned: false });
  }

  const watcher = vscode.workspace.createFileSystemWatcher("**/*.{prompt,jsonl,json,csv,tsv,txt,md,png,jpg,jpeg,webp}");
  const refresh = () => current?.refresh();
  return vscode.Disposable.from(
    registerCommand(commandIds.preview, log, (uri?: vscode.Uri) => {
      const document = vscode.window.activeTextEditor?.document;
      const target = uri ?? (document !== undefined && isPrompt(document) ? document.uri : undefined);
      if (target === undefined)
        void vscode.window.showInformationMessage("Open the .prompt file that you want to see.");
      else open(target);
    }),
    registerCommand(commandIds.addExample, log, async () => {
      if (current === undefined)
        void vscode.window.showInformationMessage("Open the preview of the prompt and run it there first.");
      else await current.addExample();
    }),
    vscode.window.registerWebviewPanelSerializer(previewViewType, {
      async deserializeWebviewPanel(panel) {
        const memory = state.get<PreviewMemory>(previewMemoryKey);
        if (memory === undefined) panel.dispose();
        else attach(panel, memory);
      },
    }),
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      if (editor !== undefined && isPrompt(editor.document) && current?.isPinned === false)
        current.follow(editor.document.uri);
    }),
    watcher,
    watcher.onDidChange(refresh),
    watcher.onDidCreate(refresh),
    watcher.onDidDelete(refresh),
    { dispose: () => current?.dispose() },
  );
}
