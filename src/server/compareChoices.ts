/** What can be told of the files that a comparison is to use before it is run: a table of inputs, a judge prompt. */

import { readFileSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { recall } from "../base/recall.js";
import { inputRows } from "../lang/data/inputRows.js";
import { readJudge } from "../lang/judgePrompt.js";
import type { CompareChoices, CompareChoicesParams } from "../protocol/language.js";
import type { PromptFiles } from "./promptFiles.js";

/** Larger tables are read when they are run. */
const MOST_BYTES = 32 << 20;

/** How many rows tables have, by their paths, times and sizes. */
export type CountedTables = Map<string, NonNullable<CompareChoices["table"]>>;
const TABLES_KEPT = 8;

export function compareChoices(
  { table, judge }: CompareChoicesParams,
  files: PromptFiles,
  counted: CountedTables = new Map(),
): CompareChoices {
  return {
    ...(table !== undefined && { table: tableOf(table, counted) }),
    ...(judge !== undefined && { judge: judgeOf(judge, files) }),
  };
}

function tableOf(path: string, counted: CountedTables): NonNullable<CompareChoices["table"]> {
  try {
    const { size, mtimeMs } = statSync(path);
    if (MOST_BYTES < size) return {};
    // It is asked for with every change of the prompt, which changes nothing of the table.
    return recall(counted, `${path} ${mtimeMs} ${size}`, TABLES_KEPT, () => {
      // What a cell is makes no difference to their number.
      const read = inputRows(path, readFileSync(path, "utf8"), {});
      return "problem" in read ? read : { rows: read.rows.length };
    });
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

function judgeOf(path: string, files: PromptFiles): NonNullable<CompareChoices["judge"]> {
  const found = files.byUri(pathToFileURL(path).href);
  if (found === undefined) return { problem: "there is no such file" };
  const read = readJudge(found.file);
  return "problem" in read ? read : {};
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ENOENT" ? "there is no such file" : message;
}
