/**
 * What all parts of a comparison in the editor read and change: what is known, what outlives a reload, and the pages that show
 * it. Nothing here knows of the editor.
 */

import { relative } from "node:path";

import type { Disposable } from "../../base/disposable.js";
import type { JsonObject } from "../../base/json.js";
import type { CompareRequest, CompareResult } from "../../protocol/compare.js";
import type { CompareViewUpdate } from "../../protocol/compareView.js";
import type { CompareData } from "./compareData.js";
import type { CompareSetup } from "./setup.js";
import { viewState } from "./viewState.js";

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

/** Where a prompt lies. */
export interface PromptPlace {
  readonly file: string;
  /** The workspace's folder of it; undefined for one outside of all. */
  readonly folder: string | undefined;
}

export interface BoardOptions {
  readonly data: CompareData;
  readonly memory: CompareMemory;
  readonly remember: (memory: CompareMemory) => void;
  readonly placeOf: (uri: string) => PromptPlace;
  /** Told when a result comes or goes. */
  readonly onResult: (isThere: boolean) => void;
}

/** A prompt whose votes and comparisons are kept. */
export interface KeptPrompt {
  readonly uri: string;
  readonly folder: string;
  /** Its path from the folder, with slashes. */
  readonly prompt: string;
}

/** What was run last, for cells that are run again. */
export interface LastRun {
  readonly request: CompareRequest;
  readonly result: CompareResult;
}

export class CompareBoard implements Disposable {
  readonly #pages = new Set<(update: CompareViewUpdate) => void>();
  readonly #options: BoardOptions;
  #data: CompareData;
  #memory: CompareMemory;
  #version = 0;
  #send: NodeJS.Timeout | undefined;
  last: LastRun | undefined;
  /** Of the text that wrote what is shown. */
  promptHash = "";

  constructor(options: BoardOptions) {
    this.#options = options;
    this.#data = options.data;
    this.#memory = options.memory;
  }

  get data(): CompareData {
    return this.#data;
  }

  get memory(): CompareMemory {
    return this.#memory;
  }

  get isShown(): boolean {
    return 0 < this.#pages.size;
  }

  get folder(): string | undefined {
    const { uri } = this.#data;
    return uri === undefined ? undefined : this.#options.placeOf(uri).folder;
  }

  get kept(): KeptPrompt | undefined {
    const { uri } = this.#data;
    if (uri === undefined) return undefined;
    const { file, folder } = this.#options.placeOf(uri);
    return folder === undefined ? undefined : { uri, folder, prompt: relative(folder, file).replaceAll("\\", "/") };
  }

  /** A page that shows the comparison; it must ask for the state when it is ready. */
  attach(page: (update: CompareViewUpdate) => void): Disposable {
    this.#pages.add(page);
    return { dispose: () => void this.#pages.delete(page) };
  }

  /** Begins with other data, which the pages are not told yet. */
  take(data: CompareData): void {
    this.#data = data;
    this.last = undefined;
  }

  show(data: CompareData, afterMs = 0): void {
    const hadResult = this.#data.result !== undefined;
    this.#data = data;
    if (hadResult !== (data.result !== undefined)) this.#options.onResult(data.result !== undefined);
    if (afterMs === 0) this.post();
    else this.#send ??= setTimeout(() => this.post(), afterMs);
  }

  change(changed: Partial<CompareData>): void {
    this.show({ ...this.#data, ...changed });
  }

  say(kind: "info" | "error", text: string): void {
    this.change({ notice: { kind, text } });
  }

  keep(changed: Partial<CompareMemory>): void {
    this.#memory = { ...this.#memory, ...changed };
    this.#options.remember(this.#memory);
  }

  post(): void {
    clearTimeout(this.#send);
    this.#send = undefined;
    if (!this.isShown) return;
    const state = viewState(this.#data, ++this.#version, new Date());
    for (const page of this.#pages) page({ type: "state", state });
  }

  dispose(): void {
    clearTimeout(this.#send);
  }
}
