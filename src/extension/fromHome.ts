/** Paths as settings have them. */

import { homedir } from "node:os";
import { join } from "node:path";

/** `~/a` is in the user's home; every other path is as it is. */
export function fromHome(path: string): string {
  return /^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : path;
}
