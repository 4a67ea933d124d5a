/** The Adapters view: what lies in the folders, and what the open prompt uses of it. */

import { basename } from "node:path";
import * as vscode from "vscode";

import type { Log } from "../../base/log.js";
import type { Engine } from "../../protocol/engine.js";
import type { AdapterEntry } from "../../lang/adapters.js";
import { adapterRows, type AdapterRow } from "./adapterRows.js";
import { searchFolders } from "./knownAdapters.js";
import { adaptersInPrompt, currentPrompt, type PromptAdaptersOptions } from "./openPromptAdapters.js";

export interface AdapterTreeOptions extends PromptAdaptersOptions {
  readonly engine: Engine;
  readonly log: Log;
}

export interface FolderNode {
  readonly kind: "folder";
  readonly path: string;
  readonly rows: readonly AdapterRow[];
}

export type AdapterNode = FolderNode | ({ readonly kind: "adapter" } & AdapterRow);

const uriList = "text/uri-list";

export class AdapterTree
  implements vscode.TreeDataProvider<AdapterNode>, vscode.TreeDragAndDropController<AdapterNode>, vscode.Disposable
{
  readonly dragMimeTypes = [uriList];
  readonly dropMimeTypes = [];
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;

  #shown: Promise<readonly FolderNode[]> | undefined;

  constructor(private readonly options: AdapterTreeOptions) {}

  /** Redraws only what is no longer so: a row that is drawn anew loses the click that is on its way to it. */
  async refresh(): Promise<void> {
    const before = JSON.stringify(await this.#shown);
    const next = await this.folders();
    if (JSON.stringify(next) === before) return;
    this.#shown = Promise.resolve(next);
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async getChildren(node?: AdapterNode): Promise<AdapterNode[]> {
    if (node?.kind === "folder") return node.rows.map((it) => ({ kind: "adapter", ...it }));
    if (node !== undefined) return [];
    this.#shown ??= this.folders();
    return (await this.#shown).filter((it) => 0 < it.rows.length);
  }

  getTreeItem(node: AdapterNode): vscode.TreeItem {
    return node.kind === "folder" ? folderItem(node) : adapterItem(node);
  }

  handleDrag(nodes: readonly AdapterNode[], data: vscode.DataTransfer): void {
    const uris = nodes.flatMap((it) =>
      it.kind === "adapter" && it.state !== "broken" ? [vscode.Uri.file(it.path).toString()] : [],
    );
    if (0 < uris.length) data.set(uriList, new vscode.DataTransferItem(uris.join("\r\n")));
  }

  /** What is in each folder. A folder that is not there holds nothing. */
  async folders(): Promise<FolderNode[]> {
    const { engine, places, log } = this.options;
    const document = currentPrompt();
    const used = document === undefined ? noEntries : await adaptersInPrompt(document, this.options);
    const found = await searchFolders(engine, places().adapterFolders, log);
    return found.map(({ path, list }) => {
      const context = { used, loaded: new Set(list.loaded) };
      return { kind: "folder", path, rows: adapterRows(list, context) };
    });
  }
}

const noEntries: ReadonlyMap<string, AdapterEntry> = new Map();

function folderItem({ path, rows }: FolderNode): vscode.TreeItem {
  const item = new vscode.TreeItem(shortPath(path), vscode.TreeItemCollapsibleState.Expanded);
  item.id = path;
  item.iconPath = new vscode.ThemeIcon("folder");
  item.tooltip = path;
  item.description = `${rows.length}`;
  item.contextValue = "folder";
  return item;
}

function shortPath(path: string): string {
  const workspace = vscode.workspace.asRelativePath(path);
  return workspace === path ? basename(path) : workspace;
}

function adapterItem(row: AdapterRow): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label);
  item.id = row.path;
  item.description = row.description;
  item.tooltip = new vscode.MarkdownString(row.tooltip.join("\n\n"));
  item.iconPath = new vscode.ThemeIcon(row.icon);
  item.contextValue = row.state;
  item.accessibilityInformation = { label: row.spoken };
  return item;
}
