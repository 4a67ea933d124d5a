/**
 * What can go wrong although the program is right: a closed list of codes, so that callers can act on them and tests
 * can name them. It crosses processes as plain data. Anything else that is thrown is a bug.
 */

export type ErrorCode =
  // the model and its file
  | "model-not-found"
  | "model-corrupt"
  | "model-unsupported"
  | "out-of-memory"
  | "device-unavailable"
  // an adapter and its files
  | "adapter-not-found"
  | "adapter-corrupt"
  | "adapter-unsupported"
  /** The adapter is whole, and made for another model. */
  | "adapter-mismatch"
  /** It lies outside of a workspace that the user does not trust. */
  | "adapter-untrusted"
  // one request
  | "prompt-too-long"
  | "constraint-unsupported"
  | "constraint-invalid"
  | "prompt-invalid"
  | "input-invalid"
  | "prefix-changed"
  | "check-failed"
  // the process and the world
  | "host-exited"
  | "file-not-found"
  | "file-unreadable"
  | "file-unwritable"
  /** What the user asked to get from the network did not come, or is not what it should be. */
  | "download-failed"
  | "usage";

/** `message` says what happened, why, and what to do, in words for the user. */
export class TillerError extends Error {
  override readonly name = "TillerError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What was thrown, in words: anything can be. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same with where it was thrown, for logs. */
export function stackOf(error: unknown): string {
  return (error instanceof Error ? error.stack : undefined) ?? messageOf(error);
}
