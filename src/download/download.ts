/**
 * Gets one file, goes on where an earlier try stopped, and gives it its name only when it is whole and what it should be.
 *
 * Whether a part still belongs to the file on the server is known by the SHA-256 that the hub names, else by the server's
 * ETag or date (If-Range, RFC 9110 section 13.1.5), else by the SHA-256 that the user names, which is checked in the end;
 * without any of them the file is got from its beginning again.
 */

import { mkdirSync, statSync } from "node:fs";
import { open, statfs } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { TillerError } from "../base/error.js";
import { sizeText } from "../base/sizeText.js";
import type { OnEvent } from "../protocol/engine.js";
import type { PulledFile, PullEvent } from "../protocol/pull.js";
import { fileHash } from "./fileHash.js";
import { addressHash, openPartFile, unwritable, type PartFile, type PartState } from "./partFile.js";
import { ask, causeOf, PassingFailure, type Answer, type Credential } from "./request.js";
import { transferRate, type TransferRate } from "./transferRate.js";

export interface DownloadRequest {
  readonly url: URL;
  /** Absolute path of the file it becomes. */
  readonly target: string;
  readonly credential?: Credential | undefined;
  /** What the user says its SHA-256 is. */
  readonly sha256?: string | undefined;
  /** What every file of this kind begins with, in ASCII: anything else is given up at once. */
  readonly begins: string;
  /** Whether another file of that name may be replaced. */
  readonly replace: boolean;
  /** Looks into the whole file before it gets its name. What it throws is told, and the file is gone. */
  check(path: string): Promise<void>;
  /** Of several files, which this is. */
  readonly index: number;
  readonly count: number;
}

/** What tests replace. */
export interface DownloadWorld {
  readonly openFile: (path: string, flags: "a") => Promise<AppendedFile>;
  readonly freeBytes: (folder: string) => Promise<number>;
  /** A server that sends nothing for so long is taken for gone. */
  readonly silenceMs: number;
  /** Pauses before further tries; they begin anew whenever something has come. */
  readonly pausesMs: readonly number[];
}

