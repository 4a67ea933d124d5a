// Folders of tests that are gone when the test file is done, whatever became of it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new, empty folder. */
export function temporaryFolder(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `tiller-${name}-`));
  process.on("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
}
