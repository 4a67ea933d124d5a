/**
 * The key-value pairs of a GGUF file as the bytes they are, for whoever writes a file with the same ones: nothing is decoded,
 * so nothing can change (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
 */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { TillerError } from "../../base/error.js";

export interface RawEntry {
  readonly key: string;
  /** Key, type and value, as in the file. */
  readonly bytes: Uint8Array;
}

/** Bytes of a value by its type's number; 8 is a text, 9 a list. */
const sizes: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const TEXT = 8;
const LIST = 9;
const FIRST_READ = 1 << 20;

/** The file must have been opened as a model before: damage is found there, with better words. */
export function readRawMetadata(path: string): RawEntry[] {
  const descriptor = openSync(path, "r");
  try {
    const { size } = fstatSync(descriptor);
    // Where the pairs end is known when they are read; most heads are a few megabytes.
    for (let length = Math.min(size, FIRST_READ); ; length = Math.min(size, length * 4)) {
      const bytes = Buffer.alloc(length);
      readSync(descriptor, bytes, 0, length, 0);
      const entries = entriesOf(bytes);
      if (entries !== undefined) return entries;
      if (length === size) throw new TillerError("model-corrupt", `${path}: the head of the file is cut off.`);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Undefined if they go on behind the end of `bytes`. */
function entriesOf(bytes: Buffer): RawEntry[] | undefined {
  const entries: RawEntry[] = [];
  const count = Number(bytes.readBigUInt64LE(16));
  let at = 24;
  for (let i = 0; i < count; i++) {
    const start = at;
    const keyEnd = skipText(bytes, at);
    if (keyEnd === undefined || bytes.length < keyEnd + 4) return undefined;
    const type = bytes.readUInt32LE(keyEnd);
    const end = skipValue(bytes, keyEnd + 4, type);
    if (end === undefined || bytes.length < end) return undefined;
    entries.push({ key: bytes.toString("utf8", start + 8, keyEnd), bytes: bytes.subarray(start, end) });
    at = end;
  }
  return entries;
}

/** The offset behind a value; undefined when it cannot be known from these bytes. */
function skipValue(bytes: Buffer, at: number, type: number): number | undefined {
  if (type === TEXT) return skipText(bytes, at);
  if (type !== LIST) {
    const size = sizes[type];
    if (size === undefined) throw new TillerError("model-corrupt", `The head has a value of the unknown type ${type}.`);
    return at + size;
  }
  if (bytes.length < at + 12) return undefined;
  const itemType = bytes.readUInt32LE(at);
  const count = Number(bytes.readBigUInt64LE(at + 4));
  const size = sizes[itemType];
  if (size !== undefined) return at + 12 + count * size;
  let end: number | undefined = at + 12;
  for (let i = 0; i < count && end !== undefined; i++) end = skipValue(bytes, end, itemType);
  return end;
}

function skipText(bytes: Buffer, at: number): number | undefined {
  return bytes.length < at + 8 ? undefined : at + 8 + Number(bytes.readBigUInt64LE(at));
}
