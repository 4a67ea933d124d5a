/** The Steering panel with its commands. */

import * as vscode from "vscode";

import { registerCommand } from "../commandGuard.js";
import { commandIds, steeringViewId } from "../ids.js";
import { SteeringView, type SteeringServices } from "./steeringView.js";

export interface RegisteredSteering extends vscode.Disposable {
  /** What the panel shows may have changed. */
  refresh(): void;
}

export function registerSteering(services: SteeringServices): RegisteredSteering {
  const view = new SteeringView(services);
  const { log } = services;
  const registered = vscode.Disposable.from(
    view,
    vscode.window.registerWebviewViewProvider(steeringViewId, view),
    registerCommand(commandIds.runSteered, log, async () => {
      await vscode.commands.executeCommand(`${steeringViewId}.focus`);
      await view.run();
    }),
    registerCommand(commandIds.writeSteering, log, () => view.write()),
    registerCommand(commandIds.resetSteering, log, () => view.reset()),
    registerCommand(commandIds.compareSteering, log, () => view.compare()),
  );
  return { refresh: () => view.refresh(), dispose: () => void registered.dispose() };
}