export interface AppendedFile {
  /** Writes all of it. */
  appendFile(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export const realWorld: DownloadWorld = {
  openFile: open,
  freeBytes: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  silenceMs: 60_000,
  pausesMs: [1000, 2000, 4000, 8000, 16_000],
};

const PROGRESS_MS = 100;
/** A server may not make us wait longer than this between two tries. */
const LONGEST_WAIT_MS = 60_000;

export async function download(
  request: DownloadRequest,
  onEvent: OnEvent<PullEvent>,
  signal: AbortSignal,
  world: DownloadWorld = realWorld,
): Promise<PulledFile> {
  signal.throwIfAborted();
  const { target } = request;
  try {
    mkdirSync(dirname(target), { recursive: true });
  } catch (error) {
    throw unwritable(target, error);
  }
  const part = openPartFile(target);
  try {
    return await new Transfer(request, part, onEvent, signal, world).run();
  } finally {
    part.release();
  }
}

/** What the server has now. */
interface Offer {
  readonly state: PartState;
  readonly totalBytes: number | undefined;
  readonly sha256: string | undefined;
  readonly checkedBy: PulledFile["checkedBy"];
}

/** One download from its first question to its last byte. */
class Transfer {
  readonly #request: DownloadRequest;
  readonly #part: PartFile;
  readonly #onEvent: OnEvent<PullEvent>;
  readonly #signal: AbortSignal;
  readonly #world: DownloadWorld;
  readonly #rate: TransferRate = transferRate(performance.now());
  readonly #name: string;
  #toldMs = -Infinity;

  constructor(
    request: DownloadRequest,
    part: PartFile,
    onEvent: OnEvent<PullEvent>,
    signal: AbortSignal,
    world: DownloadWorld,
  ) {
    this.#request = request;
    this.#part = part;
    this.#onEvent = onEvent;
    this.#signal = signal;
    this.#world = world;
    this.#name = basename(request.target);
  }

  async run(): Promise<PulledFile> {
    let failures = 0;
    for (;;) {
      const before = this.#part.sizeBytes();
      try {
        const offer = await this.#attempt();
        if ("path" in offer) return offer;
        return await this.#finish(offer);
      } catch (error) {
        if (!(error instanceof PassingFailure)) throw error;
        if (before < this.#part.sizeBytes()) failures = 0;
        await this.#waitAfter(error, this.#world.pausesMs[failures++]);
      }
    }
  }

  async #waitAfter({ message, waitMs = 0 }: PassingFailure, pauseMs: number | undefined): Promise<void> {
    const kept = this.#part.sizeBytes();
    if (pauseMs === undefined || LONGEST_WAIT_MS < waitMs) {
      const later = LONGEST_WAIT_MS < waitMs ? `. It asks to wait ${Math.ceil(waitMs / 60_000)} minutes` : "";
      const rest = 0 < kept ? `; ${sizeText(kept)} of it are kept, and the same command goes on from there` : "";
      throw new TillerError("download-failed", `${this.#name} could not be got: ${message}${later}${rest}.`);
    }
    const ms = Math.max(pauseMs, waitMs);
    this.#onEvent({ type: "note", text: `${message}; trying again in ${Math.ceil(ms / 1000)} s` });
    await this.#pause(ms);
  }

  async #pause(ms: number): Promise<void> {
    try {
      await pause(ms, undefined, { signal: this.#signal });
    } catch {
      this.#signal.throwIfAborted();
    }
  }

  /** Asks, and takes what comes. Returns when the part is whole, or with the file that was there before. */
  async #attempt(): Promise<Offer | PulledFile> {
    for (;;) {
      const known = this.#usableState();
      const have = known === undefined ? 0 : this.#part.sizeBytes();
      const answer = await ask(
        {
          url: this.#request.url,
          credential: this.#request.credential,
          timeoutMs: this.#world.silenceMs,
          ...(0 < have && { headers: { range: `bytes=${have}-`, ...ifRange(known!) } }),
        },
        this.#signal,
      );
      try {
        const offer = this.#offer(answer);
        const there = await this.#alreadyThere(offer);
        if (there !== undefined) return there;
        const changed = 0 < have && hasChanged(known!, offer.state);
        const { status } = answer.response;
        if (status === 200) {
          if (0 < have) this.#tellRestart(changed);
          await this.#checkSpace(offer);
          this.#part.restart(offer.state);
          await this.#receive(answer, 0, offer.totalBytes);
          return offer;
        }
        if (have === 0)
          throw new TillerError(
            "download-failed",
            `${answer.response.url} answered with ${status} to a plain question.`,
          );
        if (!changed && status === 416 && have === offer.totalBytes) return offer;
        if (!changed && status === 206 && rangeStart(answer) === have) {
          await this.#checkSpace(offer);
          await this.#receive(answer, have, offer.totalBytes);
          return offer;
        }
        this.#tellRestart(changed);
        this.#part.discard();
      } finally {
        answer.close();
      }
    }
  }

  /** What the part is of, if more of the same can be asked for. */
  #usableState(): PartState | undefined {
    const { state } = this.#part;
    if (state === undefined || this.#part.sizeBytes() === 0) return undefined;
    const { url, sha256 } = this.#request;
    const isNamed = state.sha256 !== undefined && sha256 !== undefined;
    if (isNamed ? state.sha256 !== sha256 : state.address !== addressHash(url)) {
      this.#note("the part that is there is of another file; starting over");
      return undefined;
    }
    const { etag, lastModified } = state;
    if ([etag, lastModified, state.sha256, sha256].some((it) => it !== undefined)) return state;
    this.#note("the server does not say whether the file is still the same; starting over");
    return undefined;
  }

  #offer({ response, linked }: Answer): Offer {
    const { headers, status } = response;
    const { sha256: asked, url } = this.#request;
    if (asked !== undefined && linked.sha256 !== undefined && asked !== linked.sha256) {
      throw new TillerError(
        "download-failed",
        `${this.#name} was not fetched: its SHA-256 is ${linked.sha256} according to ${url.host}, not ${asked} as you say.`,
      );
    }
    const [, whole] = /^bytes (?:\d+-\d+|\*)\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
    const length = headers.get("content-length");
    const stated = status === 200 ? length : whole;
    const totalBytes =
      linked.sizeBytes ??
      (stated === null || stated === undefined ? undefined : Number(stated)) ??
      (status === 416 ? this.#part.state?.sizeBytes : undefined);
    const etag = headers.get("etag");
    const lastModified = headers.get("last-modified");
    return {
      state: {
        address: addressHash(url),
        // A weak ETag is of texts that mean the same, not of the same bytes.
        ...(etag !== null && !etag.startsWith("W/") && { etag }),
        ...(lastModified !== null && { lastModified }),
        ...(linked.sha256 !== undefined && { sha256: linked.sha256 }),
        ...(totalBytes !== undefined && { sizeBytes: totalBytes }),
      },
      totalBytes,
      sha256: linked.sha256 ?? asked,
      checkedBy: linked.sha256 !== undefined ? "hub" : asked !== undefined ? "user" : "nobody",
    };
  }

  async #alreadyThere({ totalBytes, sha256, checkedBy }: Offer): Promise<PulledFile | undefined> {
    const { target, replace } = this.#request;
    const stats = statSync(target, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!stats.isFile()) throw new TillerError("usage", `${target} is a folder. Choose another place with --to.`);
    const sameSize = stats.size === totalBytes;
    if (sameSize && (sha256 !== undefined || !replace)) {
      const found = await this.#hash(target);
      if (sha256 === undefined || found === sha256)
        return { path: target, sizeBytes: stats.size, sha256: found, checkedBy, alreadyThere: true };
    }
    if (replace) return undefined;
    const why = sameSize
      ? "with another content"
      : `with ${stats.size} bytes and not ${totalBytes ?? "those of this one"}`;
    throw new TillerError(
      "usage",
      `${target} is there already, ${why}. Choose another folder with --to, or replace it with --force.`,
    );
  }

  async #checkSpace({ totalBytes }: Offer): Promise<void> {
    if (totalBytes === undefined) return;
    const { target } = this.#request;
    const needed = totalBytes - this.#part.sizeBytes(); // what is there is gone on from, or written over
    const free = await this.#world.freeBytes(dirname(target));
    if (needed <= free) return;
    throw new TillerError(
      "file-unwritable",
      `${target} needs ${sizeText(needed)} more on its disk, and ${sizeText(free)} are free. Make room, or choose another folder with --to.`,
    );
  }

