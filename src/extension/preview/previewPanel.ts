/** The live preview: one panel beside the editor that follows the active prompt, or stays with one. */

import * as vscode from "vscode";

import { messageOf } from "../../base/error.js";
import { DisposableStore } from "../../base/disposable.js";
import type { Json, JsonObject } from "../../base/json.js";
import type { Log } from "../../base/log.js";
import { modelName } from "../../base/modelName.js";
import type { Engine, LoadedModel } from "../../protocol/engine.js";
import type { PreviewAction, PreviewTab, PreviewUpdate } from "../../protocol/preview.js";
import type { PromptRunner, RunEvent } from "../../protocol/run.js";
import { addExample } from "../addExample.js";
import type { Places } from "../adapters/adapterPlaces.js";
import type { LanguageServer } from "../languageServer.js";
import type { Operation, Operations } from "../operations.js";
import { promptPath, promptTitle } from "../promptDocument.js";
import type { Settings } from "../settings.js";
import { countBudget } from "./countBudget.js";
import { PageCopy } from "./pageCopy.js";
import {
  beginWith,
  startPreview,
  stateOf,
  withEvent,
  withFailure,
  withResult,
  withStart,
  type PreviewData,
  type PreviewPictures,
} from "./previewData.js";

export interface PreviewServices {
  readonly language: Pick<LanguageServer, "preview" | "appendShot" | "onFilesChanged">;
  readonly engine: Engine;
  readonly runner: PromptRunner;
  readonly settings: () => Settings;
  readonly places: () => Places;
  readonly operations: Operations;
  readonly log: Log;
}

/** What outlives a reload of the window. */
export interface PreviewMemory {
  readonly uri: string;
  readonly pinned: boolean;
  readonly tab: PreviewTab;
  /** What the user gave, by file and variable. */
  readonly inputs: Readonly<Record<string, JsonObject>>;
  readonly tests: Readonly<Record<string, string>>;
}

/** Keystrokes closer together than this are shown together. */
const PAUSE_MS = 15;
/** While text streams, the whole state is sent no more often. */
const STREAM_MS = 100;
const COUNT_MS = 250;
/** Alternatives that are shown of each token. */
const TOP = 8;

