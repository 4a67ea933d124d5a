/**
 * A large file that is written piece by piece and is there whole or not at all: it grows beside the wanted one and takes its
 * place at the end.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

import { TillerError } from "../../base/error.js";

export interface WholeFile {
  /** Throws `file-unwritable`, with the reason: then what was written is gone. */
  write(bytes: Uint8Array): void;
  /** Puts the file in place. */
  commit(): void;
  /** Takes away what was written; does nothing after `commit`. */
  discard(): void;
}

/** Throws `file-unwritable` at once where nothing can be written. */
export function openWholeFile(path: string): WholeFile {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new TillerError("file-unwritable", `${path} is a folder; name a file in it.`);
  const target = existsSync(path) ? realpathSync(path) : path; // a link stays a link
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  const descriptor = openBeside();
  let isOpen = true;
  let isThere = true;
  const close = () => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  const discard = () => {
    close();
    if (isThere) rmSync(beside, { force: true });
    isThere = false;
  };
  return {
    discard,
    write: (bytes) =>
      attempt(() => {
        // One call writes at most 2 GiB, and may write less than it was given.
        for (let done = 0; done < bytes.length;)
          done += writeSync(descriptor, bytes, done, Math.min(bytes.length - done, 1 << 30));
      }),
    commit: () =>
      attempt(() => {
        fsyncSync(descriptor);
        close();
        renameSync(beside, target);
        isThere = false;
      }),
  };

  function openBeside(): number {
    try {
      return openSync(beside, "w");
    } catch (error) {
      throw writeFailure(path, error);
    }
  }

  function attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      discard();
      throw writeFailure(path, error);
    }
  }
}

/** What the system says of a file that cannot be written, in words. */
export function writeFailure(path: string, error: unknown): TillerError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = reasons[code ?? ""] ?? message;
  return new TillerError("file-unwritable", `${path} cannot be written: ${reason}.`, { cause: error });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "there is no such folder",
  EACCES: "the folder may not be written to",
  EPERM: "the folder may not be written to",
  EROFS: "the folder is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is larger than this disk's format allows",
};
