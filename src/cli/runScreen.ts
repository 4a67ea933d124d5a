/**
 * What a run shows to people on stdout: the text of each hole as it comes, and at the end the typed result. A prompt with
 * one hole of text shows that text and nothing else, so that it can be piped.
 */

import type { RunEvent, RunResult } from "../protocol/run.js";
import { isJsonObject, type Json } from "../base/json.js";
import { plain, styled, type Output } from "./terminal.js";

export interface RunScreen {
  onEvent(event: RunEvent): void;
  end(result: RunResult): void;
}

export function createRunScreen(stdout: Output): RunScreen {
  let endsLine = true;
  const write = (text: string) => {
    if (text !== "") endsLine = text.endsWith("\n");
    stdout.write(text);
  };
  const endLine = () => {
    if (!endsLine) write("\n");
  };
  return {
    onEvent(event) {
      if (event.type === "hole") endLine();
      else if (event.type === "text") write(plain(stdout, event.text));
    },
    end({ output, holes }) {
      endLine();
      if (holes.length === 1 && typeof output === "string") return;
      write(`\n${styled(stdout, "bold", "Result")}\n${plain(stdout, resultBlock(output))}`);
    },
  };
}

/** Values are JSON, so that their types are seen: texts have quotes, numbers have none. */
function resultBlock(output: Json): string {
  if (!isJsonObject(output)) return `${JSON.stringify(output, undefined, 2)}\n`;
  const width = Math.max(0, ...Object.keys(output).map((it) => it.length));
  return Object.entries(output)
    .map(([name, value]) => `  ${`${name}:`.padEnd(width + 2)}${JSON.stringify(value)}\n`)
    .join("");
}
