/**
 * `--out FILE`: the whole result or nothing. It is written to a file beside the wanted one, which takes its place at the
 * end. The file beside is made at the beginning, so that a folder that cannot be written is known before a model runs.
 */

import { closeSync, fsyncSync, openSync, realpathSync, renameSync, statSync, unlinkSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { TillerError } from "../base/error.js";
import { writeFailure } from "../engine/gguf/wholeFile.js";

export interface ResultFile {
  /** Puts the text in place. */
  commit(text: string): void;
  /** Takes the file beside away; does nothing after `commit`. */
  discard(): void;
}

export function openResultFile(path: string): ResultFile {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory() === true) {
    throw new TillerError("file-unwritable", `${path} is a folder; name a file in it.`);
  }
  // A device or a pipe must be written to, never replaced.
  if (existing !== undefined && !existing.isFile()) return openInPlace(path);
  const target = existing === undefined ? path : realpathSync(path); // a link stays a link
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  const fd = attempt(path, () => openSync(beside, "wx", existing?.mode ?? 0o666));
  let state: "open" | "closed" | "gone" = "open";
  const close = () => {
    if (state === "open") closeSync(fd);
    state = "closed";
  };
  const discard = () => {
    if (state === "gone") return;
    close();
    unlinkSync(beside);
    state = "gone";
  };
  return {
    discard,
    commit(text) {
      try {
        attempt(path, () => {
          writeAll(fd, text);
          fsyncSync(fd);
          close();
          renameSync(beside, target);
          state = "gone";
        });
      } finally {
        discard();
      }
    },
  };
}

function openInPlace(path: string): ResultFile {
  const fd = attempt(path, () => openSync(path, "w"));
  let open = true;
  const discard = () => {
    if (open) closeSync(fd);
    open = false;
  };
  return {
    discard,
    commit(text) {
      try {
        attempt(path, () => writeAll(fd, text));
      } finally {
        discard();
      }
    },
  };
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw writeFailure(path, error);
  }
}
