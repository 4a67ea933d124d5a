/** Reads a stream to its end. */

import type { Readable } from "node:stream";

/** Rejects with the signal's reason when it is aborted, and lets go of the stream. */
export async function readAll(stream: Readable, signal: AbortSignal): Promise<Uint8Array> {
  signal.throwIfAborted();
  const letGo = () => stream.destroy();
  signal.addEventListener("abort", letGo, { once: true });
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  } catch (error) {
    signal.throwIfAborted(); // the stream only says that it was destroyed
    throw error;
  } finally {
    signal.removeEventListener("abort", letGo);
  }
  signal.throwIfAborted();
  return Buffer.concat(chunks);
}
