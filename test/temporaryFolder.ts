// Folders of tests that are gone when the test file is done, whatever became of it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];

/** A new, empty folder. */
export function temporaryFolder(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `tiller-${name}-`));
  // One listener for all: node warns of many.
  if (folders.push(path) === 1)
    process.on("exit", () => folders.forEach((it) => rmSync(it, { recursive: true, force: true })));
  return path;
}