export class PreviewPanel implements vscode.Disposable {
  readonly #store = new DisposableStore();
  #memory: PreviewMemory;
  #data: PreviewData;
  #version = 0;
  readonly #page = new PageCopy();
  #refresh: NodeJS.Timeout | undefined;
  #isStale = false;
  /** What the last check found. */
  #found = "";
  #counting: NodeJS.Timeout | undefined;
  readonly #closing = new AbortController();
  #send: NodeJS.Timeout | undefined;
  #running: Operation | undefined;
  #loaded: LoadedModel | undefined;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    memory: PreviewMemory,
    private readonly services: PreviewServices,
    private readonly remember: (memory: PreviewMemory) => void,
  ) {
    this.#memory = memory;
    this.#data = { ...startPreview(promptTitle(this.uri)), pinned: memory.pinned, tab: memory.tab };
    this.#store.add(panel.webview.onDidReceiveMessage((action: PreviewAction) => this.#act(action)));
    this.#store.add(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        // A partial may be part of the prompt.
        if (document.uri.path.endsWith(".prompt") || document.uri.toString() === this.#memory.uri) this.refresh();
      }),
    );
    this.#store.add(services.language.onFilesChanged(() => this.refresh()));
    // Checks come after the keystroke that the preview has shown already, and mostly find what they found before.
    this.#store.add(
      vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        if (!uris.some((it) => it.toString() === this.#memory.uri)) return;
        const found = problemsOf(this.uri);
        if (found !== this.#found) this.refresh();
        this.#found = found;
      }),
    );
    this.#store.add(panel.onDidDispose(() => this.dispose()));
    this.#title();
    this.refresh();
  }

  get uri(): vscode.Uri {
    return vscode.Uri.parse(this.#memory.uri);
  }

  get isPinned(): boolean {
    return this.#memory.pinned;
  }

  reveal(): void {
    this.panel.reveal(undefined, true);
  }

  /** Shows another prompt. */
  follow(uri: vscode.Uri): void {
    if (uri.toString() === this.#memory.uri) return;
    this.#running?.cancel();
    this.#keep({ uri: uri.toString() });
    this.#data = { ...startPreview(promptTitle(uri)), pinned: this.#memory.pinned, tab: this.#memory.tab };
    this.#title();
    this.refresh();
  }

  /** What is shown may have changed. At once, and then at most every few milliseconds: the last change of a burst is never lost. */
  refresh(): void {
    if (this.#refresh !== undefined) {
      this.#isStale = true;
      return;
    }
    void this.#load();
    this.#refresh = setTimeout(() => {
      this.#refresh = undefined;
      if (!this.#isStale) return;
      this.#isStale = false;
      this.refresh();
    }, PAUSE_MS);
  }

  dispose(): void {
    clearTimeout(this.#refresh);
    clearTimeout(this.#send);
    clearTimeout(this.#counting);
    this.#closing.abort();
    this.#running?.cancel();
    this.#store.dispose();
  }

  async #load(): Promise<void> {
    const { uri, inputs, tests } = this.#memory;
    const test = tests[uri];
    try {
      const params = { uri, input: inputs[uri] ?? {}, ...(test !== undefined && { test }) };
      const content = await this.services.language.preview(params);
      // Another prompt is shown by now, or it is gone, or the panel is.
      if (uri !== this.#memory.uri || content === null || this.#closing.signal.aborted) return;
      this.#show({ ...this.#data, content });
      this.#countSoon();
    } catch (error) {
      this.services.log.write("warn", `the preview of ${uri} was not updated: ${messageOf(error)}`);
    }
  }

  // ---------------------------------------------------------------------------------------------- the page

  #show(data: PreviewData, afterMs = 0): void {
    this.#data = data;
    if (afterMs === 0) {
      clearTimeout(this.#send);
      this.#send = undefined;
      this.#post();
    } else this.#send ??= setTimeout(() => this.#post(), afterMs);
  }

  #post(): void {
    clearTimeout(this.#send);
    this.#send = undefined;
    this.#tell(this.#page.update(stateOf(this.#data, ++this.#version, (path) => this.#srcOf(path))));
  }

  /** Only pictures of the workspace: the page may read no other files. */
  #srcOf(path: string): string | undefined {
    const uri = vscode.Uri.file(path);
    return vscode.workspace.getWorkspaceFolder(uri) && this.panel.webview.asWebviewUri(uri).toString();
  }

  #tell(update: PreviewUpdate): void {
    void this.panel.webview.postMessage(update);
  }

  async #inputFrom(name: string, source: "file" | "selection"): Promise<void> {
    const value = source === "file" ? await chosenFile(name) : selectedText();
    if (value !== undefined) this.#act({ type: "input", name, value });
  }

  #act(action: PreviewAction): void {
    const { uri, inputs, tests } = this.#memory;
    switch (action.type) {
      case "ready":
        this.#page.forget();
        return this.#post();
      case "tab":
        this.#keep({ tab: action.tab });
        return this.#show({ ...this.#data, tab: action.tab });
      case "pin":
        this.#keep({ pinned: action.pinned });
        return this.#show({ ...this.#data, pinned: action.pinned });
      case "input":
        this.#keep({ inputs: { ...inputs, [uri]: withValue(inputs[uri] ?? {}, action.name, action.value) } });
        return this.refresh();
      case "inputFrom":
        return void this.#inputFrom(action.name, action.source);
      case "test":
        this.#keep({ tests: withValue(tests, uri, action.name) });
        return this.refresh();
      case "line":
        return void this.#reveal(action.line);
      case "run":
        return void this.run();
      case "stop":
        return this.#running?.cancel();
      case "continue":
        return void this.run({
          hole: action.hole,
          ids: beginWith(this.#data, action.hole, action.position, action.alternative),
        });
      case "addExample":
        return void this.addExample();
      case "loadModel":
        return void this.#loadModel();
      default:
        return action satisfies never;
    }
  }

  #keep(changed: Partial<PreviewMemory>): void {
    this.#memory = { ...this.#memory, ...changed };
    this.remember(this.#memory);
  }

  #title(): void {
    this.panel.title = `Preview ${promptTitle(this.uri)}`;
  }

  async #reveal(line: number): Promise<void> {
    const document = await vscode.workspace.openTextDocument(this.uri);
    const shown = vscode.window.visibleTextEditors.find((it) => it.document === document)?.viewColumn;
    const editor = await vscode.window.showTextDocument(document, shown ?? vscode.ViewColumn.One);
    const place = new vscode.Position(Math.min(line, document.lineCount - 1), 0);
    editor.selection = new vscode.Selection(place, place);
    editor.revealRange(new vscode.Range(place, place), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  // ---------------------------------------------------------------------------------------------- the model

  /** `begin`: a hole goes on from tokens that were chosen in the page. */
  async run(begin?: { readonly hole: string; readonly ids: readonly number[] }): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      this.#show(withFailure(this.#data, "Tiller runs prompts only in workspaces that you trust."));
      return;
    }
    this.#running?.cancel();
    const operation = this.services.operations.start();
    this.#running = operation;
    const { model } = this.services.settings();
    this.#show(withStart(this.#data, modelName(model.path)));
    const isCurrent = () => this.#running === operation;
    try {
      const document = await vscode.workspace.openTextDocument(this.uri);
      const input = this.#data.content?.values ?? {};
      const request = {
        path: promptPath(document),
        text: document.getText(),
        input,
        model,
        top: TOP,
        ...this.services.places(),
        ...(begin && { begin }),
      };
      const result = await this.services.runner.run(
        request,
        (event) => {
          if (isCurrent()) this.#onRunEvent(event);
        },
        operation.signal,
      );
      this.#loaded = await this.services.engine.load({ model }, () => {}, operation.signal);
      if (isCurrent()) this.#show(withResult(this.#data, result));
      await this.#count();
    } catch (error) {
      if (!isCurrent()) return;
      this.#show(
        operation.signal.aborted
          ? { ...this.#data, run: { kind: "stopped" } }
          : withFailure(this.#data, messageOf(error)),
      );
    } finally {
      operation.dispose();
      if (isCurrent()) this.#running = undefined;
    }
  }

  /** The last run becomes an example: in the prompt itself, or in the file that its examples come from. */
  async addExample(): Promise<void> {
    const { output, content } = this.#data;
    if (output === undefined) {
      void vscode.window.showInformationMessage("Run the prompt in the preview first; its result becomes the example.");
      return;
    }
    const problem = await addExample(this.services.language, this.uri, content?.values ?? {}, output);
    if (problem !== undefined) void vscode.window.showWarningMessage(`The example was not added. ${problem}`);
  }

  #onRunEvent(event: RunEvent): void {
    const next = withEvent(this.#data, event);
    if (event.type === "text" && this.#data.run.kind === "writing") {
      // The page adds it to what it has; the whole follows when the hole is filled.
      this.#data = next;
      this.#tell({ type: "text", hole: event.name, text: event.text });
      return;
    }
    this.#show(
      next,
      event.type === "token" ? STREAM_MS * 5 : event.type === "prefill" || event.type === "loading" ? STREAM_MS : 0,
    );
  }

  /** Once a model is loaded, when the typing pauses. */
  #countSoon(): void {
    clearTimeout(this.#counting);
    if (this.#data.budget !== undefined) this.#counting = setTimeout(() => void this.#count(), COUNT_MS);
  }

  async #count(): Promise<void> {
    const { content } = this.#data;
    if (content === undefined || this.#loaded === undefined) return;
    const { contextTokens: context, facts } = this.#loaded;
    const { engine, settings, log } = this.services;
    try {
      const { signal } = this.#closing;
      const vision = facts.vision !== undefined;
      const counted = await countBudget(content, { engine, model: settings().model, context, vision, signal });
      const { budget } = counted;
      const pictures: PreviewPictures = vision
        ? { kind: "counted", tokens: counted.pictures }
        : { kind: "text-only", model: facts.name };
      if (content === this.#data.content) this.#show({ ...this.#data, budget, pictures });
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      // The prompt may be one that the model's template refuses: a run will say so.
      log.write("warn", `the tokens of ${this.#memory.uri} were not counted: ${messageOf(error)}`);
    }
  }

  async #loadModel(): Promise<void> {
    const { model } = this.services.settings();
    const operation = this.services.operations.start();
    this.#show({ ...this.#data, run: { kind: "loading", model: modelName(model.path), fraction: 0 } });
    try {
      const onEvent = (event: RunEvent) => this.#show(withEvent(this.#data, event), STREAM_MS);
      this.#loaded = await this.services.engine.load({ model }, onEvent, operation.signal);
      this.#show({ ...this.#data, run: { kind: "idle" } });
      await this.#count();
    } catch (error) {
      this.#show(withFailure(this.#data, messageOf(error)));
    } finally {
      operation.dispose();
    }
  }
}

