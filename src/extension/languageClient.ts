/** The client of our language server, which checks, completes and formats `.prompt` files in a process of its own. */

import { existsSync } from "node:fs";
import { LanguageClient, TransportKind } from "vscode-languageclient/node";
import * as vscode from "vscode";

import type { Log } from "../base/log.js";
import { previewMethod, type PreviewContent, type PreviewParams } from "../protocol/language.js";
import { languageId, lensCommands } from "./ids.js";

export interface LanguageServer extends vscode.Disposable {
  /** What the preview shows of a prompt; null where there is none. */
  preview(params: PreviewParams): Promise<PreviewContent | null>;
}

/** `modulePath` is the server's file; without it the editor works, and only language features are missing. */
export function startLanguageClient(modulePath: string, log: Log): LanguageServer {
  if (!existsSync(modulePath)) {
    log.write("warn", `The language server is missing (${modulePath}); reinstall Tiller.`);
    return { dispose() {}, preview: () => Promise.resolve(null) };
  }
  // A partial that changes on disk may put a prompt that uses it right or wrong.
  const watcher = vscode.workspace.createFileSystemWatcher("**/*.{prompt,jsonl}");
  const client = new LanguageClient(
    "tiller",
    "Tiller",
    { module: modulePath, transport: TransportKind.ipc },
    {
      documentSelector: [{ language: languageId }],
      synchronize: { fileEvents: watcher },
      initializationOptions: { lenses: lensCommands },
    },
  );
  client.start().catch((error: unknown) => {
    log.write("error", `The language server did not start: ${error instanceof Error ? error.message : String(error)}`);
  });
  return {
    // Before it runs, the client keeps requests until it does.
    preview: (params) => client.sendRequest<PreviewContent | null>(previewMethod, params),
    dispose: () => {
      watcher.dispose();
      client.stop().catch(() => {}); // it did not run
    },
  };
}
