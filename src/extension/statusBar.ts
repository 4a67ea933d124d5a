/** The model and what it is doing, in the status bar; a click offers what can be done about it. */

import * as vscode from "vscode";

import { DisposableStore } from "../base/disposable.js";
import { modelName } from "../base/modelName.js";
import type { HostSupervisor } from "../client/hostSupervisor.js";
import { registerCommand } from "./commandGuard.js";
import type { EngineLog } from "./engineLog.js";
import type { EngineWatch } from "./engineActivity.js";
import { commandIds, internalCommandIds } from "./ids.js";
import { statusText } from "./statusText.js";

export interface StatusBarOptions {
  readonly watch: EngineWatch;
  readonly supervisor: HostSupervisor;
  readonly engineLog: EngineLog;
  readonly modelPath: () => string;
}

export function registerStatusBar({ watch, supervisor, engineLog, modelPath }: StatusBarOptions): vscode.Disposable {
  const store = new DisposableStore();
  const item = store.add(vscode.window.createStatusBarItem("tiller.engine", vscode.StatusBarAlignment.Right, 90));
  item.name = "Tiller engine";
  item.command = internalCommandIds.engineActions;
  const update = () => {
    const { text, tooltip, failed } = statusText(watch.activity, modelName(modelPath()));
    item.text = text;
    item.tooltip = tooltip;
    item.backgroundColor = failed ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
  };
  store.add(watch.onActivity(atMostEvery(100, update, store)));
  store.add(vscode.workspace.onDidChangeConfiguration(update));
  store.add(registerCommand(internalCommandIds.engineActions, engineLog.log, () => offerActions(supervisor)));
  update();
  item.show();
  return store;
}

interface Action extends vscode.QuickPickItem {
  run(): unknown;
}

async function offerActions(supervisor: HostSupervisor): Promise<void> {
  const actions: Action[] = [
    { label: "$(output) Show Engine Log", run: () => vscode.commands.executeCommand(commandIds.showEngineLog) },
    { label: "$(debug-restart) Restart Engine", run: () => vscode.commands.executeCommand(commandIds.restartEngine) },
  ];
  if (supervisor.state.kind !== "stopped") {
    const detail = "Frees the memory of its models. The next request starts it again.";
    actions.push({ label: "$(debug-stop) Stop Engine", detail, run: () => supervisor.stop() });
  }
  const action = await vscode.window.showQuickPick(actions, { title: "Tiller engine" });
  await action?.run();
}

/** The last call of a burst is never lost. */
function atMostEvery(ms: number, run: () => void, store: DisposableStore): () => void {
  let timer: NodeJS.Timeout | undefined;
  store.add({ dispose: () => clearTimeout(timer) });
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      run();
    }, ms);
  };
}
