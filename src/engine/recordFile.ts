/** Small files below the user's home in which something is remembered by name; nothing fails where they cannot be had. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Empty where there is no such file yet, or it is damaged. */
export function readRecord<T>(file: string): Readonly<Record<string, T>> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, T>) : {};
  } catch {
    return {};
  }
}

/** Does nothing where a home cannot be written to. `indent`: for people who look into it. */
export function writeRecord(file: string, record: Readonly<Record<string, unknown>>, indent = 0): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(record, undefined, indent)}\n`);
  } catch {
    // then it is found out again the next time
  }
}
