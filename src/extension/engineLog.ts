/** The output channel "Tiller Engine": what the engine, its process and our own mistakes have to say. */

import * as vscode from "vscode";

import type { Log } from "../base/log.js";

export interface EngineLog extends vscode.Disposable {
  readonly log: Log;
  /** For those who want the editor's own type. */
  readonly channel: vscode.LogOutputChannel;
}

export function createEngineLog(): EngineLog {
  const channel = vscode.window.createOutputChannel("Tiller Engine", { log: true });
  return {
    channel,
    log: { write: (level, message) => channel[level](message) },
    dispose: () => channel.dispose(),
  };
}
