/** Turns tokens' bytes into text that can be shown: whole characters, and no beginning of a stop text. */

import { createTextStream } from "../tokenizer/textStream.js";
import { createStopScanner } from "./stopTexts.js";

export interface Output {
  /** Takes the bytes of the next token; true when a stop text was written and the rest is to be dropped. */
  push(bytes: Uint8Array): boolean;
  /** Shows what was held back, and returns the whole text. */
  end(): string;
}

/** The first `skippedBytes` bytes are no part of the text. */
export function createOutput(stops: readonly string[], onText: (text: string) => void, skippedBytes = 0): Output {
  const characters = createTextStream();
  const scanner = createStopScanner(stops);
  let all = "";
  let stopped = false;
  let skipped = 0;
  const show = (text: string) => {
    if (text === "") return;
    all += text;
    onText(text);
  };
  const scan = (text: string) => {
    const found = scanner.push(text);
    show(found.text);
    stopped ||= found.stopped !== undefined;
    return stopped;
  };
  return {
    push(bytes) {
      const start = Math.min(skippedBytes - skipped, bytes.length);
      skipped += start;
      return scan(characters.push(bytes.subarray(start)));
    },
    end() {
      if (!stopped && !scan(characters.end())) show(scanner.end());
      return all;
    },
  };
}
