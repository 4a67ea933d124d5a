/** Completions in the status bar: whether they are on in this kind of file, and what can be done about it. */

import * as vscode from "vscode";

import { DisposableStore } from "../../base/disposable.js";
import type { Log } from "../../base/log.js";
import { registerCommand } from "../commandGuard.js";
import { commandIds, internalCommandIds, settingIds } from "../ids.js";

export interface GhostStatusOptions {
  readonly log: Log;
  /** The kinds of files that can have completions. */
  readonly languages: readonly string[];
  readonly isOn: (language: string) => boolean;
  /** Undefined when they are not paused. */
  readonly pausedUntil: () => Date | undefined;
  readonly onDidPause: vscode.Event<void>;
}

export function registerGhostStatus(options: GhostStatusOptions): vscode.Disposable {
  const store = new DisposableStore();
  const item = store.add(vscode.languages.createLanguageStatusItem("tiller.ghostText", [...options.languages]));
  item.name = "Tiller completions";
  item.command = { title: "Change", command: internalCommandIds.ghostActions };
  const snoozed = store.add(vscode.window.createStatusBarItem("tiller.snoozed", vscode.StatusBarAlignment.Right, 89));
  snoozed.name = "Tiller completions, while they snooze";
  snoozed.command = commandIds.ghostSnooze;
  snoozed.tooltip = "Tiller offers no completions until then. Click to wake them now.";
  const update = () => {
    const language = vscode.window.activeTextEditor?.document.languageId;
    const until = options.pausedUntil();
    if (language === undefined || !options.isOn(language)) item.text = "Completions are off in this kind of file";
    else item.text = until === undefined ? "Completions are on" : `Completions snooze until ${timeOf(until)}`;
    snoozed.text = until === undefined ? "" : `$(bell-slash) until ${timeOf(until)}`;
    if (until === undefined) snoozed.hide();
    else snoozed.show();
  };
  store.add(options.onDidPause(update));
  store.add(vscode.window.onDidChangeActiveTextEditor(update));
  store.add(vscode.workspace.onDidChangeConfiguration(update));
  store.add(registerCommand(internalCommandIds.ghostActions, options.log, () => offerActions(options)));
  update();
  return store;
}

interface Action extends vscode.QuickPickItem {
  run(): unknown;
}

async function offerActions({ languages, isOn, pausedUntil }: GhostStatusOptions): Promise<void> {
  const language = vscode.window.activeTextEditor?.document.languageId;
  const actions: Action[] = [
    {
      label: pausedUntil() === undefined ? "$(bell-slash) Snooze for 10 Minutes" : "$(bell) Wake Them Now",
      run: () => vscode.commands.executeCommand(commandIds.ghostSnooze),
    },
  ];
  if (language !== undefined && languages.includes(language)) {
    const label = `${isOn(language) ? "$(circle-slash) Turn Off" : "$(check) Turn On"} in Files of the Kind "${language}"`;
    actions.push({ label, run: () => switchLanguage(language, !isOn(language)) });
  }
  actions.push({
    label: "$(graph) Show Counts",
    description: "how often completions were shown, accepted and kept",
    run: () => vscode.commands.executeCommand(commandIds.ghostCounts),
  });
  const action = await vscode.window.showQuickPick(actions, { title: "Tiller completions" });
  await action?.run();
}

/** Where the user has set it already, else for all workspaces. */
async function switchLanguage(language: string, on: boolean): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  const found = configuration.inspect<Record<string, boolean>>(settingIds.ghostLanguages);
  const inWorkspace = found?.workspaceValue !== undefined;
  const value = { ...(inWorkspace ? found.workspaceValue : found?.globalValue), [language]: on };
  const target = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration.update(settingIds.ghostLanguages, value, target);
}

function timeOf(date: Date): string {
  return date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}
