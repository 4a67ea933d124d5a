/** The client of our language server, which checks, completes and formats `.prompt` files in a process of its own. */

import { existsSync } from "node:fs";
import { LanguageClient, TransportKind } from "vscode-languageclient/node";
import * as vscode from "vscode";

import { messageOf } from "../base/error.js";
import type { Log } from "../base/log.js";
import {
  appendShotMethod,
  compareChoicesMethod,
  filesChangedMethod,
  ghostPlaceMethod,
  previewMethod,
  promptTestsMethod,
} from "../protocol/language.js";
import { languageId, lensCommands } from "./ids.js";
import type { LanguageServer } from "./languageServer.js";

/** `modulePath` is the server's file; without it the editor works, and only language features are missing. */
export function startLanguageClient(modulePath: string, log: Log): LanguageServer {
  if (!existsSync(modulePath)) {
    log.write("warn", `The language server is missing (${modulePath}); reinstall Tiller.`);
    const nothing = () => Promise.resolve(null);
    return {
      dispose() {},
      preview: nothing,
      ghostPlace: nothing,
      appendShot: nothing,
      promptTests: nothing,
      compareChoices: nothing,
      onFilesChanged: () => ({ dispose() {} }),
    };
  }
  // A partial that changes on disk may put a prompt that uses it right or wrong.
  const watcher = vscode.workspace.createFileSystemWatcher("**/*.{prompt,jsonl,json,csv,tsv,txt,md}");
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
    log.write("error", `The language server did not start: ${messageOf(error)}`);
  });
  return {
    // Before it runs, the client keeps requests until it does.
    preview: (params) => client.sendRequest(previewMethod, params),
    ghostPlace: (params, token) => client.sendRequest(ghostPlaceMethod, params, token),
    appendShot: (params) => client.sendRequest(appendShotMethod, params),
    promptTests: (params) => client.sendRequest(promptTestsMethod, params),
    onFilesChanged: (listener) => client.onNotification(filesChangedMethod, listener),
    compareChoices: (params) => client.sendRequest(compareChoicesMethod, params),
    dispose: () => {
      watcher.dispose();
      client.stop().catch(() => {}); // it did not run
    },
  };
}