/** As much of them as the preview shows. */
function problemsOf(uri: vscode.Uri): string {
  const shown = vscode.languages.getDiagnostics(uri).map((it) => [it.severity, it.message, it.range.start.line]);
  return shown.length === 0 ? "" : JSON.stringify([uri.toString(), shown]);
}

/** Without the key when there is no value. */
function withValue<T extends Json>(
  from: Readonly<Record<string, T>>,
  key: string,
  value: T | undefined,
): Record<string, T> {
  const { [key]: _, ...others } = from;
  return value === undefined ? others : { ...others, [key]: value };
}

async function chosenFile(name: string): Promise<Json | undefined> {
  const filters = {
    "Data and texts": ["json", "jsonl", "csv", "tsv", "txt", "md"],
    Pictures: ["png", "jpg", "jpeg", "webp"],
    "All files": ["*"],
  };
  const chosen = await vscode.window.showOpenDialog({ title: `Value of ${name}`, openLabel: "Use", filters });
  const [file] = chosen ?? [];
  return file && { file: file.fsPath };
}

function selectedText(): string | undefined {
  const editor = vscode.window.visibleTextEditors.find((it) => !it.selection.isEmpty);
  if (editor === undefined) vscode.window.setStatusBarMessage("Select text in an editor first.", 5000);
  return editor?.document.getText(editor.selection);
}
