/** The comparison of this window: one, however many pages show it. Asks the engine, keeps votes, and tells the pages. */

import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import * as vscode from "vscode";

import type { Disposable } from "../../base/disposable.js";
import { TillerError } from "../../base/error.js";
import { isJsonObject, type JsonObject } from "../../base/json.js";
import type { Log } from "../../base/log.js";
import type { Comparer, CompareInputs, CompareRequest, CompareResult, VoteChoice } from "../../protocol/compare.js";
import type { Choice, CompareViewAction, CompareViewUpdate } from "../../protocol/compareView.js";
import type { PreviewContent } from "../../protocol/language.js";
import type { OutsideAnswer, OutsideRequest } from "../../protocol/outside.js";
import type { Places } from "../adapters/adapterPlaces.js";
import { messageOf } from "../commandGuard.js";
import { compareContext } from "../ids.js";
import type { LanguageServer } from "../languageServer.js";
import type { Operation, Operations } from "../operations.js";
import { promptPath, promptTitle } from "../promptDocument.js";
import type { Settings } from "../settings.js";
import { brokenResult } from "./brokenRun.js";
import { askOutside, pickOutsideModel } from "./outsideModels.js";
import { runCardAction } from "./cardActions.js";
import { startCompare, type CompareData } from "./compareData.js";
import { exportComparison, writeVariants } from "./compareFiles.js";
import { shownResult, withCompareEvent, withFailure, withResult, withStart } from "./runEvents.js";
import {
  seedsOf,
  setupOfFile,
  startSetup,
  variantsOf,
  withModelVariant,
  withSetupAction,
  type CompareSetup,
} from "./setup.js";
import { viewState } from "./viewState.js";
import {
  currentPair,
  voteOf,
  withNextPair,
  withOtherPair,
  withoutLastVote,
  withPairOf,
  withStep,
  withVote,
} from "./voting.js";

export interface CompareServices {
  readonly comparer: Comparer;
  readonly language: Pick<LanguageServer, "preview" | "appendShot">;
  readonly settings: () => Settings;
  readonly places: () => Places;
  readonly models: () => readonly Choice[];
  /** Names of the adapters of this window. */
  readonly adapters: () => Promise<readonly string[]>;
  readonly operations: Operations;
  readonly log: Log;
  readonly showLog: () => void;
}

/** What outlives a reload of the window. */
export interface CompareMemory {
  readonly uri: string | undefined;
  /** By file. */
  readonly setups: Readonly<Record<string, CompareSetup>>;
  readonly inputs: Readonly<Record<string, JsonObject>>;
  readonly blind: boolean;
  readonly diff: boolean;
  /** The stored comparison that was shown. */
  readonly comparison: string | undefined;
  /** Models of other extensions that the user has chosen: what a file names is sent nowhere by that alone. */
  readonly outside: readonly string[];
}

export const noMemory: CompareMemory = {
  uri: undefined,
  setups: {},
  inputs: {},
  blind: false,
  diff: false,
  comparison: undefined,
  outside: [],
};

/** While text streams, the page is told no more often. */
const STREAM_MS = 50;
const PAUSE_MS = 150;

export class CompareSession implements vscode.Disposable {
  readonly #pages = new Set<(update: CompareViewUpdate) => void>();
  readonly #subscriptions: vscode.Disposable[] = [];
  #data: CompareData;
  #memory: CompareMemory;
  #version = 0;
  #send: NodeJS.Timeout | undefined;
  #refresh: NodeJS.Timeout | undefined;
  #running: Operation | undefined;
  /** What was run last, for cells that are run again. */
  #last: { readonly request: CompareRequest; readonly result: CompareResult } | undefined;
  #isLooking = false;
  readonly #closing = new AbortController();

