/**
 * What a run shows to people on stdout: the text of each hole as it comes, and at the end the typed result. A prompt with
 * one hole of text writes that text and nothing else into a pipe or a file; on a screen, holes have their names before them.
 */

import type { RunEvent, RunResult } from "../protocol/run.js";
import { isJsonObject, type Json } from "../base/json.js";
import { plain, styled, type Output } from "./terminal.js";

export interface RunScreen {
  onEvent(event: RunEvent): void;
  end(result: RunResult): void;
}

/** The hole of a prompt that names none. */
const UNNAMED = "output";

export function createRunScreen(stdout: Output): RunScreen {
  let endsLine = true;
  const write = (text: string) => {
    if (text !== "") endsLine = text.endsWith("\n");
    stdout.write(text);
  };
  const endLine = () => {
    if (!endsLine) write("\n");
  };
  let hidden = false;
  /** Written with the first text: until then the line belongs to the progress. */
  let label = "";
  return {
    onEvent(event) {
      if (event.type === "hole") {
        endLine();
        hidden = event.hidden === true;
        label = stdout.isTerminal && event.name !== UNNAMED ? `${event.name} ` : "";
      } else if (event.type === "text" && !hidden) {
        // The space before the first word is part of the sentence that the hole stands in, which is not shown here.
        const text = label === "" ? event.text : event.text.trimStart();
        if (text === "") return;
        write(styled(stdout, "cyan", plain(stdout, label)) + plain(stdout, text));
        label = "";
      }
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
