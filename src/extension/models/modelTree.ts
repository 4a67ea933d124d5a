/** The Models view: the models on this machine, and below them those that would suit it. */

import * as vscode from "vscode";

import { recommendedModels, type RecommendedModel } from "../../base/recommendedModels.js";
import type { Engine, ModelList, ModelSpec, RunsAs } from "../../protocol/engine.js";
import { byName, type ModelOptions, type ModelSettings } from "./modelOptions.js";
import { modelRows, recommendedText, type ModelRow } from "./modelRows.js";

export interface ModelTreeOptions {
  readonly engine: Engine;
  readonly embeddedModel: string;
  readonly settings: () => { readonly model: ModelSpec; readonly models: ModelSettings };
  /** Absolute paths of the folders that are searched. */
  readonly folders: () => readonly string[];
}

export type ModelNode =
  | ({ readonly kind: "model" } & ModelRow)
  | { readonly kind: "recommendations"; readonly models: readonly RecommendedModel[] }
  | ({ readonly kind: "recommended" } & RecommendedModel);

export class ModelTree implements vscode.TreeDataProvider<ModelNode>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;

  #shown: Promise<readonly ModelNode[]> | undefined;

  constructor(private readonly options: ModelTreeOptions) {}

  /** Redraws only what is no longer so: a row that is drawn anew loses the click that is on its way to it. */
  async refresh(): Promise<void> {
    const before = JSON.stringify(await this.#shown?.catch(() => undefined));
    const next = await this.#nodes();
    if (JSON.stringify(next) === before) return;
    this.#shown = Promise.resolve(next);
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async getChildren(node?: ModelNode): Promise<ModelNode[]> {
    if (node?.kind === "recommendations") return node.models.map((it) => ({ kind: "recommended", ...it }));
    if (node !== undefined) return [];
    this.#shown ??= this.#nodes();
    return [...(await this.#shown)];
  }

  getTreeItem(node: ModelNode): vscode.TreeItem {
    switch (node.kind) {
      case "model":
        return modelItem(node);
      case "recommendations":
        return recommendationsItem();
      case "recommended":
        return recommendedItem(node);
      default:
        return node satisfies never;
    }
  }

  list(): Promise<ModelList> {
    const { engine, settings, embeddedModel, folders } = this.options;
    const { model, models } = settings();
    const request = {
      files: [embeddedModel, model.path],
      folders: folders(),
      ...runsAs(models.general),
      ...runsAs(models.options["*"] ?? {}),
      byName: Object.fromEntries(Object.entries(byName(models)).map(([name, it]) => [name, runsAs(it)])),
    };
    return engine.listModels(request, () => {}, new AbortController().signal);
  }

  async rows(): Promise<ModelRow[]> {
    const { settings, embeddedModel } = this.options;
    return modelRows(await this.list(), { usedPath: settings().model.path, embeddedPath: embeddedModel });
  }

  async #nodes(): Promise<ModelNode[]> {
    const { settings, embeddedModel } = this.options;
    const list = await this.list();
    const rows = modelRows(list, { usedPath: settings().model.path, embeddedPath: embeddedModel });
    const there = new Set(list.models.map((it) => it.name.toLowerCase()));
    const models = recommendedModels(list.totalBytes).filter((it) => !isThere(it, there));
    const nodes = rows.map((it): ModelNode => ({ kind: "model", ...it }));
    return models.length === 0 ? nodes : [...nodes, { kind: "recommendations", models }];
  }
}

/** What decides how much memory a model takes. */
function runsAs({ precision, contextTokens, cache }: ModelOptions): RunsAs {
  return {
    ...(precision !== undefined && { precision }),
    ...(contextTokens !== undefined && { contextTokens }),
    ...(cache !== undefined && { cache }),
  };
}

/** By the name of its file, as far as the source tells it. */
function isThere({ source }: RecommendedModel, names: ReadonlySet<string>): boolean {
  const [, file] = /\/([^/:]+)\.gguf$/i.exec(source) ?? [];
  const [, repository, quantization] = /\/([^/:]+)-GGUF:(\w+)$/.exec(source) ?? [];
  return names.has((file ?? `${repository}-${quantization}`).toLowerCase());
}

function modelItem(row: ModelRow): vscode.TreeItem {
  const item = new vscode.TreeItem(row.name);
  item.id = row.path;
  item.description = row.description;
  item.tooltip = new vscode.MarkdownString(row.tooltip.join("\n\n"));
  item.iconPath = new vscode.ThemeIcon(row.icon);
  item.contextValue = row.words.join(" ");
  item.accessibilityInformation = { label: row.spoken };
  return item;
}

function recommendationsItem(): vscode.TreeItem {
  const item = new vscode.TreeItem("Recommended for this machine", vscode.TreeItemCollapsibleState.Collapsed);
  item.id = "recommendations";
  item.iconPath = new vscode.ThemeIcon("lightbulb");
  item.contextValue = "recommendations";
  item.tooltip = "Nothing is fetched unless you ask for it.";
  return item;
}

function recommendedItem(model: RecommendedModel): vscode.TreeItem {
  const { description, tooltip } = recommendedText(model);
  const item = new vscode.TreeItem(model.name);
  item.id = `recommended ${model.source}`;
  item.description = description;
  item.tooltip = new vscode.MarkdownString(tooltip.join("\n\n"));
  item.iconPath = new vscode.ThemeIcon("cloud");
  item.contextValue = "recommended";
  item.accessibilityInformation = { label: `${model.name}, ${description}, not on this machine` };
  return item;
}
