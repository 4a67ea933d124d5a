/** What a prompt is called where comparisons and votes are kept. */

import { relative, sep } from "node:path";

/** Its path from the folder, with forward slashes; a prompt outside of it keeps its whole path. */
export function promptName(folder: string, path: string): string {
  const steps = relative(folder, path);
  return steps.startsWith("..") ? path : steps.split(sep).join("/");
}
