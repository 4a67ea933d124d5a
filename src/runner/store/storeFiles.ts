/** The little of a file system that the store uses, so that a test can pass one that fails. */

import {
  closeSync,
  fsyncSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";

export interface StoreFiles {
  makeFolder(path: string): void;
  /** Undefined where there is none. */
  read(path: string): string | undefined;
  names(folder: string): readonly string[];
  /** One write at the end of the file, which is on disk when it returns. */
  append(path: string, text: string): void;
  /** Whole or not at all. */
  replace(path: string, text: string): void;
  remove(path: string): void;
}

export const nodeStoreFiles: StoreFiles = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true }),
  read: (path) => unlessMissing(() => readFileSync(path, "utf8"), undefined),
  names: (folder) => unlessMissing(() => readdirSync(folder), []),
  append(path, text) {
    const fd = openSync(path, "a+", 0o666); // O_APPEND: writers at once do not overwrite each other
    try {
      // A writer that crashed may have left half a line; this one must not become the end of it.
      const bytes = Buffer.from(endsInLine(fd) ? text : `\n${text}`);
      // One call: other writers' lines stand before or behind, never within.
      const written = writeSync(fd, bytes);
      if (written < bytes.length) throw Object.assign(new Error("the line was cut off"), { code: "ENOSPC" });
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
  replace(path, text) {
    const beside = `${path}.${process.pid}.tmp`;
    const fd = openSync(beside, "w");
    try {
      try {
        const bytes = Buffer.from(text);
        for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(beside, path);
    } catch (error) {
      unlessMissing(() => unlinkSync(beside), undefined);
      throw error;
    }
  },
  remove: (path) => unlessMissing(() => unlinkSync(path), undefined),
};

function endsInLine(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}

function unlessMissing<T>(action: () => T, missing: T): T {
  try {
    return action();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return missing;
    throw error;
  }
}
