/** The bytes of a picture, from a file or from the request itself. */

import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { TillerError } from "../../base/error.js";
import type { ImageSource } from "../../protocol/engine.js";

export interface PictureFile {
  /** What messages call it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Equal for equal bytes. */
  readonly hash: string;
}

const MOST_BYTES = 50 << 20;

/** Throws `file-not-found`, `file-unreadable`, or `input-invalid` for what is too large or no base64. */
export function readSource(source: ImageSource): PictureFile {
  const name = "path" in source ? source.path : "the picture that the request holds";
  const bytes = "path" in source ? readWhole(source.path) : fromBase64(source.base64, name);
  return { name, bytes, hash: createHash("sha256").update(bytes).digest("hex") };
}

function readWhole(path: string): Uint8Array {
  const descriptor = open(path);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new TillerError("file-unreadable", `The picture ${path} is not a file.`);
    checkSize(status.size, path);
    const bytes = new Uint8Array(status.size);
    let done = 0;
    while (done < bytes.length) {
      const count = readSync(descriptor, bytes, done, bytes.length - done, done);
      if (count === 0) break; // it has just become shorter
      done += count;
    }
    return bytes.subarray(0, done);
  } finally {
    closeSync(descriptor);
  }
}

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new TillerError("file-not-found", `There is no picture at ${path}. Check the path.`);
    throw new TillerError("file-unreadable", `The picture ${path} cannot be opened (${code ?? String(error)}).`);
  }
}

function fromBase64(text: string, name: string): Uint8Array {
  checkSize(text.length * 0.75, name);
  if (/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) return Buffer.from(text, "base64");
  throw new TillerError("input-invalid", "A picture that a request holds is base64, and this text is not.");
}

function checkSize(bytes: number, name: string): void {
  if (bytes <= MOST_BYTES) return;
  const message = `${name} has ${Math.round(bytes / 2 ** 20)} MiB, and pictures of at most ${MOST_BYTES >> 20} MiB are read. Make it smaller.`;
  throw new TillerError("input-invalid", message);
}
