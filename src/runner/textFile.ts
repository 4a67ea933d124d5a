/** Text files as the people who write prompts have them: UTF-8, with or without a byte order mark, and nothing else. */

import { TillerError } from "../base/error.js";
import { invalidUtf8At } from "./utf8.js";

/** `read` gives the bytes of a file, or throws as node's own file functions do. */
export function readText(path: string, read: (path: string) => Uint8Array): string {
  let bytes: Uint8Array;
  try {
    bytes = read(path);
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
  return decodeText(bytes, path);
}

/** Throws `file-unreadable` with the place of the first wrong byte; `name` says whose bytes they are. */
export function decodeText(bytes: Uint8Array, name: string): string {
  const offset = invalidUtf8At(bytes);
  if (offset === undefined) return new TextDecoder().decode(bytes); // which drops a byte order mark
  const value = bytes[offset]!.toString(16).padStart(2, "0");
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  throw new TillerError(
    "file-unreadable",
    `${name} is not UTF-8 text: byte ${offset} (0x${value}) does not belong there. ` +
      (utf16 ? "It looks like UTF-16; save it as UTF-8." : "Save it as UTF-8."),
  );
}

function unreadable(path: string, error: NodeJS.ErrnoException): TillerError {
  const because = { cause: error };
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
      return new TillerError("file-not-found", `There is no file ${path}.`, because);
    case "EISDIR":
      return new TillerError("file-unreadable", `${path} is a folder, not a file.`, because);
    case "EACCES":
    case "EPERM":
      return new TillerError("file-unreadable", `${path} may not be read: permission denied.`, because);
    default:
      return new TillerError("file-unreadable", `${path} cannot be read: ${error.message}.`, because);
  }
}
