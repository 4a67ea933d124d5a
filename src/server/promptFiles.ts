/** The prompts that the server knows: those that are open, as they are typed, and the others as they are on disk. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import type { TextDocument } from "vscode-languageserver-textdocument";

import type { PromptFile } from "../lang/ast.js";
import { sizeText, type NamedArtefact } from "../lang/editor/artefact.js";
import type { Offer, Surroundings } from "../lang/editor/completionItem.js";
import type { KnownFile, Workspace } from "../lang/editor/rename.js";
import { parse, type ParseResult } from "../lang/parser.js";
import { adapterDetail, adapterName } from "./artefactFacts.js";
import { adaptersIn, findAdapter, findModel, foldersAbove, modelsIn, type ArtefactFolders } from "./artefactFiles.js";

export interface OpenDocuments {
  get(uri: string): TextDocument | undefined;
  all(): readonly TextDocument[];
}

/** Folders that hold no prompts of the user's own. */
const passedOver = new Set(["node_modules", ".git", ".vscode-test", "dist", "out"]);
/** More files than this are not looked at: a folder that large was opened by mistake. */
const MOST_FILES = 5000;

interface ParsedDocument {
  readonly version: number;
  readonly result: ParseResult;
  /** The last text with a well-formed template: while a tag is typed, there is none. */
  readonly whole: PromptFile | undefined;
}

export class PromptFiles implements Workspace {
  readonly #ofDisk = new Map<string, { readonly key: string; readonly result: ParseResult }>();
  /** By the document itself: another one of the same name begins at the same version. */
  readonly #ofDocuments = new WeakMap<TextDocument, ParsedDocument>();
  #roots: readonly string[] = [];
  /** Everything below the roots that somebody may name; undefined until it is asked for, and after a change. */
  #onDisk: readonly string[] | undefined;

  constructor(
    private readonly open: OpenDocuments,
    private readonly folders: ArtefactFolders = { models: [], adapters: [] },
  ) {}

  /** Paths of the folders that the editor has open. */
  setRoots(paths: readonly string[]): void {
    this.#roots = paths;
    this.#onDisk = undefined;
  }

  /** Something on disk was made, removed or renamed. */
  changed(): void {
    this.#onDisk = undefined;
  }

  openDocument(uri: string): TextDocument | undefined {
    return this.open.get(uri);
  }

  parsedDocument(document: TextDocument): ParseResult {
    const { version } = document;
    const known = this.#ofDocuments.get(document);
    if (known?.version === version) return known.result;
    const result = parse(document.getText(), known?.whole);
    this.#ofDocuments.set(document, { version, result, whole: result.file.body.complete ? result.file : known?.whole });
    return result;
  }

