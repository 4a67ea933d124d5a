/** Turns tokens' bytes into text that can be shown: whole characters, and no beginning of a stop text. */

import { createTextStream } from "../tokenizer/textStream.js";
import { createStopScanner } from "./stopTexts.js";

export interface Output {
  /** Takes the bytes of the next token; true when a stop text was written and the rest is to be dropped. */
  push(bytes: Uint8Array): boolean;
  /** Shows what was held back, and returns the whole text. */
  end(): string;
}

export function createOutput(stops: readonly string[], onText: (text: string) => void): Output {
  const characters = createTextStream();
  const scanner = createStopScanner(stops);
  let all = "";
  let stopped = false;
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
    push: (bytes) => scan(characters.push(bytes)),
    end() {
      if (!stopped && !scan(characters.end())) show(scanner.end());
      return all;
    },
  };
}
