/** Ghost text: the rest of the line, offered while the user pauses. */

import { basename } from "node:path";
import * as vscode from "vscode";

import { DisposableStore } from "../../base/disposable.js";
import { messageOf, TillerError } from "../../base/error.js";
import type { Log } from "../../base/log.js";
import { guidedPlace } from "../../lang/editor/guidedPlace.js";
import { prose } from "../../lang/editor/proseGhost.js";
import type { Adaptation } from "../../protocol/adapter.js";
import type { Engine } from "../../protocol/engine.js";
import type { GhostPlace } from "../../protocol/language.js";
import type { PromptRunner } from "../../protocol/run.js";
import type { Places } from "../adapters/adapterPlaces.js";
import { registerCommand } from "../commandGuard.js";
import { commandIds, internalCommandIds, languageId } from "../ids.js";
import { promptPath } from "../promptDocument.js";
import type { LanguageServer } from "../languageServer.js";
import type { Settings } from "../settings.js";
import { countsText, noCounts, type GhostCounts } from "./ghostCounts.js";
import { registerGhostStatus } from "./ghostStatus.js";
import { ShownGhosts } from "./shownGhosts.js";
import { TypingRhythm } from "./typingRhythm.js";

export interface GhostOptions {
  readonly engine: Engine;
  readonly runner: PromptRunner;
  readonly places: () => Places;
  readonly language: Pick<LanguageServer, "ghostPlace">;
  readonly settings: () => Settings;
  readonly log: Log;
  readonly state: vscode.Memento;
}

const MAX_TOKENS = 24;
/** A value of a few-shot example is whole or nothing. */
const MAX_VALUE_TOKENS = 120;
/** Characters that are read of what stands before the cursor; the model has to read all of them. */
const LONGEST_BEFORE = 4000;
/** The beginning of what is read moves in such steps: between them the model knows what it has read already. */
const STEP = 2000;
/** A larger file is no prompt that somebody types, and would be read anew with every key. */
const LARGEST_FILE = 200_000;
const SNOOZE_MS = 10 * 60_000;
const countsKey = "tiller.ghostCounts";
/** Never read, whatever the settings say. */
const secrets = /^\.env|\.(?:pem|key|pfx|p12|kdbx)$|^id_(?:rsa|ed25519)|credentials|secret/i;

export function registerGhostText(options: GhostOptions): vscode.Disposable {
  const provider = new GhostProvider(options);
  const languages = [languageId, "markdown", "plaintext"];
  const selector = languages.map((language) => ({ language }));
  return vscode.Disposable.from(
    provider,
    registerGhostStatus({
      log: options.log,
      languages,
      isOn: (language) => options.settings().ghostLanguages.includes(language),
      pausedUntil: () => provider.pausedUntil,
      onDidPause: provider.onDidPause,
    }),
    vscode.languages.registerInlineCompletionItemProvider(selector, provider),
    registerCommand(commandIds.ghostSnooze, options.log, () => provider.snooze()),
    registerCommand(internalCommandIds.ghostAccepted, options.log, (uri: string, text: string) =>
      provider.accepted(uri, text),
    ),
    registerCommand(commandIds.ghostCounts, options.log, () => {
      void vscode.window.showInformationMessage(countsText(provider.counts));
    }),
  );
}

