/** The steering panel of the prompt in the editor: what its controls do, and the two runs that show what that changes. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

import { messageOf } from "../../base/error.js";
import { DisposableStore } from "../../base/disposable.js";
import type { JsonObject } from "../../base/json.js";
import type { Log } from "../../base/log.js";
import type { Engine } from "../../protocol/engine.js";
import type { PreviewContent } from "../../protocol/language.js";
import type { PromptRunner, RunEvent, RunRequest, RunResult } from "../../protocol/run.js";
import type { SteeringAction, SteeringProblem, SteeringUpdate } from "../../protocol/steering.js";
import { pageHtml } from "../../webview/pageHtml.js";
import type { Places } from "../adapters/adapterPlaces.js";
import { knownAdapters } from "../adapters/knownAdapters.js";
import { currentPrompt } from "../adapters/openPromptAdapters.js";
import { commandIds } from "../ids.js";
import type { LanguageServer } from "../languageServer.js";
import type { Operation, Operations } from "../operations.js";
import type { OutputDocuments } from "../outputDocuments.js";
import { previewInputsOf } from "../preview/previewInputs.js";
import { promptPath, promptTitle } from "../promptDocument.js";
import type { Settings } from "../settings.js";
import { moved, steeringOfMoves, withoutSection, type Moves } from "./moves.js";
import { misfit } from "./misfit.js";
import { figuresOf } from "./runFigures.js";
import {
  asWrittenKey,
  isSteered,
  nothingWritten,
  startSteering,
  stateOf,
  steeredKey,
  withEnd,
  withEvent,
  withSteeredEnd,
  withSteeredStart,
  type Ran,
  type SteeringData,
} from "./steeringData.js";

export interface SteeringServices {
  readonly language: Pick<LanguageServer, "preview">;
  /** For what only looks at files: adapters, and the model's head. */
  readonly engine: Engine;
  readonly runner: PromptRunner;
  readonly settings: () => Settings;
  readonly places: () => Places;
  readonly operations: Operations;
  readonly outputs: OutputDocuments;
  readonly log: Log;
  readonly extensionUri: vscode.Uri;
  /** Of the workspace: which controls were moved. */
  readonly state: vscode.Memento;
}

interface SteeringMemory {
  readonly live: boolean;
  /** By file. */
  readonly moves: Readonly<Record<string, Moves>>;
}

const memoryKey = "tiller.steering";
/** Changes of the text closer together than this are read together. */
const READ_MS = 150;
/** A control that moves on within this time is not run yet. */
const LIVE_MS = 250;
/** While text streams, the state is sent no more often. */
const STREAM_MS = 100;

