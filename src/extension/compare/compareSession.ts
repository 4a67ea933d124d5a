/** The comparison of this window: one, however many pages show it. Does what the user asks for on any of them. */

import * as vscode from "vscode";

import { messageOf } from "../../base/error.js";
import type { Disposable } from "../../base/disposable.js";
import { cellKey } from "../../protocol/cellPlace.js";
import type { Comparer } from "../../protocol/compare.js";
import type { CompareViewAction, CompareViewUpdate } from "../../protocol/compareView.js";
import { compareContext } from "../ids.js";
import type { LanguageServer } from "../languageServer.js";
import { promptTitle } from "../promptDocument.js";
import { runCardAction } from "./cardActions.js";
import { CHANGES_SHOWN } from "./changes.js";
import { CompareBoard, type CompareMemory, type PromptPlace } from "./compareBoard.js";
import { startCompare } from "./compareData.js";
import { ComparedPrompt, type PromptServices } from "./comparedPrompt.js";
import { writeVariants } from "./compareFiles.js";
import { ComparisonRuns, type RunServices } from "./comparisonRuns.js";
import { ComparisonVotes } from "./comparisonVotes.js";
import { pickPrompt } from "./picks.js";
import { restoredSetup, withSetupAction } from "./setup.js";
import { StoredComparisons } from "./storedComparisons.js";
import { runProblem } from "./viewState.js";
import { currentPair, withNextPair, withOtherPair, withPairOf, withStep } from "./voting.js";

export interface CompareServices extends PromptServices, Omit<RunServices, "comparer" | "closing"> {
  readonly comparer: Comparer;
  readonly language: Pick<LanguageServer, "preview" | "appendShot" | "compareChoices">;
  /** Names of the adapters of this window. */
  readonly adapters: () => Promise<readonly string[]>;
  readonly showLog: () => void;
}

/** After the last change of a document, before the prompt is read again. */
const PAUSE_MS = 150;