class GhostProvider implements vscode.InlineCompletionItemProvider, vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #rhythm = new TypingRhythm();
  readonly #ghosts = new ShownGhosts();
  /** Documents whose last change took something away: nobody wants it completed at once. */
  readonly #shrunk = new Set<string>();
  readonly #paused = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidPause = this.#paused.event;
  #snoozedUntil = 0;
  #snooze: NodeJS.Timeout | undefined;
  #seed = 0;
  #failed = false;

  constructor(private readonly options: GhostOptions) {
    this.#store.add(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const [change] = contentChanges;
        if (change === undefined) return;
        const key = document.uri.toString();
        if (change.text.length < change.rangeLength) this.#shrunk.add(key);
        else this.#shrunk.delete(key);
        if (change.text.length === 1) this.#rhythm.typed(performance.now());
      }),
    );
  }

  get counts(): GhostCounts {
    return this.options.state.get<GhostCounts>(countsKey) ?? noCounts;
  }

  get pausedUntil(): Date | undefined {
    return Date.now() < this.#snoozedUntil ? new Date(this.#snoozedUntil) : undefined;
  }

  dispose(): void {
    clearTimeout(this.#snooze);
    this.#store.dispose();
  }

  snooze(): void {
    const isOff = this.pausedUntil !== undefined;
    this.#snoozedUntil = isOff ? 0 : Date.now() + SNOOZE_MS;
    clearTimeout(this.#snooze);
    if (!isOff) this.#snooze = setTimeout(() => this.#paused.fire(), SNOOZE_MS);
    this.#paused.fire();
  }

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    if (!this.#mayComplete(document)) return [];
    const before = document.getText(new vscode.Range(new vscode.Position(0, 0), position));
    const isAsked = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    const known = this.#ghosts.at(before);
    // Asked again in the same place, others are wanted too.
    if (0 < known.length && !isAsked) return this.#items(document, position, known);
    if (!isAsked && this.#shrunk.has(document.uri.toString())) return [];
    if (!isAsked && !(await this.#pause(token))) return [];
    const place = await this.#placeOf(document, position, before, token);
    if (place === undefined || token.isCancellationRequested) return [];
    const text = await this.#generate(document, before, place, isAsked ? ++this.#seed : 0, token);
    if (text !== undefined && text.trim() !== "") this.#ghosts.add(before, text);
    if (token.isCancellationRequested) return [];
    const found = this.#ghosts.at(before);
    // Counted when it is new: one that is typed through is still the same.
    if (0 < found.length) this.#count({ shown: 1 });
    return this.#items(document, position, found);
  }

  /** Called by the editor when a completion was taken. */
  accepted(uri: string, text: string): void {
    this.#count({ accepted: 1 });
    const isKept = () => {
      const document = vscode.workspace.textDocuments.find((it) => it.uri.toString() === uri);
      return document?.getText().includes(text) === true;
    };
    const later = (ms: number, kept: Partial<GhostCounts>) => {
      const timer = setTimeout(() => {
        if (isKept()) this.#count(kept);
      }, ms);
      this.#store.add({ dispose: () => clearTimeout(timer) });
    };
    later(30_000, { keptShort: 1 });
    later(5 * 60_000, { keptLong: 1 });
  }

  #mayComplete(document: vscode.TextDocument): boolean {
    if (!vscode.workspace.isTrusted || this.pausedUntil !== undefined || this.#failed) return false;
    const { ghostLanguages, ghostExclude } = this.options.settings();
    if (!ghostLanguages.includes(document.languageId)) return false;
    if (document.uri.scheme !== "file" && document.uri.scheme !== "untitled") return false;
    if (secrets.test(basename(document.uri.path)) || isExcluded(document, ghostExclude)) return false;
    return document.offsetAt(document.lineAt(document.lineCount - 1).range.end) <= LARGEST_FILE;
  }

  /** Undefined where a completion could only disturb. */
  async #placeOf(
    document: vscode.TextDocument,
    position: vscode.Position,
    before: string,
    token: vscode.CancellationToken,
  ): Promise<GhostPlace | undefined> {
    if (document.languageId !== languageId) {
      const isLineEnd = document.lineAt(position).text.slice(position.character).trim() === "";
      return isLineEnd && before.trim() !== "" ? guidedPlace(prose, this.options.settings().guide) : undefined;
    }
    try {
      const params = { uri: document.uri.toString(), offset: before.length };
      return (await this.options.language.ghostPlace(params, token)) ?? undefined;
    } catch (error) {
      if (!token.isCancellationRequested) this.options.log.write("warn", `no completion: ${messageOf(error)}`);
      return undefined;
    }
  }

  #pause(token: vscode.CancellationToken): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(!token.isCancellationRequested), this.#rhythm.leftMs(performance.now()));
      token.onCancellationRequested(() => {
        clearTimeout(timer);
        resolve(false);
      });
    });
  }

  /** What the prompt itself says of adapters steers its completions too. */
  async #adaptation(document: vscode.TextDocument, signal: AbortSignal): Promise<Adaptation> {
    if (document.languageId !== languageId) return {};
    const text = document.getText();
    if (!/^tiller\.(?:adapters|routing|guide)\b/m.test(text)) return {};
    const request = { path: promptPath(document), text, ...this.options.places() };
    return this.options.runner.adaptation(request, () => {}, signal);
  }

  async #generate(
    document: vscode.TextDocument,
    before: string,
    place: GhostPlace,
    seed: number,
    token: vscode.CancellationToken,
  ): Promise<string | undefined> {
    const control = new AbortController();
    const listening = token.onCancellationRequested(() => control.abort());
    try {
      const { model } = this.options.settings();
      const { text } = await this.options.engine.generate(
        {
          model,
          ...(await this.#adaptation(document, control.signal)),
          prompt: { type: "text", text: lastPart(before) },
          heal: true,
          maxTokens: place.written === undefined ? MAX_TOKENS : MAX_VALUE_TOKENS,
          constraint: place.constraint,
          ...(place.written !== undefined && { written: place.written }),
          ...(place.wordBias && { wordBias: place.wordBias }),
          stop: place.stop,
          sampling: { temperature: seed === 0 ? 0 : 0.8, seed },
        },
        () => undefined,
        control.signal,
      );
      return text;
    } catch (error) {
      // What was typed may break what is asked for: that is the user's to see, and no failure.
      const isRefused = error instanceof TillerError && /^(?:constraint|adapter)-/.test(error.code);
      if (!control.signal.aborted && !isRefused) {
        this.#failed = true; // told once, not with every key
        this.options.log.write("warn", `there are no completions until the window is reloaded: ${messageOf(error)}`);
      }
      return undefined;
    } finally {
      listening.dispose();
    }
  }

  #items(
    document: vscode.TextDocument,
    position: vscode.Position,
    texts: readonly string[],
  ): vscode.InlineCompletionItem[] {
    const range = new vscode.Range(position, position);
    return texts.map((text) => {
      const command = {
        title: "Completion accepted",
        command: internalCommandIds.ghostAccepted,
        arguments: [document.uri.toString(), text],
      };
      return new vscode.InlineCompletionItem(text, range, command);
    });
  }

  #count(more: Partial<GhostCounts>): void {
    const before = this.counts;
    const keys = Object.keys(before) as (keyof GhostCounts)[];
    const counts = Object.fromEntries(keys.map((key) => [key, before[key] + (more[key] ?? 0)]));
    void this.options.state.update(countsKey, counts);
  }
}

/** Half of the longest, and up to the whole. */
function lastPart(before: string): string {
  if (before.length <= LONGEST_BEFORE) return before;
  return before.slice(Math.ceil((before.length - LONGEST_BEFORE) / STEP) * STEP);
}

function isExcluded(document: vscode.TextDocument, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => 0 < vscode.languages.match({ pattern }, document));
}
