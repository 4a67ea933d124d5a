/** Where a name is defined and used, in a prompt and in the files that belong to it; and what renaming it changes. */

import type { Span } from "../../base/text.js";
import type { Partial, PromptFile } from "../ast.js";
import { helpers } from "../helperTable.js";
import { allNodes } from "../walk.js";
import { occurrences, sameSymbol, symbolAt, type Occurrence, type PromptSymbol } from "./occurrences.js";

/** A file that can be named by others. */
export interface KnownFile {
  /** What it is called by whoever asks, such as a URI. */
  readonly id: string;
  readonly file: PromptFile;
}

export interface Workspace {
  /** All prompts and partials. */
  readonly files: readonly KnownFile[];
  /** The file that `{{> name}}` means in the file `from`. */
  partial(from: string, name: string): KnownFile | undefined;
}

export interface Place {
  readonly id: string;
  readonly span: Span;
  readonly role: Occurrence["role"];
}

/** Every place of what stands at `offset`. Empty where no name stands. */
export function references(workspace: Workspace, from: KnownFile, offset: number): readonly Place[] {
  const found = symbolAt(from.file, offset);
  return found === undefined ? [] : placesOf(workspace, from, found.symbol);
}

export function placesOf(workspace: Workspace, from: KnownFile, symbol: PromptSymbol): readonly Place[] {
  if (symbol.kind === "partial") return partialPlaces(workspace, workspace.partial(from.id, symbol.name));
  const files = symbol.kind === "hole" ? [from] : connected(workspace, from, symbol);
  return files.flatMap(({ id, file }) =>
    occurrences(file)
      .filter((it) => sameSymbol(it.symbol, symbol))
      .map(({ span, role }) => ({ id, span, role })),
  );
}

/** All uses of one partial, whatever it is called where it is used. */
export function partialPlaces(workspace: Workspace, target: KnownFile | undefined): readonly Place[] {
  if (target === undefined) return [];
  return workspace.files.flatMap(({ id, file }) =>
    occurrences(file)
      .filter(({ symbol }) => symbol.kind === "partial" && workspace.partial(id, symbol.name)?.id === target.id)
      .map(({ span }) => ({ id, span, role: "use" }) as const),
  );
}

/** The same with what is handed on there. */
export function partialCalls(
  workspace: Workspace,
  target: KnownFile,
): readonly (KnownFile & { readonly call: Partial })[] {
  return workspace.files.flatMap(({ id, file }) =>
    allNodes(file.body.nodes).flatMap((call) => {
      if (call.kind !== "partial" || call.name === undefined) return [];
      return workspace.partial(id, call.name)?.id === target.id ? [{ id, file, call }] : [];
    }),
  );
}

/**
 * The files that a variable goes through: a prompt hands its input on to its partials, and every other prompt that uses them
 * has to call it the same.
 */
function connected(workspace: Workspace, from: KnownFile, symbol: PromptSymbol): readonly KnownFile[] {
  const uses = new Map<string, readonly KnownFile[]>();
  for (const it of workspace.files) uses.set(it.id, partialsUsed(workspace, it));
  const isUsedIn = ({ file }: KnownFile) => occurrences(file).some((it) => sameSymbol(it.symbol, symbol));
  const found = new Map([[from.id, from]]);
  const open = [from];
  while (0 < open.length) {
    const { id } = open.pop()!;
    const users = workspace.files.filter((it) => uses.get(it.id)!.some((one) => one.id === id));
    for (const it of [...(uses.get(id) ?? []), ...users]) {
      if (found.has(it.id) || !isUsedIn(it)) continue;
      found.set(it.id, it);
      open.push(it);
    }
  }
  return [...found.values()];
}

function partialsUsed(workspace: Workspace, { id, file }: KnownFile): readonly KnownFile[] {
  return occurrences(file).flatMap(({ symbol }) => {
    const target = symbol.kind === "partial" ? workspace.partial(id, symbol.name) : undefined;
    return target === undefined ? [] : [target];
  });
}

/** Why a name cannot be given; undefined when it can. */
export function nameProblem(kind: PromptSymbol["kind"], name: string): string | undefined {
  if (kind === "partial")
    return /^[\w-]+(?:\/[\w-]+)*$/.test(name)
      ? undefined
      : "A partial's name has letters, digits, _ and -, and / between folders.";
  if (!/^[A-Za-z_][\w-]*$/.test(name))
    return "A name begins with a letter or _, and goes on with letters, digits, _ and -.";
  if (kind === "variable" && helpers.some((it) => it.name === name)) return `"${name}" is the name of a helper.`;
  return undefined;
}

/** Whether the name is taken by another thing of that kind in a file that would be changed. */
export function isTaken(workspace: Workspace, from: KnownFile, symbol: PromptSymbol, name: string): boolean {
  const ids = new Set(placesOf(workspace, from, symbol).map((it) => it.id));
  const other = { kind: symbol.kind, name };
  return workspace.files.some(
    ({ id, file }) => ids.has(id) && occurrences(file).some((it) => sameSymbol(it.symbol, other)),
  );
}
