/** The Adapters view with its commands, and adapters that are dropped into a prompt. */

import { basename } from "node:path";
import * as vscode from "vscode";

import type { AdapterEntry } from "../../lang/adapters.js";
import { registerCommand } from "../commandGuard.js";
import { adapterViewId, commandIds, languageId, settingIds } from "../ids.js";
import { scaleText, type AdapterRow } from "./adapterRows.js";
import { AdapterTree, type AdapterNode, type AdapterTreeOptions } from "./adapterTree.js";
import { adaptersInPrompt, addToPrompt, changeInPrompt, currentPrompt } from "./openPromptAdapters.js";

export interface RegisterAdaptersOptions extends AdapterTreeOptions {
  /** Tells when the engine is done with something: then others may be in memory. */
  readonly onIdle: (listener: () => void) => { dispose(): void };
}

const STEP = 0.1;
const PRESETS = [-1, -0.5, 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const REFRESH_MS = 300;

export function registerAdapters(options: RegisterAdaptersOptions): vscode.Disposable {
  const tree = new AdapterTree(options);
  const view = vscode.window.createTreeView<AdapterNode>(adapterViewId, {
    treeDataProvider: tree,
    dragAndDropController: tree,
    showCollapseAll: false,
  });
  const later = delayed(() => {
    if (view.visible) void tree.refresh();
  });
  const { log } = options;
  const withEntry =
    (change: (entry: AdapterEntry) => Promise<{ readonly scale: number } | "remove" | undefined>) =>
    async (node?: AdapterNode): Promise<void> => {
      const document = promptOrTell();
      if (document === undefined) return;
      const used = await adaptersInPrompt(document, options);
      const entry = node?.kind === "adapter" ? used.get(node.path) : await pickEntry([...used.values()]);
      const changed = entry && (await change(entry));
      if (changed !== undefined) await changeInPrompt(document, entry!, changed);
    };
  const stepped = (by: number) => withEntry(({ scale }) => Promise.resolve({ scale: Number((scale + by).toFixed(4)) }));
  return vscode.Disposable.from(
    tree,
    view,
    later,
    options.onIdle(later.call),
    vscode.window.onDidChangeActiveTextEditor(later.call),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document === currentPrompt()) later.call();
    }),
    vscode.workspace.onDidChangeConfiguration((it) => {
      if (it.affectsConfiguration(settingIds.adapterFolders)) later.call();
    }),
    vscode.languages.registerDocumentDropEditProvider(
      { language: languageId },
      { provideDocumentDropEdits: (document, _, data) => dropped(document, data, options) },
      { dropMimeTypes: ["text/uri-list"] },
    ),
    registerCommand(commandIds.useAdapter, log, async (node?: AdapterNode) => {
      const document = promptOrTell();
      const row = document && (node?.kind === "adapter" ? node : await pickRow(tree));
      if (row === undefined) return;
      await vscode.workspace.applyEdit(await addToPrompt(document!, row, options));
    }),
    registerCommand(commandIds.scaleAdapter, log, withEntry(askScale)),
    registerCommand(commandIds.raiseAdapter, log, stepped(STEP)),
    registerCommand(commandIds.lowerAdapter, log, stepped(-STEP)),
    registerCommand(
      commandIds.removeAdapter,
      log,
      withEntry(() => Promise.resolve("remove")),
    ),
    registerCommand(commandIds.addAdapterFolder, log, addFolder),
    registerCommand(commandIds.refreshAdapters, log, () => tree.refresh()),
    registerCommand(commandIds.revealAdapter, log, async (node?: AdapterNode) => {
      if (node !== undefined) await vscode.commands.executeCommand("revealFileInOS", vscode.Uri.file(node.path));
    }),
  );
}

function promptOrTell(): vscode.TextDocument | undefined {
  const document = currentPrompt();
  if (document === undefined)
    void vscode.window.showInformationMessage("Open the .prompt file whose adapters you want to change.");
  return document;
}

async function pickRow(tree: AdapterTree): Promise<AdapterRow | undefined> {
  const rows = (await tree.folders()).flatMap((it) => it.rows).filter((it) => it.state === "unused");
  if (rows.length === 0) {
    void vscode.window.showInformationMessage(
      "There are no further adapters in the folders that are searched. Add a folder in the Adapters view.",
    );
    return undefined;
  }
  const items = rows.map((row) => ({ label: row.label, description: row.description, detail: row.path, row }));
  const placeHolder = "The adapter that the prompt is to use";
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.row;
}

