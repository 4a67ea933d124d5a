/**
 * What has come of a file so far: `NAME.part`, beside it `NAME.part.json`, which says of what it is a part. The name is not
 * that of a model, so nothing half-written is ever listed or loaded; when all is there and checked, it gets its own name.
 */

import { createHash } from "node:crypto";
import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";

import { TillerError } from "../base/error.js";

/** Which version of which file the bytes are from. */
export interface PartState {
  /** Hash of the address: the address itself may hold a secret. */
  readonly address: string;
  /** As the server that sends the bytes gave it. */
  readonly etag?: string;
  readonly lastModified?: string;
  /** What the hub says the whole file's SHA-256 is. */
  readonly sha256?: string;
  readonly sizeBytes?: number;
}

export interface PartFile {
  readonly path: string;
  /** What is there and belongs to `state`; 0 when there is nothing to go on from. */
  sizeBytes(): number;
  readonly state: PartState | undefined;
  /** Forgets what is there; what comes from now on is of `state`. */
  restart(state: PartState): void;
  discard(): void;
  /** The part becomes the file. */
  finish(): void;
  /** To be called in the end, whatever has become of it: others may then go on with the part. */
  release(): void;
}

/** Throws `file-unwritable` when another process is at it, or the folder cannot be written to. */
export function openPartFile(target: string): PartFile {
  const path = `${target}.part`;
  const statePath = `${path}.json`;
  const lockPath = `${path}.lock`;
  lock(lockPath, target);
  let state = readState(statePath);
  return {
    path,
    sizeBytes: () => (state === undefined ? 0 : (statSync(path, { throwIfNoEntry: false })?.size ?? 0)),
    get state() {
      return state;
    },
    restart(next) {
      state = undefined; // between the two writes the old bytes must not pass for new ones
      rmSync(statePath, { force: true });
      guarded(target, () => {
        writeFileSync(path, "");
        writeFileSync(statePath, JSON.stringify({ version: 1, ...next }));
      });
      state = next;
    },
    discard() {
      state = undefined;
      for (const it of [statePath, path]) rmSync(it, { force: true });
    },
    finish() {
      guarded(target, () => renameSync(path, target));
      rmSync(statePath, { force: true });
      state = undefined;
    },
    release: () => rmSync(lockPath, { force: true }),
  };
}

export function addressHash(url: URL): string {
  return createHash("sha256").update(url.href).digest("hex");
}

/** What is said when a file cannot be written: which one, why, what to do. */
export function unwritable(target: string, error: unknown): TillerError {
  const { code } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: "the disk is full. What has come is kept; make room, and the same command goes on from there",
    EDQUOT:
      "your share of the disk is used up. What has come is kept; make room, and the same command goes on from there",
    EACCES: "it may not be written there. Choose another folder with --to",
    EPERM: "it may not be written there. Choose another folder with --to",
    EROFS: "the disk cannot be written to. Choose another folder with --to",
    EFBIG: "the file system cannot hold files of that size. Choose a folder on another disk with --to",
  };
  const why = (code === undefined ? undefined : reasons[code]) ?? `${code ?? String(error)}`;
  return new TillerError("file-unwritable", `${target} cannot be written: ${why}.`, { cause: error });
}

function guarded(target: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw unwritable(target, error);
  }
}

function readState(path: string): PartState | undefined {
  try {
    const { version, address, etag, lastModified, sha256, sizeBytes } = JSON.parse(readFileSync(path, "utf8")) as {
      readonly [key: string]: unknown;
    };
    if (version !== 1 || typeof address !== "string") return undefined;
    return {
      address,
      ...(typeof etag === "string" && { etag }),
      ...(typeof lastModified === "string" && { lastModified }),
      ...(typeof sha256 === "string" && { sha256 }),
      ...(typeof sizeBytes === "number" && { sizeBytes }),
    };
  } catch {
    return undefined; // there is none, or it was cut off in the middle: then the part is of no use
  }
}

/** Two processes that append to one part would spoil it. A lock whose process is gone is nobody's. */
function lock(path: string, target: string): void {
  for (let tries = 0; tries < 3; tries++) {
    try {
      const descriptor = openSync(path, "wx");
      writeSync(descriptor, String(process.pid));
      closeSync(descriptor);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(target, error);
    }
    const owner = lockOwner(path);
    if (owner !== undefined && isAlive(owner)) {
      throw new TillerError(
        "file-unwritable",
        `${target} is being fetched already, by the process ${owner}. Wait for it, or stop it and try again.`,
      );
    }
    try {
      unlinkSync(path);
    } catch {
      // its owner has just let go, or somebody else was faster
    }
  }
  throw new TillerError("file-unwritable", `${target} is being fetched by others. Try again in a moment.`);
}

function lockOwner(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    return Number.isInteger(pid) && 0 < pid ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it is somebody else's
  }
}
