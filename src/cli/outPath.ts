/** Where a command writes. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";

import { TillerError } from "../base/error.js";

/** Throws `usage` without a path, and for one where something is already. */
export function outPath(
  cwd: string,
  command: string,
  { out, force }: { readonly out: string | undefined; readonly force: boolean },
): string {
  if (out === undefined) throw new TillerError("usage", `tiller ${command} needs --out PATH.`);
  const path = resolve(cwd, out);
  if (!force && existsSync(path))
    throw new TillerError("usage", `${path} is there already. Choose another --out, or replace it with --force.`);
  return path;
}
