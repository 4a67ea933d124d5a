/** The adapters that lie in the folders of this window. */

import { messageOf, TillerError } from "../../base/error.js";
import type { Log } from "../../base/log.js";
import type { AdapterFacts, AdapterList } from "../../protocol/adapter.js";
import type { Engine } from "../../protocol/engine.js";

export interface AdapterFolder {
  readonly path: string;
  readonly list: AdapterList;
}

/** A folder that is not there holds nothing; one that cannot be read is logged. */
export async function searchFolders(engine: Engine, folders: readonly string[], log: Log): Promise<AdapterFolder[]> {
  const found: AdapterFolder[] = [];
  for (const path of folders) {
    try {
      const list = await engine.listAdapters({ path }, () => {}, new AbortController().signal);
      found.push({ path, list });
    } catch (error) {
      const isMissing = error instanceof TillerError && error.code === "adapter-not-found";
      if (!isMissing) log.write("warn", `${path} was not searched for adapters: ${messageOf(error)}`);
    }
  }
  return found;
}

export async function knownAdapters(
  engine: Engine,
  folders: readonly string[],
  log: Log,
): Promise<readonly AdapterFacts[]> {
  return (await searchFolders(engine, folders, log)).flatMap((it) => it.list.adapters);
}
