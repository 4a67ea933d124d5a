/** Runs a comparison, or some cells of it again: one at a time. */

import { createHash } from "node:crypto";
import * as vscode from "vscode";

import { messageOf, TillerError } from "../../base/error.js";
import { resumeComparison } from "../../client/resumeComparison.js";
import { placesOf } from "../../protocol/cellPlace.js";
import type { CellPlace, Comparer, CompareEvent, CompareRequest } from "../../protocol/compare.js";
import type { OutsideAnswer, OutsideRequest } from "../../protocol/outside.js";
import type { Places } from "../adapters/adapterPlaces.js";
import { compareContext } from "../ids.js";
import { modelAt } from "../models/modelOptions.js";
import type { Operation, Operations } from "../operations.js";
import { promptPath } from "../promptDocument.js";
import type { Settings } from "../settings.js";
import { brokenResult } from "./brokenRun.js";
import type { CompareBoard } from "./compareBoard.js";
import { chosenInputs } from "./inputChoice.js";
import { openText } from "./judgeFile.js";
import { judgesOf } from "./judges.js";
import { askOutside } from "./outsideModels.js";
import { withCompareEvent, withFailure, withResult, withStart } from "./runEvents.js";
import { seedsOf, variantsOf } from "./setup.js";
import type { StoredComparisons } from "./storedComparisons.js";

export interface RunServices {
  readonly comparer: Pick<Comparer, "compare" | "answerOutside">;
  readonly settings: () => Settings;
  readonly places: () => Places;
  readonly operations: Operations;
  /** Aborted when the window closes. */
  readonly closing: AbortSignal;
}

/** While text streams, the page is told no more often. */
const STREAM_MS = 50;

export class ComparisonRuns {
  #running: Operation | undefined;

  constructor(
    private readonly board: CompareBoard,
    private readonly stored: StoredComparisons,
    private readonly services: RunServices,
  ) {}

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  stop(): void {
    this.#running?.cancel();
  }

  /** Stops it, and shows nothing of it any more: another prompt is looked at. */
  leave(): void {
    if (this.#running === undefined) return;
    this.stop();
    this.#ended();
  }

  /** The prompt as it stands on the screen, with the board's setup. */
  async run(uri: vscode.Uri): Promise<void> {
    const { setup, content } = this.board.data;
    const document = await vscode.workspace.openTextDocument(uri);
    const { model, models } = this.services.settings();
    const { store } = this.stored;
    const judges = this.#judges();
    const own = { guide: content?.guide, adapters: content?.adapters ?? [] };
    await this.#compare({
      path: promptPath(document),
      text: document.getText(),
      variants: variantsOf(setup, (it) => modelAt(models, it), own).map((it) => {
        const text = it.prompt && openText(it.prompt.path);
        return text === undefined ? it : { ...it, prompt: { ...it.prompt!, text } };
      }),
      model,
      inputs: chosenInputs(this.board.data),
      repeats: setup.repeats,
      seeds: seedsOf(setup),
      ...(judges !== undefined && { judges }),
      ...(store !== undefined && { store }),
      ...this.services.places(),
    });
  }

  /** Of the last run, the cells that fit; what the others wrote stays, and all is judged as it is chosen now. */
  async again(fits: (place: CellPlace) => boolean): Promise<void> {
    const { last } = this.board;
    if (last === undefined) return this.board.say("info", "Run a comparison first.");
    const { judges: _, ...request } = last.request;
    const judges = this.#judges();
    const cells = placesOf(last.result).filter(fits);
    await this.#compare({ ...request, ...(judges !== undefined && { judges }), again: { result: last.result, cells } });
  }

  #judges(): CompareRequest["judges"] {
    const { setup } = this.board.data;
    const { model, models } = this.services.settings();
    return judgesOf(setup, model, setup.judge && openText(setup.judge), (it) => modelAt(models, it));
  }

  async #compare(request: CompareRequest): Promise<void> {
    const { board } = this;
    if (!vscode.workspace.isTrusted)
      return board.show(withFailure(board.data, "Tiller runs prompts only in workspaces that you trust."));
    this.#running?.cancel();
    const operation = this.services.operations.start();
    this.#running = operation;
    const isCurrent = () => this.#running === operation;
    const start = new Date();
    board.show(withStart(board.data));
    board.promptHash = hashOf(request.text ?? "");
    const asking = new Map<string, AbortController>();
    void vscode.commands.executeCommand("setContext", compareContext.running, true);
    const onEvent = (event: CompareEvent) => {
      if (event.type === "outside") return this.#askOutside(event.request, asking, operation.signal);
      if (event.type === "outside-enough") return asking.get(event.ask)?.abort();
      if (isCurrent()) this.#onEvent(event, request);
    };
    try {
      const { comparer } = this.services;
      const result = await resumeComparison(comparer, { ...request, asksOutside: true }, onEvent, operation.signal);
      if (!isCurrent()) return;
      board.last = { request, result };
      board.promptHash = result.promptHash;
      board.show(withResult(board.data, result));
      board.keep({ comparison: request.store === undefined ? undefined : result.id });
      await this.stored.readHistory();
    } catch (error) {
      if (isCurrent()) this.#broken(request, start, error);
    } finally {
      asking.forEach((it) => it.abort());
      operation.dispose();
      if (isCurrent()) this.#ended();
    }
  }

  #ended(): void {
    // When the window is closed, the next one looks for what was stored of it.
    if (!this.services.closing.aborted) this.board.keep({ running: undefined });
    this.#running = undefined;
    void vscode.commands.executeCommand("setContext", compareContext.running, false);
  }

  #onEvent(event: CompareEvent, { store }: CompareRequest): void {
    if (event.type === "started" && store !== undefined) this.board.keep({ running: event.id });
    const isStream = event.type === "text" || event.type === "progress" || event.type === "loading";
    this.board.show(withCompareEvent(this.board.data, event), isStream ? STREAM_MS : STREAM_MS / 2);
  }

  /** A model that a file names and that the user has not chosen is sent nothing. */
  #askOutside(request: OutsideRequest, asking: Map<string, AbortController>, signal: AbortSignal): void {
    const { comparer, closing } = this.services;
    const tell = (answer: OutsideAnswer) => void comparer.answerOutside(answer, () => {}, closing).catch(() => {}); // the run tells
    const { ask, path } = request;
    if (!this.board.memory.outside.includes(path)) return tell({ ask, kind: "failed", message: notChosen(path) });
    const controller = new AbortController();
    asking.set(ask, controller);
    void askOutside(request, tell, AbortSignal.any([controller.signal, signal])).finally(() => asking.delete(ask));
  }

  #broken(request: CompareRequest, start: Date, error: unknown): void {
    const { board } = this;
    const failure = { code: error instanceof TillerError ? error.code : ("bug" as const), message: messageOf(error) };
    const { promptHash, kept } = board;
    const prompt = kept?.prompt ?? request.path;
    const result = brokenResult(board.data, { request, prompt, promptHash, start, failure });
    if (result === undefined) return board.show(withFailure(board.data, failure.message));
    board.last = { request, result };
    board.show(withResult(board.data, result));
  }
}

/** As in `CompareResult`. */
function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function notChosen(path: string): string {
  return `The file names ${path}, a model of another extension that you have not chosen here, so nothing was sent. Add it with "Model of another extension" and run again.`;
}