export class SteeringView implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #store = new DisposableStore();
  #view: vscode.WebviewView | undefined;
  #document: vscode.TextDocument | undefined;
  #memory: SteeringMemory;
  #data: SteeringData;
  /** What a run is asked beside the controls. */
  #request: RunRequest | undefined;
  #reading: NodeJS.Timeout | undefined;
  #starting: NodeJS.Timeout | undefined;
  #sending: NodeJS.Timeout | undefined;
  #running: Operation | undefined;
  #asWritten:
    { readonly key: string; readonly operation: Operation; readonly ran: Promise<Ran | undefined> } | undefined;

  constructor(private readonly services: SteeringServices) {
    this.#memory = services.state.get<SteeringMemory>(memoryKey) ?? { live: true, moves: {} };
    this.#data = startSteering(undefined, this.#memory.live, {});
    this.#store.add(vscode.window.onDidChangeActiveTextEditor(() => this.#follow()));
    this.#store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.#follow()));
    this.#store.add(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        // A partial may be part of the prompt.
        if (document === this.#document || document.uri.path.endsWith(".prompt")) this.refresh();
      }),
    );
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration((it) => {
        if (!it.affectsConfiguration("tiller")) return;
        this.refresh();
        void this.#look();
      }),
    );
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { extensionUri } = this.services;
    const { webview } = view;
    this.#view = view;
    webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, "dist"), vscode.Uri.joinPath(extensionUri, "media")],
    };
    const resource = (...path: readonly string[]) =>
      webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, ...path)).toString();
    webview.onDidReceiveMessage((action: SteeringAction) => this.#act(action));
    view.onDidChangeVisibility(() => this.refresh());
    view.onDidDispose(() => {
      this.#view = undefined;
    });
    webview.html = pageHtml({
      title: "Tiller steering",
      root: "steering",
      place: "panel",
      cspSource: webview.cspSource,
      scriptUri: resource("dist", "steering.js"),
      styleUri: resource("media", "steering.css"),
      nonce: randomBytes(16).toString("base64"),
    });
    this.#follow();
    void this.#look();
  }

  dispose(): void {
    for (const timer of [this.#reading, this.#starting, this.#sending]) clearTimeout(timer);
    this.#stop();
    this.#store.dispose();
  }

  /** File, inputs or settings may be others. */
  refresh(): void {
    if (this.#view?.visible !== true) return;
    clearTimeout(this.#reading);
    this.#reading = setTimeout(() => void this.#read(), READ_MS);
  }

  // ---------------------------------------------------------------------------------------------- the prompt

  #follow(): void {
    const shown = currentPrompt() ?? (this.#document?.isClosed === true ? undefined : this.#document);
    if (shown === this.#document) return this.refresh();
    this.#stop();
    this.#document = shown;
    this.#request = undefined;
    const title = shown && promptTitle(shown.uri);
    const { known } = this.#data;
    this.#data = { ...startSteering(title, this.#memory.live, this.#keptMoves()), known };
    if (this.#view !== undefined) this.#view.description = title ?? "";
    this.#post();
    this.refresh();
  }

  #keptMoves(): Moves {
    return (this.#document && this.#memory.moves[this.#document.uri.toString()]) ?? {};
  }

  async #read(): Promise<void> {
    const document = this.#document;
    if (document === undefined) return;
    const { language, settings, places, state, log } = this.services;
    const text = document.getText();
    const uri = document.uri.toString();
    let content: PreviewContent | null = null;
    try {
      content = await language.preview({ uri, ...previewInputsOf(state, document.uri) });
    } catch (error) {
      log.write("warn", `the steering of ${uri} was not read: ${messageOf(error)}`);
    }
    const { readSteering } = await import("./writeSteering.js");
    if (document !== this.#document || text !== document.getText()) return; // a later reading is on its way
    const read = readSteering(text);
    const { model } = settings();
    const input: JsonObject = content?.values ?? {};
    this.#request = { path: promptPath(document), text, input, model, ...places() };
    this.#show({
      ...this.#data,
      written: { ...nothingWritten, ...read, variables: content?.inputs.map((it) => it.name) ?? [] },
      source: JSON.stringify([this.#request, content?.messages]),
      blocked: problemOf(content),
    });
  }

  /** What lies in the folders of adapters, and which model they must fit. */
  async #look(): Promise<void> {
    const { engine, places, settings, log } = this.services;
    try {
      const [adapters, model] = await Promise.all([
        knownAdapters(engine, places().adapterFolders, log),
        engine.inspect({ path: settings().model.path }, () => {}, new AbortController().signal),
      ]);
      this.#show({ ...this.#data, known: { adapters, model } });
    } catch (error) {
      log.write("warn", `the steering panel does not know the adapters: ${messageOf(error)}`);
    }
  }

  // ---------------------------------------------------------------------------------------------- the page

  #show(data: SteeringData, afterMs = 0): void {
    this.#data = data;
    if (afterMs === 0) this.#post();
    else this.#sending ??= setTimeout(() => this.#post(), afterMs);
  }

  #post(): void {
    clearTimeout(this.#sending);
    this.#sending = undefined;
    const update: SteeringUpdate = { type: "state", state: stateOf(this.#data) };
    void this.#view?.webview.postMessage(update);
  }

  #act(action: SteeringAction): void {
    switch (action.type) {
      case "ready":
        return this.#show({ ...this.#data, turn: 0 });
      case "set": {
        const { moves, written } = this.#data;
        return this.#move(moved(moves, action.control, action.value, written), action.turn);
      }
      case "reset":
        return this.#move(withoutSection(this.#data.moves, action.section), action.turn);
      case "add":
        return void this.#add(action.section === "vectors" ? "vectors" : "adapters");
      case "live":
        this.#keep({ live: action.live });
        this.#show({ ...this.#data, live: action.live });
        return this.#runSoon();
      case "run":
        return void this.run();
      case "stop":
        this.#stop();
        return this.#show(withEnd(this.#data, { kind: "stopped" }));
      case "openPreview":
        return void vscode.commands.executeCommand(commandIds.preview, this.#document?.uri);
      default:
        return action satisfies never;
    }
  }

  #keep(changed: Partial<SteeringMemory>): void {
    this.#memory = { ...this.#memory, ...changed };
    void this.services.state.update(memoryKey, this.#memory);
  }

  #move(moves: Moves, turn = this.#data.turn): void {
    if (this.#document !== undefined) {
      const { [this.#document.uri.toString()]: _, ...others } = this.#memory.moves;
      const isAny = 0 < Object.keys(moves).length;
      this.#keep({ moves: isAny ? { ...others, [this.#document.uri.toString()]: moves } : others });
    }
    this.#running?.cancel(); // what it writes is not what is asked for any more
    this.#show({ ...this.#data, moves, turn });
    this.#runSoon();
  }

  #runSoon(): void {
    clearTimeout(this.#starting);
    if (this.#data.live && isSteered(this.#data.moves)) this.#starting = setTimeout(() => void this.run(), LIVE_MS);
  }

  /** Adapters that fit and are not there yet. Vectors that are known are all shown: further ones come with a folder. */
  async #add(kind: "vectors" | "adapters"): Promise<void> {
    const { known, written, moves } = this.#data;
    if (kind === "vectors") return void vscode.commands.executeCommand(commandIds.addAdapterFolder);
    const items = known.adapters
      .filter((it) => it.form !== "control-vector" && misfit(it, known.model) === undefined)
      .filter(({ name }) => !written.adapters.some((it) => it.name === name) && !(`adapter:${name}` in moves))
      .map(({ name, description, path }) => ({ label: name, detail: description ?? path }));
    if (items.length === 0) {
      void vscode.window.showInformationMessage(
        "All adapters of the folders that are searched are there already. Add a folder in the Adapters view.",
      );
      return;
    }
    const placeHolder = "The adapter to try";
    const chosen = await vscode.window.showQuickPick(items, { placeHolder, matchOnDetail: true });
    if (chosen !== undefined) this.#move(moved(this.#data.moves, `adapter:${chosen.label}`, 1, written));
  }

  // ---------------------------------------------------------------------------------------------- commands

  reset(): void {
    this.#move({});
  }

  /** What was tried becomes the file's own, in one edit that undo takes back. */
  async write(): Promise<void> {
    const document = this.#document;
    const { moves, written } = this.#data;
    if (document === undefined || Object.keys(moves).length === 0) {
      void vscode.window.showInformationMessage("Nothing is steered: move a control in the Steering panel first.");
      return;
    }
    const { writeSteering } = await import("./writeSteering.js");
    const done = writeSteering(document.getText(), steeringOfMoves(moves, written));
    if (done.kind === "refused") throw new Error(`${promptTitle(document.uri)} was not changed. ${done.reason}`);
    if (done.edit !== undefined) {
      const { span, text } = done.edit;
      const change = new vscode.WorkspaceEdit();
      change.replace(
        document.uri,
        new vscode.Range(document.positionAt(span.start), document.positionAt(span.end)),
        text,
      );
      if (!(await vscode.workspace.applyEdit(change)))
        throw new Error(
          `${promptTitle(document.uri)} was not changed: it cannot be written. Save it under another name first.`,
        );
    }
    this.#move({});
  }

  async compare(): Promise<void> {
    const { asWritten, steered } = this.#data;
    if (this.#document === undefined || asWritten === undefined || steered === undefined) {
      void vscode.window.showInformationMessage(
        "There is nothing to compare yet: move a control in the Steering panel and run it.",
      );
      return;
    }
    const { outputs } = this.services;
    const own = outputs.uriOf(this.#document.uri);
    const uriOf = (what: string) => own.with({ path: own.path.replace(/ output\.md$/, ` ${what}.md`) });
    const [left, right] = [uriOf("as written"), uriOf("steered")];
    const textOf = ({ figures: { holes } }: Ran) =>
      holes.map(({ name, text }) => (1 < holes.length ? `## ${name}\n\n${text}\n` : `${text}\n`)).join("\n");
    outputs.set(left, textOf(asWritten));
    outputs.set(right, textOf(steered));
    const title = `${promptTitle(this.#document.uri)}: as written and steered`;
    await vscode.commands.executeCommand("vscode.diff", left, right, title);
  }

  #stop(): void {
    clearTimeout(this.#starting);
    this.#running?.cancel();
    this.#asWritten?.operation.cancel();
  }

  async run(): Promise<void> {
    clearTimeout(this.#starting);
    await this.#read();
    const { moves, blocked, written } = this.#data;
    const request = this.#request;
    if (request === undefined || blocked !== undefined || !isSteered(moves)) return;
    this.#running?.cancel();
    const operation = this.services.operations.start();
    this.#running = operation;
    const isCurrent = () => this.#running === operation && !operation.signal.aborted;
    try {
      await this.#runAsWritten(request);
      if (!isCurrent()) return;
      const key = steeredKey(this.#data);
      this.#show(withSteeredStart(this.#data));
      const { guide, sampling, adapters } = steeringOfMoves(moves, written);
      const result = await this.services.runner.run(
        { ...request, guide, sampling, adapters },
        (event) => {
          if (isCurrent()) this.#onRunEvent("steered", event);
        },
        operation.signal,
      );
      if (!isCurrent() || result.finish === "cancelled") return;
      const figures = figuresOf(result);
      const { measureBefore } = await import("./measureBefore.js");
      const asWritten = this.#data.asWritten?.figures;
      const before = asWritten && measureBefore({ ...written.guide, ...guide }, asWritten, figures);
      if (isCurrent()) this.#show(withSteeredEnd(this.#data, { key, figures, ...(before && { before }) }));
    } catch (error) {
      if (isCurrent()) this.#show(withEnd(this.#data, { kind: "failed", message: messageOf(error) }));
    } finally {
      operation.dispose();
      if (this.#running === operation) {
        this.#running = undefined;
        if (operation.signal.aborted && this.#data.run.kind !== "stopped")
          this.#show(withEnd(this.#data, { kind: "idle" }));
      }
    }
  }

  /** Goes on when a control is moved meanwhile: its result holds for all of them. */
  async #runAsWritten(request: RunRequest): Promise<void> {
    const key = asWrittenKey(this.#data);
    if (this.#data.asWritten?.key === key) return;
    if (this.#asWritten?.key !== key || this.#asWritten.operation.signal.aborted) {
      this.#asWritten?.operation.cancel();
      const operation = this.services.operations.start();
      const seed = this.#data.moves["seed"];
      const run = this.services.runner.run(
        { ...request, ...(seed !== undefined && { sampling: { seed: Number(seed) } }) },
        (event) => this.#onRunEvent("asWritten", event),
        operation.signal,
      );
      const ran = run
        .then((it: RunResult) => (it.finish === "cancelled" ? undefined : { key, figures: figuresOf(it) }))
        .finally(() => operation.dispose());
      this.#asWritten = { key, operation, ran };
    }
    const started = this.#asWritten;
    try {
      const asWritten = await started.ran;
      if (asWritten !== undefined) this.#show({ ...this.#data, asWritten });
    } finally {
      if (this.#asWritten === started) this.#asWritten = undefined;
    }
  }

  #onRunEvent(run: "asWritten" | "steered", event: RunEvent): void {
    this.#show(withEvent(this.#data, run, event), STREAM_MS);
  }
}

/** What must be put right before anything can be run. */
function problemOf(content: PreviewContent | null): SteeringProblem | undefined {
  if (!vscode.workspace.isTrusted)
    return { message: "Tiller runs prompts only in workspaces that you trust.", inPreview: false };
  const missing =
    content?.inputs.filter((it) => it.problem !== undefined || (it.required && it.value === undefined)) ?? [];
  const names = missing.map((it) => `"${it.name}"`).join(", ");
  if (0 < missing.length)
    return {
      message: `The prompt cannot be run: ${missing.length === 1 ? `its input ${names} has` : `its inputs ${names} have`} no value that fits. Fill in the inputs in the preview.`,
      inPreview: true,
    };
  const error = content?.problems.find((it) => it.severity === "error");
  if (error === undefined) return undefined;
  const where = error.line === undefined ? "" : `Line ${error.line + 1}: `;
  return { message: `The prompt cannot be run. ${where}${error.message}`, inPreview: false };
}