  constructor(
    private readonly services: CompareServices,
    memory: CompareMemory,
    private readonly remember: (memory: CompareMemory) => void,
  ) {
    this.#memory = memory;
    this.#data = { ...startCompare(), blind: memory.blind, diff: memory.diff };
    if (memory.uri !== undefined) this.#take(memory.uri);
    this.#subscriptions.push(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (0 < this.#pages.size && document.uri.path.endsWith(".prompt")) this.#refreshSoon();
      }),
    );
  }

  get uri(): vscode.Uri | undefined {
    return this.#data.uri === undefined ? undefined : vscode.Uri.parse(this.#data.uri);
  }

  /** A page that shows the comparison; it must ask for the state when it is ready. */
  attach(page: (update: CompareViewUpdate) => void): Disposable {
    this.#pages.add(page);
    return { dispose: () => void this.#pages.delete(page) };
  }

  dispose(): void {
    clearTimeout(this.#send);
    clearTimeout(this.#refresh);
    this.#closing.abort();
    this.#running?.cancel();
    for (const it of this.#subscriptions) it.dispose();
  }

  /** Compares another prompt; what was run on the one before stays in the history. */
  choose(uri: vscode.Uri): void {
    if (uri.toString() === this.#data.uri) return;
    this.#running?.cancel();
    this.#take(uri.toString());
    this.#keep({ uri: uri.toString(), comparison: undefined });
    this.#show(this.#data);
    void this.#load();
    void this.#history();
  }

  #take(uri: string): void {
    const setup = this.#memory.setups[uri];
    this.#data = {
      ...startCompare(),
      blind: this.#data.blind,
      diff: this.#data.diff,
      models: this.#data.models,
      adapters: this.#data.adapters,
      uri,
      title: promptTitle(vscode.Uri.parse(uri)),
      setup: setup ?? startSetup(),
    };
    this.#last = undefined;
  }

  // ---------------------------------------------------------------------------------------------- what the user does

  async act(action: CompareViewAction): Promise<void> {
    try {
      await this.#act(action);
    } catch (error) {
      this.services.log.write("error", `compare, ${action.type}: ${messageOf(error)}`);
      this.#say("error", messageOf(error));
    }
  }

  async #act(action: CompareViewAction): Promise<void> {
    const data = this.#data;
    switch (action.type) {
      case "ready":
        this.#post();
        return this.#look();
      case "choosePrompt":
        return this.#choosePrompt();
      case "openPrompt":
        return void (this.uri && (await vscode.window.showTextDocument(this.uri)));
      case "openSetup":
      case "addVariant":
      case "editVariant":
      case "duplicateVariant":
      case "removeVariant":
      case "changeVariant":
      case "baseline":
      case "inputs":
      case "repeats":
      case "firstSeed":
        return this.#setup(withSetupAction(data.setup, action));
      case "addOutsideVariant":
        return this.#addOutside();
      case "chooseRows":
        return this.#chooseRows();
      case "value": {
        const uri = data.uri ?? "";
        const { [action.name]: _, ...others } = this.#memory.inputs[uri] ?? {};
        const values = action.value === undefined ? others : { ...others, [action.name]: action.value };
        this.#keep({ inputs: { ...this.#memory.inputs, [uri]: values } });
        return this.#load();
      }
      case "writeVariants":
        return this.#done(
          this.uri && (await writeVariants(this.uri, data.setup, data.content?.adapters ?? [])),
          "The variants stand in the prompt.",
        );
      case "run":
        return this.#run();
      case "runFailed":
        return this.#runAgain((it) => it.status !== "finished");
      case "stop":
        return this.#running?.cancel();
      case "vote":
        return this.#vote(action.choice);
      case "undo":
        return this.#undo();
      case "nextPair":
        return this.#show(withNextPair(data));
      case "otherPair":
        return this.#show(withOtherPair(data));
      case "votePair":
        return this.#show(withPairOf(data, action.left, action.right));
      case "input":
        return this.#show(withStep(data, { input: action.step, repeat: 0 }));
      case "seed":
        return this.#show(withStep(data, { input: 0, repeat: action.step }));
      case "diff":
        this.#keep({ diff: !data.diff });
        return this.#show({ ...data, diff: !data.diff });
      case "blind":
        this.#keep({ blind: !data.blind });
        return this.#show({
          ...data,
          blind: !data.blind,
          voting: { ...data.voting, chosen: undefined, isRevealed: false },
        });
      case "card":
        return this.#card(action);
      case "copyAll":
        return this.#export("markdown", undefined, "clipboard");
      case "export":
        return this.#export(action.format, action.comparison, "file");
      case "openComparison":
        return this.#open(action.id);
      case "showLog":
        return this.services.showLog();
      default:
        return action satisfies never;
    }
  }

  async #choosePrompt(): Promise<void> {
    const found = await vscode.workspace.findFiles("**/[!_]*.prompt", "**/node_modules/**", 500);
    const items = found
      .map((uri) => ({ label: promptTitle(uri), description: vscode.workspace.asRelativePath(uri), uri }))
      .sort((a, b) => a.description.localeCompare(b.description));
    const chosen = await vscode.window.showQuickPick(items, {
      title: "Compare",
      placeHolder:
        items.length === 0 ? "There are no .prompt files in this workspace" : "Prompt to run with each variant",
      matchOnDescription: true,
    });
    if (chosen !== undefined) this.choose(chosen.uri);
  }

  async #addOutside(): Promise<void> {
    const chosen = await pickOutsideModel();
    if (chosen === undefined) return;
    this.#keep({ outside: [...new Set([...this.#memory.outside, chosen.path])] });
    this.#setup(withModelVariant(this.#data.setup, chosen));
  }

  async #chooseRows(): Promise<void> {
    const [file] =
      (await vscode.window.showOpenDialog({
        title: "A table of inputs, an object of values on each line",
        filters: { "JSON lines": ["jsonl"] },
        ...(this.uri && { defaultUri: vscode.Uri.joinPath(this.uri, "..") }),
      })) ?? [];
    if (file !== undefined) this.#setup({ ...this.#data.setup, inputs: "rows", rows: file.fsPath });
    else this.#post(); // the page's choice goes back
  }

  #setup(setup: CompareSetup): void {
    if (setup === this.#data.setup) return;
    const { uri } = this.#data;
    if (uri !== undefined) this.#keep({ setups: { ...this.#memory.setups, [uri]: setup } });
    this.#show({ ...this.#data, setup });
  }

  async #card({ id, what }: Extract<CompareViewAction, { readonly type: "card" }>): Promise<void> {
    const data = this.#data;
    const pair = data.blind ? currentPair(data) : undefined;
    const place =
      id === "L" && pair !== undefined
        ? pair.left
        : id === "R" && pair !== undefined
          ? pair.right
          : { variant: id, ...(pair === undefined ? data.at : { input: pair.left.input, repeat: pair.left.repeat }) };
    if (what === "again")
      return this.#runAgain(
        (it) => it.variant === place.variant && it.input === place.input && it.repeat === place.repeat,
      );
    const { uri } = this;
    if (uri === undefined || data.result === undefined) return;
    const said = await runCardAction(what, { data, place, uri, language: this.services.language });
    if (said !== undefined) this.#say(said.kind, said.text);
  }

  // ---------------------------------------------------------------------------------------------- runs

  async #run(): Promise<void> {
    const { setup, content } = this.#data;
    const { uri } = this;
    if (uri === undefined) return this.#choosePrompt();
    const document = await vscode.workspace.openTextDocument(uri);
    const { model } = this.services.settings();
    const seeds = seedsOf(setup);
    const { store } = this;
    await this.#compare({
      path: promptPath(document),
      text: document.getText(),
      variants: variantsOf(setup, model, { guide: content?.guide, adapters: content?.adapters ?? [] }),
      model,
      inputs: this.#inputs(),
      repeats: setup.repeats,
      seeds,
      ...(store !== undefined && { store }),
      ...this.services.places(),
    });
  }

  #inputs(): CompareInputs {
    const { setup, content } = this.#data;
    if (setup.inputs === "rows" && setup.rows !== undefined) return { kind: "file", path: setup.rows };
    if (setup.inputs === "tests" && 0 < (content?.tests.length ?? 0)) return { kind: "tests" };
    return { kind: "values", values: content?.values ?? {} };
  }

  /** Of the last run, the cells that fit; what the others wrote stays. */
  async #runAgain(fits: (cell: CompareResult["cells"][number]) => boolean): Promise<void> {
    if (this.#last === undefined) {
      this.#say("info", "This comparison was read from the history. Run all of it to run parts of it again.");
      return;
    }
    const { request, result } = this.#last;
    const cells = result.cells.filter(fits).map(({ variant, input, repeat }) => ({ variant, input, repeat }));
    if (0 < cells.length) await this.#compare({ ...request, again: { result, cells } });
  }

  async #compare(request: CompareRequest): Promise<void> {
    if (!vscode.workspace.isTrusted)
      return this.#show(withFailure(this.#data, "Tiller runs prompts only in workspaces that you trust."));
    this.#running?.cancel();
    const operation = this.services.operations.start();
    this.#running = operation;
    const isCurrent = () => this.#running === operation;
    const start = new Date();
    this.#show(withStart(this.#data));
    const asking = new Map<string, AbortController>();
    void vscode.commands.executeCommand("setContext", compareContext.running, true);
    try {
      const result = await this.services.comparer.compare(
        { ...request, asksOutside: true },
        (event) => {
          if (event.type === "outside") return this.#askOutside(event.request, asking, operation.signal);
          if (event.type === "outside-enough") return asking.get(event.ask)?.abort();
          if (!isCurrent()) return;
          const isStream = event.type === "text" || event.type === "progress" || event.type === "loading";
          this.#show(withCompareEvent(this.#data, event), isStream ? STREAM_MS : STREAM_MS / 2);
        },
        operation.signal,
      );
      if (!isCurrent()) return;
      this.#last = { request, result };
      this.#show(withResult(this.#data, result));
      this.#keep({ comparison: request.store === undefined ? undefined : result.id });
      await this.#history();
    } catch (error) {
      if (isCurrent()) this.#broken(request, start, error);
    } finally {
      asking.forEach((it) => it.abort());
      operation.dispose();
      if (isCurrent()) {
        this.#running = undefined;
        void vscode.commands.executeCommand("setContext", compareContext.running, false);
      }
    }
  }

  /** A model that a file names and that the user has not chosen is sent nothing. */
  #askOutside(request: OutsideRequest, asking: Map<string, AbortController>, signal: AbortSignal): void {
    const tell = (answer: OutsideAnswer) =>
      void this.services.comparer.answerOutside(answer, () => {}, this.#closing.signal).catch(() => {}); // the run tells
    const { ask, path } = request;
    if (!this.#memory.outside.includes(path)) return tell({ ask, kind: "failed", message: notChosen(path) });
    const controller = new AbortController();
    asking.set(ask, controller);
    void askOutside(request, tell, AbortSignal.any([controller.signal, signal])).finally(() => asking.delete(ask));
  }

  #broken(request: CompareRequest, start: Date, error: unknown): void {
    const failure = { code: error instanceof TillerError ? error.code : ("bug" as const), message: messageOf(error) };
    const prompt = relative(request.store?.folder ?? "", request.path).replaceAll("\\", "/");
    const result = brokenResult(this.#data, { request, prompt, start, failure });
    if (result === undefined) return this.#show(withFailure(this.#data, failure.message));
    this.#last = { request, result };
    this.#show(withResult(this.#data, result));
  }

  // ---------------------------------------------------------------------------------------------- votes

  /** Counted when it is on disk, and not before. */
  async #vote(choice: VoteChoice): Promise<void> {
    const data = this.#data;
    const pair = currentPair(data);
    const { uri } = this;
    if (pair === undefined || uri === undefined || data.voting.isRevealed || data.voting.isSaving) return;
    const { folder } = this;
    if (folder === undefined) return this.#say("error", "Votes are kept in a folder. Open the folder of the prompt.");
    const id = randomUUID();
    const text = this.#last?.request.text ?? (await vscode.workspace.openTextDocument(uri)).getText();
    const about = {
      id,
      time: new Date().toISOString(),
      prompt: this.#last?.result.prompt ?? relative(folder, uri.fsPath).replaceAll("\\", "/"),
      promptHash: this.#last?.result.promptHash ?? createHash("sha256").update(text).digest("hex").slice(0, 16),
    };
    const vote = voteOf(data, pair, choice, about);
    if (vote === undefined) return;
    this.#show({ ...data, voting: { ...data.voting, isSaving: true } });
    try {
      await this.services.comparer.vote({ folder, vote }, () => {}, this.#closing.signal);
      this.#show(withVote(this.#data, { id, pair, choice }));
    } catch (error) {
      this.#show({ ...this.#data, voting: { ...this.#data.voting, isSaving: false } });
      return this.#say("error", `The vote was not kept. ${messageOf(error)}`);
    }
    await this.#rate();
  }

  async #undo(): Promise<void> {
    const { voting } = this.#data;
    const last = voting.votes.at(-1);
    const { folder } = this;
    if (last === undefined || folder === undefined || voting.isSaving) return;
    this.#show({ ...this.#data, voting: { ...voting, isSaving: true } });
    try {
      await this.services.comparer.undoVote({ folder, vote: last.id }, () => {}, this.#closing.signal);
      this.#show(withoutLastVote(this.#data));
    } catch (error) {
      this.#show({ ...this.#data, voting: { ...this.#data.voting, isSaving: false } });
      return this.#say("error", `The vote was not taken back. ${messageOf(error)}`);
    }
    await this.#rate();
  }

  async #rate(): Promise<void> {
    const { folder, uri } = this;
    if (folder === undefined || uri === undefined) return;
    const prompt = relative(folder, uri.fsPath).replaceAll("\\", "/");
    const ratings = await this.services.comparer.ratings({ folder, prompt }, () => {}, this.#closing.signal);
    if (this.uri?.toString() === uri.toString()) this.#show({ ...this.#data, ratings });
  }

  // ---------------------------------------------------------------------------------------------- files

  /** The workspace's folder of the prompt; undefined for one outside of all. */
  get folder(): string | undefined {
    const { uri } = this;
    return uri && vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  }

  get store(): CompareRequest["store"] {
    const { keep } = this.services.settings().compare;
    const { folder } = this;
    return folder === undefined || keep === 0 ? undefined : { folder, keep };
  }

  async #history(): Promise<void> {
    const { folder, uri } = this;
    // Where nothing was ever compared there is nothing to ask the engine's process for.
    if (folder === undefined || uri === undefined || !existsSync(join(folder, ".tiller"))) return;
    const prompt = relative(folder, uri.fsPath).replaceAll("\\", "/");
    const { comparisons } = await this.services.comparer.comparisons(
      { folder, prompt },
      () => {},
      this.#closing.signal,
    );
    if (this.uri?.toString() !== uri.toString()) return;
    this.#show({ ...this.#data, history: comparisons });
    await this.#rate();
  }

  async #open(id: string): Promise<void> {
    const { folder } = this;
    if (folder === undefined) return;
    const result = await this.services.comparer.openComparison({ folder, id }, () => {}, this.#closing.signal);
    this.#last = undefined;
    this.#keep({ comparison: id });
    this.#show(withResult({ ...this.#data, result: shownResult(result), notice: undefined }, result));
  }

  async #export(
    format: "markdown" | "json" | "html",
    id: string | undefined,
    target: "clipboard" | "file",
  ): Promise<void> {
    const { folder } = this;
    const comparison = id ?? this.#last?.result ?? this.#data.result?.id;
    if (comparison === undefined) return this.#say("info", "Run a comparison first.");
    const place = folder ?? (this.uri === undefined ? "" : join(this.uri.fsPath, ".."));
    const said = await exportComparison(this.services.comparer, { folder: place, comparison, format }, target);
    if (said !== undefined) this.#say("info", said);
  }

  #done(problem: string | undefined, text: string): void {
    if (problem === undefined) this.#say("info", text);
    else this.#say("error", problem);
  }

  // ---------------------------------------------------------------------------------------------- what is known

  /** When a page opens: the prompt, the models and adapters that are there, and what was compared before. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      this.#show({ ...this.#data, models: this.services.models() });
      if (this.#data.uri === undefined) this.#followEditor();
      await this.#load();
      const { comparison } = this.#memory;
      await this.#history();
      if (comparison !== undefined && this.#data.result === undefined && this.#running === undefined)
        await this.#open(comparison).catch(() => this.#keep({ comparison: undefined })); // it was deleted
      const adapters = await this.services.adapters();
      this.#show({ ...this.#data, adapters });
    } finally {
      this.#isLooking = false;
    }
  }

  #followEditor(): void {
    const editors = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors];
    const prompt = editors.find((it) => it?.document.uri.path.endsWith(".prompt") === true);
    if (prompt !== undefined) this.choose(prompt.document.uri);
  }

  #refreshSoon(): void {
    clearTimeout(this.#refresh);
    this.#refresh = setTimeout(() => void this.#load(), PAUSE_MS);
  }

  async #load(): Promise<void> {
    const { uri } = this.#data;
    if (uri === undefined) return;
    try {
      const content = await this.services.language.preview({ uri, input: this.#memory.inputs[uri] ?? {} });
      if (uri !== this.#data.uri || content === null) return;
      const isFirst = this.#data.content === undefined && this.#memory.setups[uri] === undefined;
      const setup = isFirst ? this.#setupOfFile(content) : this.#data.setup;
      const blind = isFirst && isJsonObject(content.compare) ? content.compare["blind"] : undefined;
      this.#show({ ...this.#data, content, setup, ...(typeof blind === "boolean" && { blind }) });
    } catch (error) {
      this.services.log.write("warn", `the inputs of ${uri} are not known: ${messageOf(error)}`);
    }
  }

  #setupOfFile({ compare, tests }: PreviewContent): CompareSetup {
    const { setup } = this.#data;
    const models = this.services.models();
    const bare = (it: string) => it.split(/[\\/]/).at(-1)!.replace(/\.gguf$/i, "").toLowerCase(); // prettier-ignore
    const named = {
      model: (name: string) => models.find((it) => bare(it.value) === bare(name))?.value ?? name,
      prompt: (variant: string) => (this.uri?.fsPath ?? "").replace(/(?:\.prompt)?$/, `.${variant}.prompt`),
    };
    const own = setupOfFile(compare, setup, named) ?? setup;
    return 0 < tests.length ? { ...own, inputs: "tests" } : own;
  }

  #keep(changed: Partial<CompareMemory>): void {
    this.#memory = { ...this.#memory, ...changed };
    this.remember(this.#memory);
  }

  // ---------------------------------------------------------------------------------------------- the pages

  #say(kind: "info" | "error", text: string): void {
    this.#show({ ...this.#data, notice: { kind, text } });
  }

  #show(data: CompareData, afterMs = 0): void {
    const hadResult = this.#data.result !== undefined;
    this.#data = data;
    if (hadResult !== (data.result !== undefined))
      void vscode.commands.executeCommand("setContext", compareContext.results, data.result !== undefined);
    if (afterMs === 0) this.#post();
    else this.#send ??= setTimeout(() => this.#post(), afterMs);
  }

  #post(): void {
    clearTimeout(this.#send);
    this.#send = undefined;
    if (this.#pages.size === 0) return;
    const state = viewState(this.#data, ++this.#version, new Date());
    for (const page of this.#pages) page({ type: "state", state });
  }
}

function notChosen(path: string): string {
  return `The file names ${path}, a model of another extension that you have not chosen here, so nothing was sent. Add it with "Model of another extension" and run again.`;
}
