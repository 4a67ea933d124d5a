/** The Models view with its commands. */

import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";

import { TillerError } from "../../base/error.js";
import type { RecommendedModel } from "../../base/recommendedModels.js";
import type { Engine, ModelSpec } from "../../protocol/engine.js";
import { registerCommand } from "../commandGuard.js";
import { commandIds, modelViewId, settingIds } from "../ids.js";
import { modelAt } from "./modelOptions.js";
import type { ModelRow } from "./modelRows.js";
import { ModelTree, type ModelNode, type ModelTreeOptions } from "./modelTree.js";
import { pullModel, type PullModelOptions } from "./pullModel.js";

export interface RegisterModelsOptions extends ModelTreeOptions, PullModelOptions {
  /** Loads with the status bar watching; `engine` only looks. */
  readonly loader: Engine;
  /** Tells when the engine is done with something: then others may be in memory. */
  readonly onIdle: (listener: () => void) => { dispose(): void };
}

const REFRESH_MS = 300;

export function registerModels(options: RegisterModelsOptions): vscode.Disposable {
  const { log, engine, loader, settings, embeddedModel } = options;
  const tree = new ModelTree(options);
  const view = vscode.window.createTreeView<ModelNode>(modelViewId, { treeDataProvider: tree });
  let timer: NodeJS.Timeout | undefined;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (view.visible) tree.refresh().catch((error: unknown) => log.write("warn", `the models: ${String(error)}`));
    }, REFRESH_MS);
  };
  const withRow =
    (title: string, suits: (row: ModelRow) => boolean, run: (row: ModelRow) => Promise<void>) =>
    async (node?: ModelNode): Promise<void> => {
      const row = node?.kind === "model" ? node : await pickRow(tree, title, suits);
      if (row === undefined) return;
      await run(row);
      await tree.refresh();
    };
  const unload = async (path: string): Promise<void> => {
    const { loaded } = await tree.list();
    for (const { model } of loaded.filter((it) => it.model.path === path))
      await engine.unload({ model }, () => {}, new AbortController().signal);
  };
  const has = (word: string) => (row: ModelRow) => row.words.includes(word);
  return vscode.Disposable.from(
    tree,
    view,
    { dispose: () => clearTimeout(timer) },
    options.onIdle(later),
    view.onDidChangeVisibility(later),
    vscode.workspace.onDidChangeConfiguration((it) => {
      const { model, modelFolders, modelOptions, contextTokens, precision } = settingIds;
      const ids = [model, modelFolders, modelOptions, contextTokens, precision];
      if (ids.some((id) => it.affectsConfiguration(id))) later();
    }),
    registerCommand(
      commandIds.loadModel,
      log,
      withRow("Load Model", has("idle"), (row) => load(loader, modelAt(settings().models, row.path), row.name)),
    ),
    registerCommand(
      commandIds.unloadModel,
      log,
      withRow("Unload Model", has("loaded"), (row) => unload(row.path)),
    ),
    registerCommand(
      commandIds.useModel,
      log,
      withRow("Use Model", (row) => !has("broken")(row) && has("unused")(row), (row) => useModel(row.embedded ? "" : row.path)),
    ),
    registerCommand(commandIds.revealModel, log, async (node?: ModelNode) => {
      if (node?.kind === "model") await vscode.commands.executeCommand("revealFileInOS", vscode.Uri.file(node.path));
    }),
    registerCommand(
      commandIds.deleteModel,
      log,
      withRow("Delete Model", has("removable"), async (row) => {
        if (row.path === embeddedModel || !(await confirmDelete(row))) return;
        await unload(row.path);
        for (const path of await filesOf(row.path))
          await vscode.workspace.fs.delete(vscode.Uri.file(path), { useTrash: true, recursive: true });
        if (row.path === settings().model.path) await useModel("");
      }),
    ),
    registerCommand(commandIds.pullModel, log, async (node?: ModelNode) => {
      const path = await pullModel(options, node?.kind === "recommended" ? recommendedOf(node) : undefined);
      if (path === undefined) return;
      await tree.refresh();
      const use = "Use It";
      // Not waited for: the answer may come tomorrow.
      void vscode.window.showInformationMessage(`${basename(path)} is there.`, use).then(async (answer) => {
        if (answer === use) await useModel(path);
      });
    }),
    registerCommand(commandIds.refreshModels, log, () => tree.refresh()),
  );
}

async function pickRow(
  tree: ModelTree,
  title: string,
  suits: (row: ModelRow) => boolean,
): Promise<ModelRow | undefined> {
  const rows = (await tree.rows()).filter(suits);
  if (rows.length === 0) {
    void vscode.window.showInformationMessage("There is no such model on this machine. Get one in the Models view.");
    return undefined;
  }
  const items = rows.map((row) => ({ label: row.name, description: row.description, detail: row.path, row }));
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.row;
}

/** A model that will not fit is refused by the engine with the numbers; the user may know better. */
async function load(engine: Engine, model: ModelSpec, name: string): Promise<void> {
  const options = { location: vscode.ProgressLocation.Window, title: `Loading ${name}` };
  const start = (spec: ModelSpec) =>
    vscode.window.withProgress(options, async () => {
      await engine.load({ model: spec }, () => {}, new AbortController().signal);
    });
  try {
    await start(model);
  } catch (error) {
    if (!(error instanceof TillerError) || error.code !== "out-of-memory") throw error;
    const anyway = "Load All the Same";
    const detail = error.message;
    const answer = await vscode.window.showWarningMessage(`${name} will not fit into memory.`, { modal: true, detail }, anyway);
    if (answer === anyway) await start({ ...model, ignoreMemory: true });
  }
}

/** Where the setting is set already, or for the user. */
async function useModel(path: string): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  const isOfWorkspace = configuration.inspect(settingIds.model)?.workspaceValue !== undefined;
  const target = isOfWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration.update(settingIds.model, path === "" ? undefined : path, target);
}

async function confirmDelete({ name, path }: ModelRow): Promise<boolean> {
  const move = "Move to Trash";
  const answer = await vscode.window.showWarningMessage(
    `Delete ${name}?`,
    { modal: true, detail: `${path} is moved to the trash.` },
    move,
  );
  return answer === move;
}

/** All files of a model that is cut into several. */
async function filesOf(path: string): Promise<string[]> {
  const [, stem, count] = /^(.*)-\d{5}-of-(\d{5})\.gguf$/i.exec(basename(path)) ?? [];
  if (stem === undefined) return [path];
  const names = await readdir(dirname(path));
  return names
    .filter((it) => it.startsWith(`${stem}-`) && it.toLowerCase().endsWith(`-of-${count}.gguf`))
    .map((it) => join(dirname(path), it));
}

function recommendedOf(node: Extract<ModelNode, { readonly kind: "recommended" }>): RecommendedModel {
  const { name, source, sizeBytes, memoryBytes, purpose, licence } = node;
  return { name, source, sizeBytes, memoryBytes, purpose, licence };
}