export class CompareSession implements vscode.Disposable {
  readonly #board: CompareBoard;
  readonly #prompt: ComparedPrompt;
  readonly #votes: ComparisonVotes;
  readonly #stored: StoredComparisons;
  readonly #runs: ComparisonRuns;
  readonly #closing = new AbortController();
  readonly #listener: vscode.Disposable;
  #refresh: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(
    private readonly services: CompareServices,
    memory: CompareMemory,
    remember: (memory: CompareMemory) => void,
  ) {
    const data = { ...startCompare(), blind: memory.blind, diff: memory.diff };
    this.#board = new CompareBoard({ data, memory, remember, placeOf, onResult: tellResult });
    const all = { ...services, closing: this.#closing.signal };
    const fileOf = (uri: string) => placeOf(uri).file;
    this.#prompt = new ComparedPrompt(this.#board, services);
    this.#votes = new ComparisonVotes(this.#board, all);
    this.#stored = new StoredComparisons(this.#board, this.#votes, { ...all, fileOf });
    this.#runs = new ComparisonRuns(this.#board, this.#stored, all);
    if (memory.uri !== undefined) this.#take(memory.uri);
    this.#listener = vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (this.#board.isShown && document.uri.path.endsWith(".prompt")) this.#refreshSoon();
    });
  }

  /** A page that shows the comparison; it must ask for the state when it is ready. */
  attach(page: (update: CompareViewUpdate) => void): Disposable {
    return this.#board.attach(page);
  }

  dispose(): void {
    clearTimeout(this.#refresh);
    this.#closing.abort();
    this.#runs.stop();
    this.#board.dispose();
    this.#listener.dispose();
  }

  /** Compares another prompt; what was run on the one before stays in the history. */
  choose(uri: vscode.Uri): void {
    if (uri.toString() === this.#board.data.uri) return;
    this.#runs.leave();
    this.#take(uri.toString());
    this.#board.keep({ uri: uri.toString(), comparison: undefined });
    this.#board.show(this.#board.data);
    void this.#prompt.load();
    void this.#stored.readHistory();
  }

  #take(uri: string): void {
    const { blind, diff, models, adapters } = this.#board.data;
    const setup = restoredSetup(this.#board.memory.setups[uri]);
    const title = promptTitle(vscode.Uri.parse(uri));
    this.#board.take({ ...startCompare(), blind, diff, models, adapters, uri, title, setup });
  }

  async act(action: CompareViewAction): Promise<void> {
    try {
      await this.#act(action);
    } catch (error) {
      this.services.log.write("error", `compare, ${action.type}: ${messageOf(error)}`);
      this.#board.say("error", messageOf(error));
    }
  }

  async #act(action: CompareViewAction): Promise<void> {
    const board = this.#board;
    const { data } = board;
    switch (action.type) {
      case "ready":
        board.post();
        return this.#look();
      case "choosePrompt":
        return this.#choosePrompt();
      case "openPrompt":
        return void (this.#prompt.uri && (await vscode.window.showTextDocument(this.#prompt.uri)));
      case "openSetup":
      case "addVariant":
      case "editVariant":
      case "duplicateVariant":
      case "removeVariant":
      case "changeVariant":
      case "baseline":
      case "repeats":
      case "firstSeed":
        return this.#prompt.change(withSetupAction(data.setup, action));
      case "inputs":
      case "judges":
        return this.#prompt.changeChoices(withSetupAction(data.setup, action));
      case "addOutsideVariant":
        return this.#prompt.addOutside();
      case "chooseRows":
        return this.#prompt.chooseRows();
      case "chooseJudge":
        return this.#prompt.chooseJudge();
      case "judge":
        return this.#runs.again(() => false);
      case "previewValues":
        return this.#prompt.takePreviewed();
      case "value":
        return this.#prompt.type(action.name, action.value);
      case "writeVariants":
        return this.#writeVariants();
      case "run":
        return this.#run();
      case "runFailed":
        return this.#runs.again((it) => data.result?.cells[cellKey(it)]?.status !== "finished");
      case "stop":
        return this.#runs.isRunning ? this.#runs.stop() : board.change({ changes: undefined });
      case "vote":
        return this.#votes.vote(action.choice);
      case "undo":
        return this.#votes.undo();
      case "nextPair":
        return board.show(withNextPair(data));
      case "otherPair":
        return board.show(withOtherPair(data));
      case "votePair":
        return board.show(withPairOf(data, action.left, action.right));
      case "input":
        return board.show(withStep(data, { input: action.step, repeat: 0 }));
      case "seed":
        return board.show(withStep(data, { input: 0, repeat: action.step }));
      case "diff":
        board.keep({ diff: !data.diff });
        return board.change({ diff: !data.diff });
      case "blind": {
        const blind = !data.blind;
        board.keep({ blind });
        return board.change({
          ...{ blind, changes: undefined },
          voting: { ...data.voting, chosen: undefined, isRevealed: false },
        });
      }
      case "card":
        return this.#card(action);
      case "copyAll":
        return this.#stored.export("markdown", undefined, "clipboard");
      case "export":
        return this.#stored.export(action.format, action.comparison, "file");
      case "openComparison":
        return this.#stored.open(action.id);
      case "showChanges":
        return this.#stored.showChangesSince(action.id);
      case "chooseChanges":
        return this.#stored.chooseChanges();
      case "moreChanges":
        if (data.changes === undefined) return;
        return board.change({ changes: { ...data.changes, shown: data.changes.shown + CHANGES_SHOWN } });
      case "closeChanges":
        return board.change({ changes: undefined });
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

  async #run(): Promise<void> {
    const { uri } = this.#prompt;
    if (uri === undefined) return this.#choosePrompt();
    await this.#prompt.load(); // something else may have been typed in the preview
    const problem = runProblem(this.#board.data);
    if (problem !== undefined) return this.#board.say("error", problem);
    await this.#runs.run(uri);
  }

  async #writeVariants(): Promise<void> {
    const { setup, content } = this.#board.data;
    const { uri } = this.#prompt;
    if (uri === undefined) return this.#choosePrompt();
    const problem = await writeVariants(uri, setup, content?.adapters ?? []);
    if (problem === undefined) this.#board.say("info", "The variants stand in the prompt.");
    else this.#board.say("error", problem);
  }

  async #card({ id, what }: Extract<CompareViewAction, { readonly type: "card" }>): Promise<void> {
    const { data } = this.#board;
    const pair = data.blind ? currentPair(data) : undefined;
    const place =
      id === "L" && pair !== undefined
        ? pair.left
        : id === "R" && pair !== undefined
          ? pair.right
          : { variant: id, ...(pair === undefined ? data.at : { input: pair.left.input, repeat: pair.left.repeat }) };
    if (what === "again") return this.#runs.again((it) => cellKey(it) === cellKey(place));
    const { uri } = this.#prompt;
    if (uri === undefined || data.result === undefined) return;
    const said = await runCardAction(what, { data, place, uri, language: this.services.language });
    if (said !== undefined) this.#board.say(said.kind, said.text);
  }

  /** When a page opens: the prompt, the models and adapters that are there, and what was compared before. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const board = this.#board;
    try {
      board.change({ models: this.services.models() });
      if (board.data.uri === undefined) this.#followEditor();
      await this.#prompt.load();
      const { comparison, running } = board.memory;
      await this.#stored.readHistory();
      for (const id of [running, comparison]) {
        if (id === undefined || board.data.result !== undefined || this.#runs.isRunning) continue;
        await this.#stored.open(id).catch(() => undefined); // nothing of it was stored yet, or it was deleted
      }
      board.change({ adapters: await this.services.adapters() });
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
    this.#refresh = setTimeout(() => void this.#prompt.load(), PAUSE_MS);
  }
}

function placeOf(uri: string): PromptPlace {
  const parsed = vscode.Uri.parse(uri);
  return { file: parsed.fsPath, folder: vscode.workspace.getWorkspaceFolder(parsed)?.uri.fsPath };
}

function tellResult(isThere: boolean): void {
  void vscode.commands.executeCommand("setContext", compareContext.results, isThere);
}