  async #receive({ response, close }: Answer, from: number, totalBytes: number | undefined): Promise<void> {
    const { target, begins } = this.#request;
    let file: AppendedFile;
    try {
      file = await this.#world.openFile(this.#part.path, "a");
    } catch (error) {
      throw unwritable(target, error);
    }
    let done = from;
    let head = "";
    try {
      for await (const bytes of this.#body(response, close)) {
        if (from === 0 && head.length < begins.length) {
          head += String.fromCharCode(...bytes.subarray(0, begins.length - head.length));
          if (!begins.startsWith(head)) this.#refuseContent(response, bytes);
        }
        if (totalBytes !== undefined && totalBytes < done + bytes.length) {
          this.#part.discard();
          throw new TillerError(
            "download-failed",
            `${this.#name}: the server sent more than the ${totalBytes} bytes it named. What came was deleted; try again.`,
          );
        }
        try {
          await file.appendFile(bytes);
        } catch (error) {
          throw unwritable(target, error);
        }
        done += bytes.length;
        this.#rate.add(bytes.length, performance.now());
        this.#tellProgress(done, totalBytes, PROGRESS_MS);
        if (done === totalBytes) break; // whatever becomes of the connection now
      }
      if (totalBytes !== undefined && done < totalBytes)
        throw new PassingFailure(`the connection ended after ${sizeText(done)} of ${sizeText(totalBytes)}`);
      try {
        await file.sync();
      } catch (error) {
        throw unwritable(target, error);
      }
      this.#tellProgress(done, totalBytes, 0);
    } finally {
      await file.close().catch(() => {}); // what matters was told by `sync`
    }
  }

  /** The chunks of the body; what goes wrong on the way is a `PassingFailure`, and a cancel the signal's reason. */
  async *#body({ body, url }: Response, close: () => void): AsyncGenerator<Uint8Array> {
    if (body === null) return;
    const reader = body.getReader();
    const { silenceMs } = this.#world;
    let silent = false;
    const timer = setTimeout(() => {
      silent = true;
      close();
    }, silenceMs);
    try {
      for (;;) {
        let read: Awaited<ReturnType<typeof reader.read>>;
        try {
          read = await reader.read();
        } catch (error) {
          this.#signal.throwIfAborted();
          if (silent) throw new PassingFailure(`${new URL(url).host} sent nothing for ${silenceMs / 1000} s`);
          throw new PassingFailure(`the connection broke (${causeOf(error)})`, undefined, { cause: error });
        }
        this.#signal.throwIfAborted();
        if (read.done) return;
        timer.refresh();
        yield read.value;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #refuseContent({ headers, url }: Response, bytes: Uint8Array): never {
    this.#part.discard();
    const type = headers.get("content-type") ?? "of no stated type";
    const isPage = /html/.test(type) || bytes[0] === 0x3c;
    const what = isPage ? "a web page" : `something else (${type})`;
    throw new TillerError(
      "model-corrupt",
      `${url} gives no ${this.#request.begins} model file but ${what}. Use the address of the file itself.`,
    );
  }

  async #finish({ sha256: expected, checkedBy }: Offer): Promise<PulledFile> {
    const { target, check } = this.#request;
    const found = await this.#hash(this.#part.path);
    if (expected !== undefined && found !== expected) {
      this.#part.discard();
      const who = checkedBy === "user" ? "you say" : `${this.#request.url.host} says`;
      throw new TillerError(
        "download-failed",
        `${this.#name} is not what it should be: its SHA-256 is ${found}, not ${expected} as ${who}. It was deleted. ` +
          `Try again; if that does not help, do not trust where it comes from.`,
      );
    }
    const sizeBytes = this.#part.sizeBytes();
    try {
      await check(this.#part.path);
    } catch (error) {
      if (error instanceof TillerError && error.code === "model-corrupt") this.#part.discard();
      throw error;
    }
    this.#part.finish();
    return { path: target, sizeBytes, sha256: found, checkedBy, alreadyThere: false };
  }

  #hash(path: string): Promise<string> {
    return fileHash(path, (fraction) => this.#onEvent({ type: "checking", name: this.#name, fraction }), this.#signal);
  }

  #tellRestart(changed: boolean): void {
    this.#note(
      changed
        ? "the file on the server has changed since; starting over"
        : "the server cannot go on in the middle of a file; starting over",
    );
  }

  #note(text: string): void {
    this.#onEvent({ type: "note", text: `${this.#name}: ${text}` });
  }

  #tellProgress(doneBytes: number, totalBytes: number | undefined, leastMs: number): void {
    const now = performance.now();
    if (now - this.#toldMs < leastMs) return;
    this.#toldMs = now;
    const { index, count } = this.#request;
    const bytesPerSecond = this.#rate.bytesPerSecond(now);
    const isKnown = totalBytes !== undefined && bytesPerSecond !== undefined && 0 < bytesPerSecond;
    this.#onEvent({
      type: "progress",
      name: this.#name,
      index,
      count,
      doneBytes,
      ...(totalBytes !== undefined && { totalBytes }),
      ...(bytesPerSecond !== undefined && { bytesPerSecond }),
      ...(isKnown && { secondsLeft: (totalBytes - doneBytes) / bytesPerSecond }),
    });
  }
}

/** Where the hub names the content, the content decides: the same file may come from another server with another ETag. */
function ifRange({ sha256, etag, lastModified }: PartState): Record<string, string> {
  const validator = sha256 === undefined ? (etag ?? lastModified) : undefined;
  return validator === undefined ? {} : { "if-range": validator };
}

function hasChanged(known: PartState, now: PartState): boolean {
  if (known.sizeBytes !== undefined && now.sizeBytes !== undefined && known.sizeBytes !== now.sizeBytes) return true;
  if (known.sha256 !== undefined && now.sha256 !== undefined) return known.sha256 !== now.sha256;
  if (known.etag !== undefined && now.etag !== undefined) return known.etag !== now.etag;
  return known.lastModified !== undefined && now.lastModified !== undefined && known.lastModified !== now.lastModified;
}

function rangeStart({ response }: Answer): number | undefined {
  const [, start] = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "") ?? [];
  return start === undefined ? undefined : Number(start);
}
