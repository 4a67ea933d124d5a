/** Which adapters a run uses: those of the file, and what the caller sets over them, found on disk. */

import { TillerError } from "../base/error.js";
import type { AdapterEntry, ReadAdapters } from "../lang/adapters.js";
import type { Adaptation, AdapterUse } from "../protocol/adapter.js";
import type { AdapterChoice } from "../protocol/run.js";
import type { PromptFiles } from "./promptFiles.js";

export interface AdaptationOptions {
  /** Of the prompt. */
  readonly path: string;
  readonly said: Pick<ReadAdapters, "adapters" | "routing">;
  /** A name of the file's adapters gets another scale; any other is added. */
  readonly choices: readonly AdapterChoice[];
  /** Where names are looked for before the prompt's own surroundings. */
  readonly folders: readonly string[];
  /** As in `AdapterPlaces`. */
  readonly confinedTo?: readonly string[] | undefined;
  readonly files: PromptFiles;
}

/** Throws `adapter-not-found`, and `adapter-untrusted` for one that lies where none may be read. */
export function adaptationOf(options: AdaptationOptions): Adaptation {
  const { path, said, choices, files } = options;
  const chosen = new Map(choices.map((it) => [it.name, it]));
  const own = said.adapters.map((it): AdapterUse => {
    const choice = chosen.get(it.name);
    chosen.delete(it.name);
    return adapterUse({ ...it, ...(choice?.scale !== undefined && { scale: choice.scale }) }, options);
  });
  const added = [...chosen.values()].map(({ name, scale = 1 }) => adapterUse({ name, scale }, options));
  const adapters = [...own, ...added].filter((it) => it.scale !== 0);
  const { experts, ...numbers } = said.routing ?? {};
  return {
    ...(0 < adapters.length && { adapters }),
    ...(experts !== undefined && {
      routing: { experts: files.adaptersIn(path, experts).map((it) => confined(it, options)), ...numbers },
    }),
  };
}

/** An adapter that a prompt names, found on disk. Throws as `adaptationOf` does. */
export function adapterUse(
  { name, uri, scale, layers, sha256 }: AdapterEntry,
  options: Omit<AdaptationOptions, "said" | "choices">,
): AdapterUse {
  return {
    path: find(uri ?? name, options),
    scale,
    ...(layers !== undefined && { layers }),
    ...(sha256 !== undefined && { sha256 }),
  };
}

function find(name: string, options: Omit<AdaptationOptions, "said" | "choices">): string {
  const { path, folders, files } = options;
  const found = files.adapter(path, name, folders);
  if (found !== undefined) return confined(found, options);
  const searched = folders.length === 0 ? "" : `${folders.join(", ")} and `;
  throw new TillerError(
    "adapter-not-found",
    `There is no adapter "${name}": it is no path from the prompt's folder, and it is not in ${searched}a folder ` +
      '"adapters" beside the prompt or above it. See tiller adapters list.',
  );
}

function confined(found: string, { confinedTo, files }: Pick<AdaptationOptions, "confinedTo" | "files">): string {
  if (confinedTo === undefined || files.isWithin(found, confinedTo)) return found;
  throw new TillerError(
    "adapter-untrusted",
    `The adapter ${found} lies outside of this workspace, and the workspace is not trusted. Trust the workspace, or copy ` +
      "the adapter into it.",
  );
}
