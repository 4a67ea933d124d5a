/** Comparisons that were kept: the history of a prompt, one of them opened again, two of them side by side, reports. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Comparer, CompareRequest, ExportRequest } from "../../protocol/compare.js";
import type { Choice } from "../../protocol/compareView.js";
import type { Places } from "../adapters/adapterPlaces.js";
import { modelAt } from "../models/modelOptions.js";
import type { Settings } from "../settings.js";
import { CHANGES_SHOWN } from "./changes.js";
import type { CompareBoard } from "./compareBoard.js";
import { noVoting } from "./compareData.js";
import { exportComparison } from "./compareFiles.js";
import type { ComparisonVotes } from "./comparisonVotes.js";
import { pickComparison } from "./picks.js";
import { shownResult, withResult } from "./runEvents.js";
import { storedRequest } from "./storedRequest.js";
import { withStoredVotes } from "./voting.js";

export interface StoredServices {
  readonly comparer: Pick<Comparer, "comparisons" | "openComparison" | "diffComparisons" | "exportComparison">;
  readonly settings: () => Settings;
  readonly places: () => Places;
  readonly models: () => readonly Choice[];
  readonly fileOf: (uri: string) => string;
  /** Aborted when the window closes. */
  readonly closing: AbortSignal;
}

export class StoredComparisons {
  constructor(
    private readonly board: CompareBoard,
    private readonly votes: ComparisonVotes,
    private readonly services: StoredServices,
  ) {}

  /** Where the next one is kept; undefined: nowhere. */
  get store(): CompareRequest["store"] {
    const { keep } = this.services.settings().compare;
    const { folder } = this.board;
    return folder === undefined || keep === 0 ? undefined : { folder, keep };
  }

  async readHistory(): Promise<void> {
    const { kept } = this.board;
    // Where nothing was ever compared there is nothing to ask the engine's process for.
    if (kept === undefined || !existsSync(join(kept.folder, ".tiller"))) return;
    const { uri, folder, prompt } = kept;
    const { comparer, closing } = this.services;
    const { comparisons } = await comparer.comparisons({ folder, prompt }, () => {}, closing);
    if (this.board.data.uri !== uri) return;
    this.board.change({ history: comparisons });
    await this.votes.rate();
  }

  async open(id: string): Promise<void> {
    const { board, store } = this;
    const { folder } = board;
    if (folder === undefined) return;
    const [result, votes] = await Promise.all([
      this.services.comparer.openComparison({ folder, id }, () => {}, this.services.closing),
      this.votes.stored(id),
    ]);
    const { uri } = board.data;
    if (uri === undefined) return;
    const { model, models } = this.services.settings();
    const request = storedRequest(result, {
      ...{ path: this.services.fileOf(uri), model, models: this.services.models() },
      modelAt: (it) => modelAt(models, it),
      ...this.services.places(),
      ...(store !== undefined && { store }),
    });
    board.last = { request, result };
    board.promptHash = result.promptHash;
    board.keep({ comparison: id });
    const opened = withResult({ ...board.data, result: shownResult(result), voting: noVoting }, result);
    board.show(withStoredVotes({ ...opened, judgeProblems: [], changes: undefined, notice: undefined }, votes ?? []));
  }

  /** From the one before; undefined where there is none. */
  showChangesSince(id: string): Promise<void> {
    const { history } = this.board.data;
    return this.showChanges(id, history[history[0]?.id === id ? 1 : 0]?.id);
  }

  /** Between two, whichever is the older one. */
  async showChanges(one: string, other: string | undefined): Promise<void> {
    const { folder, data } = this.board;
    const rank = (id: string) => data.history.findIndex((it) => it.id === id);
    const [newer, older] = [one, other].sort((a, b) => rank(a ?? "") - rank(b ?? ""));
    if (folder === undefined || newer === undefined || older === undefined) return;
    // What changed names the variants.
    if (data.blind) {
      const message = "Votes are blind, and changes would name the variants. Switch Blind off to see them.";
      return this.board.say("info", message);
    }
    const { comparer, closing } = this.services;
    const diff = await comparer.diffComparisons({ folder, older, newer }, () => {}, closing);
    this.board.change({ changes: { diff, shown: CHANGES_SHOWN }, notice: undefined });
  }

  async chooseChanges(): Promise<void> {
    const { changes, history } = this.board.data;
    const id = changes && (await pickComparison(history, changes.diff));
    if (id !== undefined) await this.showChanges(changes!.diff.newer.id, id);
  }

  /** `id` undefined: of what is shown. */
  async export(format: ExportRequest["format"], id: string | undefined, target: "clipboard" | "file"): Promise<void> {
    const { folder, data, last } = this.board;
    const comparison = id ?? last?.result ?? data.result?.id;
    if (comparison === undefined) return this.board.say("info", "Run a comparison first.");
    const place = folder ?? (data.uri === undefined ? "" : dirname(this.services.fileOf(data.uri)));
    const said = await exportComparison(this.services.comparer, { folder: place, comparison, format }, target);
    if (said !== undefined) this.board.say("info", said);
  }
}
