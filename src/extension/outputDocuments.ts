/** Read-only documents that show what runs write: one for each prompt file, beside it, updated while it is written. */

import * as vscode from "vscode";

import { outputScheme } from "./ids.js";

/** Changes within this time are shown together: an update re-reads the whole document. */
const updateMs = 50;

export class OutputDocuments implements vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor() {
    this.#subscriptions = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(outputScheme, {
        onDidChange: this.#changed.event,
        provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()) ?? "",
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.scheme === outputScheme) followEnd(document);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === outputScheme) this.#texts.delete(uri.toString());
      }),
    ];
  }

  /** Where the output of a prompt file is shown. */
  uriOf(prompt: vscode.Uri): vscode.Uri {
    const name = prompt.path.replace(/^.*\//, "").replace(/\.prompt$/, "");
    return vscode.Uri.from({ scheme: outputScheme, path: `/${name} output.md`, query: prompt.toString() });
  }

  /** Shows the document without taking the focus: where it already is, else beside the active editor. */
  async show(uri: vscode.Uri): Promise<void> {
    const document = await vscode.workspace.openTextDocument(uri);
    const shown = vscode.window.visibleTextEditors.find((it) => it.document === document);
    const viewColumn = shown?.viewColumn ?? vscode.ViewColumn.Beside;
    await vscode.window.showTextDocument(document, { viewColumn, preserveFocus: true, preview: false });
  }

  set(uri: vscode.Uri, text: string): void {
    const key = uri.toString();
    this.#texts.set(key, text);
    if (this.#timers.has(key)) return;
    const show = () => {
      this.#timers.delete(key);
      this.#changed.fire(uri);
    };
    this.#timers.set(key, setTimeout(show, updateMs));
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}

/** Keeps the end in view for those who were reading there, and leaves those alone who scrolled up. */
function followEnd(document: vscode.TextDocument): void {
  const lastLine = document.lineCount - 1;
  for (const editor of vscode.window.visibleTextEditors) {
    if (editor.document !== document) continue;
    const lastVisible = editor.visibleRanges.at(-1)?.end.line ?? 0;
    if (lastLine <= lastVisible + 4) {
      editor.revealRange(new vscode.Range(lastLine, 0, lastLine, 0));
    }
  }
}
