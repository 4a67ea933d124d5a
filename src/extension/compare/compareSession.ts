/** The comparison of this window: one, however many pages show it. Asks the engine, keeps votes, and tells the pages. */

import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import * as vscode from "vscode";

import type { Disposable } from "../../base/disposable.js";
import { TillerError } from "../../base/error.js";
import { isJsonObject, type JsonObject } from "../../base/json.js";
import type { Log } from "../../base/log.js";
import { resumeComparison } from "../../client/resumeComparison.js";
import { canonical } from "../../compare/variantKey.js";
import { cellKey, placesOf } from "../../protocol/cellPlace.js";
import type { CellPlace, Comparer, CompareRequest, CompareResult, Vote, VoteChoice } from "../../protocol/compare.js";
import type { Choice, CompareViewAction, CompareViewUpdate } from "../../protocol/compareView.js";
import type { OutsideAnswer, OutsideRequest } from "../../protocol/outside.js";
import type { Places } from "../adapters/adapterPlaces.js";
import { messageOf } from "../commandGuard.js";
import { compareContext } from "../ids.js";
import { modelAt } from "../models/modelOptions.js";
import type { LanguageServer } from "../languageServer.js";
import type { Operation, Operations } from "../operations.js";
import { promptPath, promptTitle } from "../promptDocument.js";
import type { Settings } from "../settings.js";
import { brokenResult } from "./brokenRun.js";
import { askOutside, pickOutsideModel } from "./outsideModels.js";
import { runCardAction } from "./cardActions.js";
import { CHANGES_SHOWN } from "./changes.js";
import { noVoting, startCompare, type CompareData } from "./compareData.js";
import { exportComparison, writeVariants } from "./compareFiles.js";
import { firstSetup } from "./firstSetup.js";
import { chosenInputs } from "./inputChoice.js";
import { pickTable } from "./inputTable.js";
import { openText, pickJudge } from "./judgeFile.js";
import { judgesOf } from "./judges.js";
import { shownResult, withCompareEvent, withFailure, withResult, withStart } from "./runEvents.js";
import { restoredSetup, seedsOf, variantsOf, withModelVariant, withSetupAction, type CompareSetup } from "./setup.js";
import { pickComparison, pickPrompt } from "./picks.js";
import { promptVersions } from "./promptVersions.js";
import { storedRequest } from "./storedRequest.js";
import { runProblem, viewState } from "./viewState.js";
import {
  currentPair,
  voteOf,
  withNextPair,
  withOtherPair,
  withoutLastVote,
  withPairOf,
  withStep,
  withStoredVotes,
  withVote,
} from "./voting.js";

export interface CompareServices {
  readonly comparer: Comparer;
  readonly language: Pick<LanguageServer, "preview" | "appendShot" | "compareChoices">;
  readonly settings: () => Settings;
  readonly places: () => Places;
  readonly models: () => readonly Choice[];
  /** What was typed in the preview of a prompt. */
  readonly previewed: (uri: vscode.Uri) => JsonObject;
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
  /** The one that was being written: a part of it may be stored. */
  readonly running: string | undefined;
}