async function pickEntry(entries: readonly AdapterEntry[]): Promise<AdapterEntry | undefined> {
  if (entries.length < 2) {
    if (entries.length === 0) void vscode.window.showInformationMessage("The prompt uses no adapter yet.");
    return entries[0];
  }
  const items = entries.map((entry) => ({ label: entry.name, description: `scale ${scaleText(entry.scale)}`, entry }));
  return (await vscode.window.showQuickPick(items, { placeHolder: "Which adapter of the prompt" }))?.entry;
}

interface ScaleItem extends vscode.QuickPickItem {
  readonly scale: number;
}

/** Steps to choose from with the arrow keys, and any number that is typed. */
function askScale({ name, scale }: AdapterEntry): Promise<{ readonly scale: number } | undefined> {
  return new Promise((resolve) => {
    const pick = vscode.window.createQuickPick<ScaleItem>();
    const presets = [...new Set([...PRESETS, scale])].sort((a, b) => a - b).map((it) => scaleItem(it, scale));
    pick.title = `Scale of ${name}`;
    pick.placeholder = "Choose, or type any number: 1 is all of its effect, 0 none, below 0 the opposite";
    pick.items = presets;
    pick.activeItems = presets.filter((it) => it.scale === scale);
    pick.onDidChangeValue((value) => {
      const typed = Number(value.replace(",", "."));
      const isNumber = value.trim() !== "" && Number.isFinite(typed) && Math.abs(typed) <= 100;
      pick.items = isNumber ? [{ ...scaleItem(typed, scale), alwaysShow: true }] : presets;
    });
    pick.onDidAccept(() => {
      const [chosen] = pick.activeItems;
      resolve(chosen && { scale: chosen.scale });
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined); // the first one to resolve wins
      pick.dispose();
    });
    pick.show();
  });
}

function scaleItem(scale: number, current: number): ScaleItem {
  const bar = "█".repeat(Math.min(Math.round(Math.abs(scale) * 8), 24));
  return { scale, label: scaleText(scale), description: `${bar}${scale === current ? "  now" : ""}` };
}

async function addFolder(): Promise<void> {
  const openLabel = "Search for Adapters Here";
  const chosen = await vscode.window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, openLabel });
  if (chosen?.[0] === undefined) return;
  const configuration = vscode.workspace.getConfiguration();
  const known = configuration.get<readonly string[]>(settingIds.adapterFolders) ?? [];
  const folders = [...new Set([...known, chosen[0].fsPath])];
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await configuration.update(settingIds.adapterFolders, folders, target);
}

/** Folders and files of adapters that are dropped into a prompt, from our view or from the Explorer. */
async function dropped(
  document: vscode.TextDocument,
  data: vscode.DataTransfer,
  options: RegisterAdaptersOptions,
): Promise<vscode.DocumentDropEdit | undefined> {
  const list = await data.get("text/uri-list")?.asString();
  const first = list?.split(/\r?\n/).find((it) => it !== "" && !it.startsWith("#"));
  if (first === undefined) return undefined;
  const uri = vscode.Uri.parse(first);
  if (uri.scheme !== "file" || !(await isAdapter(uri))) return undefined;
  const name = basename(uri.fsPath).replace(/(?:\.lora|\.control-vector)?\.gguf$/i, "");
  const edit = new vscode.DocumentDropEdit("");
  edit.title = "Use This Adapter";
  edit.additionalEdit = await addToPrompt(document, { name, path: uri.fsPath }, options);
  return edit;
}

async function isAdapter(uri: vscode.Uri): Promise<boolean> {
  if (uri.path.toLowerCase().endsWith(".gguf")) return true;
  try {
    await vscode.workspace.fs.stat(vscode.Uri.joinPath(uri, "adapter_config.json"));
    return true;
  } catch {
    return false;
  }
}

/** Runs once when calls have come to rest. */
function delayed(run: () => void): { readonly call: () => void; dispose(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    call() {
      clearTimeout(timer);
      timer = setTimeout(run, REFRESH_MS);
    },
    dispose: () => clearTimeout(timer),
  };
}
