/** Getting a model file from the network. Nothing of this happens unless the user asks for one file by its address. */

import type { OnEvent } from "./engine.js";

export interface ModelPuller {
  /** Cancelling rejects with the signal's reason; what had come is kept, and the same request goes on from there. */
  pull(request: PullRequest, onEvent: OnEvent<PullEvent>, signal: AbortSignal): Promise<PullResult>;
}

export interface PullRequest {
  /** An address, `hf:OWNER/REPO/FILE`, or `OWNER/REPO[:QUANT]`. */
  readonly source: string;
  /** Absolute path of the folder that the file is put in, or of the file itself when it ends in `.gguf`. */
  readonly to: string;
  /** What the file's SHA-256 must be: 64 hexadecimal digits. */
  readonly sha256?: string;
  /** Another file of the same name is replaced (default: refused). */
  readonly replace?: boolean;
}

export type PullEvent =
  /** What will be got, as soon as it is known: the files of one model, with their sizes where they are known. */
  | { readonly type: "files"; readonly files: readonly PulledName[]; readonly licence?: string }
  | PullProgress
  /** The whole file is here, and is read again to see that it is what it should be. */
  | { readonly type: "checking"; readonly name: string; readonly fraction: number }
  /** Something that the user wants to know: why it starts over, why it waits. */
  | { readonly type: "note"; readonly text: string };

export interface PulledName {
  readonly name: string;
  readonly sizeBytes?: number;
}

export interface PullProgress {
  readonly type: "progress";
  readonly name: string;
  /** Of several files, which this is: from 1. */
  readonly index: number;
  readonly count: number;
  readonly doneBytes: number;
  /** Undefined when the server does not say. */
  readonly totalBytes?: number;
  /** Over the last seconds; undefined until there is enough to measure. */
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
}

export interface PullResult {
  /** In the order of the parts of a model that is cut into several files; the first is the one to name. */
  readonly files: readonly PulledFile[];
}

export interface PulledFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Who said what the SHA-256 must be; `nobody`: it was computed, and compared with nothing. */
  readonly checkedBy: "user" | "hub" | "nobody";
  /** It was there before, whole, and was not fetched again. */
  readonly alreadyThere: boolean;
}
