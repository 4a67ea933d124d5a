/** Where models of this machine are looked for. */

import { homedir } from "node:os";
import { join } from "node:path";

/** `own` are the folders of the setting. */
export function modelFolders(own: readonly string[]): readonly string[] {
  return [...new Set([...own, join(homedir(), ".tiller", "models")])];
}
