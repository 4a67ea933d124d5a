/** Folders that are gone when the harness ends, also when a signal ends it. */

import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function temporaryFolder(name: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `tiller-${name}-`));
  // A process that is just being killed may still write into it: hence the retries.
  const options = { recursive: true, force: true, maxRetries: 10, retryDelay: 200 };
  const removeAtExit = () => {
    try {
      rmSync(path, options);
    } catch {
      // An exit cannot be held up by a folder in the system's folder for such.
    }
  };
  process.once("exit", removeAtExit);
  return {
    path,
    remove: async () => {
      process.off("exit", removeAtExit);
      await rm(path, options);
    },
  };
}