  get files(): readonly KnownFile[] {
    const uris = new Set([...this.open.all().map((it) => it.uri), ...this.#paths(".prompt").map(uriOf)]);
    return [...uris].flatMap((uri) => this.byUri(uri) ?? []);
  }

  byUri(uri: string): KnownFile | undefined {
    const document = this.open.get(uri);
    if (document !== undefined) return { id: uri, file: this.parsedDocument(document).file };
    const path = pathOf(uri);
    if (path === undefined) return undefined;
    try {
      const { mtimeMs, size } = statSync(path);
      const { file } = this.#parse(uri, `${mtimeMs} ${size}`, () => readFileSync(path, "utf8"));
      return { id: uri, file };
    } catch {
      return undefined; // it is gone, or must not be read
    }
  }

  partial(from: string, name: string): KnownFile | undefined {
    const uri = partialUri(from, name);
    return uri === undefined ? undefined : this.byUri(uri);
  }

  surroundings(uri: string): Surroundings {
    const path = pathOf(uri);
    if (path === undefined) return { partials: [], models: [], adapters: [] };
    const folder = dirname(path);
    const partials = this.#paths(".prompt")
      .filter((it) => basename(it).startsWith("_") && !relative(folder, it).startsWith(".."))
      .map((it) =>
        relative(folder, it)
          .replaceAll("\\", "/")
          .replace(/(^|\/)_([^/]+)\.prompt$/, "$1$2"),
      );
    const below = (it: string) => relative(folder, it).replaceAll("\\", "/");
    const { models, adapters } = this.folders;
    const ownModels = this.#paths(".gguf").filter((it) => !isAdapterFile(it)).map((it) => ({ name: below(it), path: it })); // prettier-ignore
    const knownModels = models.flatMap(modelsIn).map((it) => ({ name: basename(it), path: it }));
    const ownAdapters = this.#paths("adapter_config.json").map(dirname);
    const knownAdapters = [...foldersAbove(path), ...adapters].flatMap(adaptersIn);
    return {
      partials,
      models: byName([...ownModels, ...knownModels], (it) => sizeOf(it)),
      adapters: byName(
        [...ownAdapters, ...knownAdapters].map((it) => ({ name: adapterName(it), path: it })),
        adapterDetail,
      ),
    };
  }

  /** The file or folder that a prompt's model or adapter is in. */
  artefact(uri: string, { kind, name }: Pick<NamedArtefact, "kind" | "name">): string | undefined {
    const path = pathOf(uri);
    if (path === undefined) return undefined;
    if (kind === "model") return findModel(path, name, this.folders, this.#paths(".gguf"));
    const known = this.#paths("adapter_config.json").map(dirname);
    return findAdapter(path, name, this.folders) ?? known.find((it) => basename(it) === name);
  }

  #paths(ending: string): readonly string[] {
    this.#onDisk ??= this.#roots.flatMap((it) => filesBelow(it));
    return this.#onDisk.filter((it) => it.endsWith(ending));
  }

  #parse(uri: string, key: string, text: () => string): ParseResult {
    const known = this.#ofDisk.get(uri);
    if (known?.key === key) return known.result;
    const result = parse(text());
    this.#ofDisk.set(uri, { key, result });
    return result;
  }
}

/** Each name once, as the first of those that have it. */
function byName(
  all: readonly { readonly name: string; readonly path: string }[],
  detailOf: (path: string) => string | undefined,
): readonly Offer[] {
  const first = new Map([...all].reverse().map((it) => [it.name, it.path]));
  return [...first].reverse().map(([name, path]) => {
    const detail = detailOf(path);
    return { name, ...(detail !== undefined && { detail }) };
  });
}

/** By how such files are called. */
function isAdapterFile(path: string): boolean {
  return /\.(?:lora|control-vector)\.gguf$/i.test(path);
}

function sizeOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && sizeText(stats.size);
}

const wanted = /\.(?:prompt|gguf)$|^adapter_config\.json$/;

function filesBelow(root: string): readonly string[] {
  const found: string[] = [];
  const open = [root];
  for (let folder = open.pop(); folder !== undefined && found.length < MOST_FILES; folder = open.pop()) {
    for (const it of entriesOf(folder)) {
      if (it.isDirectory() && !passedOver.has(it.name)) open.push(join(folder, it.name));
      else if (it.isFile() && wanted.test(it.name)) found.push(join(folder, it.name));
    }
  }
  return found;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // what must not be read is not there
  }
}

/** Where the partial `name` of a prompt lies, or would. Undefined outside of the prompt's folder. */
export function partialUri(from: string, name: string): string | undefined {
  if (name.split("/").includes("..") || name.startsWith("/")) return undefined;
  const path = name.replace(/([^/]+)$/, "_$1.prompt");
  return `${from.slice(0, from.lastIndexOf("/"))}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** What a prompt in the folder of `from` calls the partial at `uri`; undefined when it cannot. */
export function partialName(from: string, uri: string): string | undefined {
  const folder = `${from.slice(0, from.lastIndexOf("/"))}/`;
  if (!uri.startsWith(folder)) return undefined;
  return /^((?:[^/]+\/)*)_([^/]+)\.prompt$/
    .exec(decodeURIComponent(uri.slice(folder.length)))
    ?.slice(1)
    .join("");
}

function pathOf(uri: string): string | undefined {
  try {
    return uri.startsWith("file:") ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}

function uriOf(path: string): string {
  return pathToFileURL(path).href;
}
