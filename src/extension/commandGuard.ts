/** The one guard around every command: what goes wrong is told to the user once, and logged. */

import * as vscode from "vscode";

import { messageOf, stackOf, TillerError } from "../base/error.js";
import type { Log } from "../base/log.js";
import { commandIds } from "./ids.js";

export function registerCommand<Args extends unknown[]>(
  id: string,
  log: Log,
  run: (...args: Args) => Promise<void> | void,
): vscode.Disposable {
  return vscode.commands.registerCommand(id, async (...args: Args) => {
    try {
      await run(...args);
    } catch (error) {
      report(id, error, log);
    }
  });
}

/** Shows what went wrong, with what can be done about it, and does not wait for an answer. */
export function report(what: string, error: unknown, log: Log): void {
  log.write("error", `${what}: ${stackOf(error)}`);
  const actions: { readonly title: string; readonly command: string }[] = [
    { title: "Show Log", command: commandIds.showEngineLog },
  ];
  if (error instanceof TillerError && error.code === "host-exited") {
    actions.push({ title: "Restart Engine", command: commandIds.restartEngine });
  }
  void vscode.window.showErrorMessage(messageOf(error), ...actions).then((action) => {
    if (action !== undefined) void vscode.commands.executeCommand(action.command);
  });
}
