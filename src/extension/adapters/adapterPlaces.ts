/** Where adapters of this window come from. */

import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import * as vscode from "vscode";

import type { AdapterPlaces } from "../../protocol/run.js";

export interface Places extends AdapterPlaces {
  readonly adapterFolders: readonly string[];
}

/** `own` are the folders of the setting: absolute, or from the workspace's. `samples` is the folder that comes with Tiller. */
export function adapterPlaces(own: readonly string[], samples: string): Places {
  const roots = (vscode.workspace.workspaceFolders ?? []).map((it) => it.uri.fsPath);
  const within = (folder: string) => (isAbsolute(folder) ? [folder] : roots.map((it) => join(it, folder)));
  const adapterFolders = [
    ...own.flatMap(within),
    ...roots.map((it) => join(it, "adapters")),
    join(homedir(), ".tiller", "adapters"),
    samples,
  ];
  return {
    adapterFolders: [...new Set(adapterFolders)],
    ...(!vscode.workspace.isTrusted && { confinedTo: [...roots, samples] }),
  };
}
