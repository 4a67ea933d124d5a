/** The SHA-256 of a file on disk. */

import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";

/** `onFraction` is told how much has been read, a hundred times at most. Rejects with the signal's reason. */
export async function fileHash(
  path: string,
  onFraction: (fraction: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const { size } = statSync(path);
  const hash = createHash("sha256");
  let done = 0;
  let told = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    signal.throwIfAborted();
    const bytes = chunk as Uint8Array;
    hash.update(bytes);
    done += bytes.length;
    if (size / 100 <= done - told) onFraction(done / size);
    if (size / 100 <= done - told) told = done;
  }
  return hash.digest("hex");
}