export const noMemory: CompareMemory = {
  uri: undefined,
  setups: {},
  inputs: {},
  blind: false,
  diff: false,
  comparison: undefined,
  outside: [],
  running: undefined,
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
  /** Of the text that wrote what is shown. */
  #promptHash = "";
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
      setup: restoredSetup(setup),
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
      case "repeats":
      case "firstSeed":
        return this.#setup(withSetupAction(data.setup, action));
      case "inputs":
        this.#setup(withSetupAction(data.setup, action));
        return this.#readChoices();
      case "addOutsideVariant":
        return this.#addOutside();
      case "chooseRows":
        return this.#chooseRows();
      case "chooseJudge":
        return this.#chooseJudge();
      case "judges":
        this.#setup(withSetupAction(data.setup, action));
        return this.#readChoices();
      case "judge":
        return this.#runAgain(() => false);
      case "previewValues":
        return this.#keepInputs(undefined);
      case "value": {
        const { [action.name]: _, ...others } = this.#typed();
        return this.#keepInputs(action.value === undefined ? others : { ...others, [action.name]: action.value });
      }
      case "writeVariants":
        return this.#done(
          this.uri && (await writeVariants(this.uri, data.setup, data.content?.adapters ?? [])),
          "The variants stand in the prompt.",
        );
      case "run":
        return this.#run();
      case "runFailed":
        return this.#runAgain((it) => data.result?.cells[cellKey(it)]?.status !== "finished");
      case "stop":
        if (this.#running === undefined) return this.#show({ ...data, changes: undefined });
        return this.#running.cancel();
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
          changes: undefined,
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
      case "showChanges":
        return this.#showChanges(action.id, data.history[data.history[0]?.id === action.id ? 1 : 0]?.id);
      case "chooseChanges":
        return this.#chooseChanges();
      case "moreChanges":
        return this.#show({
          ...data,
          changes: data.changes && { ...data.changes, shown: data.changes.shown + CHANGES_SHOWN },
        });
      case "closeChanges":
        return this.#show({ ...data, changes: undefined });
      case "showLog":
        return this.services.showLog();
      default:
        return action satisfies never;
    }
  }

  async #choosePrompt(): Promise<void> {
    const uri = await pickPrompt();
    if (uri !== undefined) this.choose(uri);
  }

  async #addOutside(): Promise<void> {
    const chosen = await pickOutsideModel();
    if (chosen === undefined) return;
    this.#keep({ outside: [...new Set([...this.#memory.outside, chosen.path])] });
    this.#setup(withModelVariant(this.#data.setup, chosen));
  }

  async #chooseRows(): Promise<void> {
    const rows = await pickTable(this.uri);
    if (rows === undefined) return this.#post(); // the page's choice goes back
    this.#setup({ ...this.#data.setup, inputs: "rows", rows });
    await this.#readChoices();
  }

  async #chooseJudge(): Promise<void> {
    const judge = this.uri && (await pickJudge(this.uri));
    if (judge === undefined) return this.#post(); // the page's choice goes back
    this.#setup({ ...this.#data.setup, judge });
    await this.#readChoices();
  }

  #judges(): CompareRequest["judges"] {
    const { setup } = this.#data;
    const { model, models } = this.services.settings();
    return judgesOf(setup, model, setup.judge && openText(setup.judge), (it) => modelAt(models, it));
  }

  /** What was typed here, and before anything was, what was typed in the preview. */
  #typed(): JsonObject {
    const { uri } = this;
    return uri === undefined ? {} : (this.#memory.inputs[uri.toString()] ?? this.services.previewed(uri));
  }

  /** Undefined: those of the preview. */
  #keepInputs(values: JsonObject | undefined): Promise<void> {
    const uri = this.#data.uri ?? "";
    const { [uri]: _, ...others } = this.#memory.inputs;
    this.#keep({ inputs: values === undefined ? others : { ...others, [uri]: values } });
    return this.#load();
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
    const { uri } = this;
    if (uri === undefined) return this.#choosePrompt();
    await this.#load(); // something else may have been typed in the preview
    const problem = runProblem(this.#data);
    if (problem !== undefined) return this.#say("error", problem);
    const { setup, content } = this.#data;
    const document = await vscode.workspace.openTextDocument(uri);
    const { model, models } = this.services.settings();
    const seeds = seedsOf(setup);
    const { store } = this;
    const judges = this.#judges();
    await this.#compare({
      path: promptPath(document),
      text: document.getText(),
      variants: variantsOf(setup, (it) => modelAt(models, it), {
        guide: content?.guide,
        adapters: content?.adapters ?? [],
      }).map((it) => {
        const text = it.prompt && openText(it.prompt.path);
        return text === undefined ? it : { ...it, prompt: { ...it.prompt!, text } };
      }),
      model,
      inputs: chosenInputs(this.#data),
      repeats: setup.repeats,
      seeds,
      ...(judges !== undefined && { judges }),
      ...(store !== undefined && { store }),
      ...this.services.places(),
    });
  }

  /** Of the last run, the cells that fit; what the others wrote stays, and all is judged as it is chosen now. */
  async #runAgain(fits: (place: CellPlace) => boolean): Promise<void> {
    if (this.#last === undefined) return this.#say("info", "Run a comparison first.");
    const { result } = this.#last;
    const { judges: _, ...request } = this.#last.request;
    const judges = this.#judges();
    const cells = placesOf(result).filter(fits);
    await this.#compare({ ...request, ...(judges !== undefined && { judges }), again: { result, cells } });
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
    this.#promptHash = createHash("sha256")
      .update(request.text ?? "")
      .digest("hex")
      .slice(0, 16);
    const asking = new Map<string, AbortController>();
    void vscode.commands.executeCommand("setContext", compareContext.running, true);
    try {
      const result = await resumeComparison(
        this.services.comparer,
        { ...request, asksOutside: true },
        (event) => {
          if (event.type === "outside") return this.#askOutside(event.request, asking, operation.signal);
          if (event.type === "outside-enough") return asking.get(event.ask)?.abort();
          if (!isCurrent()) return;
          if (event.type === "started" && request.store !== undefined) this.#keep({ running: event.id });
          const isStream = event.type === "text" || event.type === "progress" || event.type === "loading";
          this.#show(withCompareEvent(this.#data, event), isStream ? STREAM_MS : STREAM_MS / 2);
        },
        operation.signal,
      );
      if (!isCurrent()) return;
      this.#last = { request, result };
      this.#promptHash = result.promptHash;
      this.#show(withResult(this.#data, result));
      this.#keep({ comparison: request.store === undefined ? undefined : result.id });
      await this.#history();
    } catch (error) {
      if (isCurrent()) this.#broken(request, start, error);
    } finally {
      asking.forEach((it) => it.abort());
      operation.dispose();
      if (isCurrent()) {
        // When the window is closed, the next one looks for what was stored of it.
        if (!this.#closing.signal.aborted) this.#keep({ running: undefined });
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
    const result = brokenResult(this.#data, { request, prompt, promptHash: this.#promptHash, start, failure });
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
    const prompt = relative(folder, uri.fsPath).replaceAll("\\", "/");
    const about = { id, time: new Date().toISOString(), prompt, promptHash: this.#promptHash };
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

  /** On a comparison, from whatever window; undefined where they cannot be read, and then more pairs are offered. */
  async #storedVotes(comparison: string): Promise<readonly Vote[] | undefined> {
    const { folder } = this;
    if (folder === undefined) return undefined;
    try {
      return (await this.services.comparer.votes({ folder, comparison }, () => {}, this.#closing.signal)).votes;
    } catch (error) {
      this.services.log.write("warn", `which pairs were voted on is not known: ${messageOf(error)}`);
      return undefined;
    }
  }

  async #rate(): Promise<void> {
    const { folder, uri } = this;
    if (folder === undefined || uri === undefined) return;
    const comparison = this.#data.result?.id;
    const { votes: before } = this.#data.voting;
    const stored = comparison === undefined ? undefined : await this.#storedVotes(comparison);
    const { isSaving, votes: now } = this.#data.voting;
    // What was read may lack a vote that was cast meanwhile; that one reads them anew.
    if (stored !== undefined && this.#data.result?.id === comparison && now === before && !isSaving)
      this.#show(withStoredVotes(this.#data, stored));
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
    const [result, votes] = await Promise.all([
      this.services.comparer.openComparison({ folder, id }, () => {}, this.#closing.signal),
      this.#storedVotes(id),
    ]);
    const { uri, store } = this;
    if (uri === undefined) return;
    const { model, models } = this.services.settings();
    const here = {
      ...{ path: uri.fsPath, model, models: this.services.models(), modelAt: (it: string) => modelAt(models, it) },
      ...this.services.places(),
    };
    this.#last = { request: storedRequest(result, { ...here, ...(store !== undefined && { store }) }), result };
    this.#promptHash = result.promptHash;
    this.#keep({ comparison: id });
    const opened = withResult({ ...this.#data, result: shownResult(result), voting: noVoting }, result);
    this.#show(withStoredVotes({ ...opened, judgeProblems: [], changes: undefined, notice: undefined }, votes ?? []));
  }

  /** Between two stored comparisons, whichever is the older one. */
  async #showChanges(one: string, other: string | undefined): Promise<void> {
    const { folder } = this;
    const rank = (id: string) => this.#data.history.findIndex((it) => it.id === id);
    const [newer, older] = [one, other].sort((a, b) => rank(a ?? "") - rank(b ?? ""));
    if (folder === undefined || newer === undefined || older === undefined) return;
    // What changed names the variants.
    if (this.#data.blind)
      return this.#say("info", "Votes are blind, and changes would name the variants. Switch Blind off to see them.");
    const diff = await this.services.comparer.diffComparisons({ folder, older, newer }, () => {}, this.#closing.signal);
    this.#show({ ...this.#data, changes: { diff, shown: CHANGES_SHOWN }, notice: undefined });
  }

  async #chooseChanges(): Promise<void> {
    const { changes, history } = this.#data;
    const id = changes && (await pickComparison(history, changes.diff));
    if (id !== undefined) await this.#showChanges(changes!.diff.newer.id, id);
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
      const { comparison, running } = this.#memory;
      await this.#history();
      for (const id of [running, comparison]) {
        if (id === undefined || this.#data.result !== undefined || this.#running !== undefined) continue;
        await this.#open(id).catch(() => undefined); // nothing of it was stored yet, or it was deleted
      }
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
      const content = await this.services.language.preview({ uri, input: this.#typed() });
      if (uri !== this.#data.uri || content === null) return;
      const isFirst = this.#data.content === undefined && this.#memory.setups[uri] === undefined;
      const named = { path: vscode.Uri.parse(uri).fsPath, models: this.services.models() };
      const setup = isFirst ? firstSetup(content, this.#data.setup, named) : this.#data.setup;
      const blind = isFirst && isJsonObject(content.compare) ? content.compare["blind"] : undefined;
      const isOwnForm = this.#isOwnForm(vscode.Uri.parse(uri));
      this.#show({ ...this.#data, content, setup, isOwnForm, ...(typeof blind === "boolean" && { blind }) });
      await Promise.all([this.#readChoices(), this.#readVersions()]);
    } catch (error) {
      this.services.log.write("warn", `the inputs of ${uri} are not known: ${messageOf(error)}`);
    }
  }

  #isOwnForm(uri: vscode.Uri): boolean {
    const own = this.#memory.inputs[uri.toString()];
    return own !== undefined && canonical(own) !== canonical(this.services.previewed(uri));
  }

  /** How many rows the table has, whether the judge can judge. */
  async #readChoices(): Promise<void> {
    const { uri, setup } = this.#data;
    const { judge, rows } = setup;
    const table = setup.inputs === "rows" ? rows : undefined;
    if (uri === undefined || (table === undefined && judge === undefined)) return;
    const params = { uri, ...(table !== undefined && { table }), ...(judge !== undefined && { judge }) };
    const found = await this.services.language.compareChoices(params);
    const now = this.#data.setup;
    this.#show({
      ...this.#data,
      ...(found?.table && table === now.rows && { table: { path: table!, ...found.table } }),
      ...(found?.judge && judge === now.judge && { judge: { path: judge!, ...found.judge } }),
    });
  }

  async #readVersions(): Promise<void> {
    const { uri } = this;
    const versions = uri && (await promptVersions(uri));
    if (versions && this.uri?.toString() === uri.toString()) this.#show({ ...this.#data, versions });
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
