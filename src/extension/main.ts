/** The extension's beginning: puts the parts together, and nothing else. No model is loaded and no host is started here. */

import { homedir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";

import { hostApi } from "../client/hostCalls.js";
import { HostSupervisor } from "../client/hostSupervisor.js";
import { startNodeChannel } from "../client/nodeChannel.js";
import { modelChoices } from "./compare/modelChoices.js";
import { registerCompare } from "./compare/registerCompare.js";
import { knownAdapters } from "./adapters/knownAdapters.js";
import { adapterPlaces } from "./adapters/adapterPlaces.js";
import { registerAdapters } from "./adapters/registerAdapters.js";
import { registerCommand } from "./commandGuard.js";
import { EngineWatch } from "./engineActivity.js";
import { createEngineLog } from "./engineLog.js";
import { registerGenerateWithGuidance } from "./guidance/generateWithGuidance.js";
import { registerGhostText } from "./ghost/ghostText.js";
import { commandIds, generatingContextKey } from "./ids.js";
import { startLanguageServer } from "./languageServer.js";
import { modelFolders } from "./models/modelFolders.js";
import { registerModels } from "./models/registerModels.js";
import { registerNewPrompt } from "./newPrompt.js";
import { Operations } from "./operations.js";
import { OutputDocuments } from "./outputDocuments.js";
import { registerPreview } from "./preview/registerPreview.js";
import { registerRunPrompt } from "./runPrompt.js";
import { readSettings } from "./settings.js";
import { registerStatusBar } from "./statusBar.js";
import { registerTests } from "./tests/registerTests.js";
import { registerSteering } from "./steering/registerSteering.js";

export function activate(context: vscode.ExtensionContext): void {
  const { extensionPath, extensionUri, subscriptions } = context;
  const engineLog = createEngineLog();
  const { log } = engineLog;
  const embeddedModel = join(extensionPath, "models", "SmolLM2-135M-Instruct.Q4_1.gguf");
  const settings = () => {
    const configuration = vscode.workspace.getConfiguration();
    return readSettings((id) => configuration.get(id), embeddedModel);
  };

  const places = () => adapterPlaces(settings().adapterFolders, join(extensionPath, "examples", "adapters"));

  const start = () => startNodeChannel({ modulePath: join(extensionPath, "dist", "host.js"), log });
  const supervisor = new HostSupervisor({ start, log });
  const watch = new EngineWatch(
    (...call) => supervisor.call(...call),
    () => performance.now(),
  );
  const operations = new Operations(
    (busy) => void vscode.commands.executeCommand("setContext", generatingContextKey, busy),
  );
  const outputs = new OutputDocuments();
  const language = startLanguageServer(join(extensionPath, "dist", "server.js"), log);
  // What only looks at files is no work of the engine that the status bar would show.
  const files = hostApi((...call) => supervisor.call(...call));
  const services = { engine: watch.api, runner: watch.api, settings, places, operations, log };
  const steering = registerSteering({
    ...services,
    engine: files,
    extensionUri,
    state: context.workspaceState,
    language,
    outputs,
  });

  // Disposed in this order: what asks for something goes before what answers.
  subscriptions.push(
    operations,
    registerRunPrompt({ ...services, outputs }),
    registerTests({ ...services, tester: watch.api, language }),
    registerGenerateWithGuidance({ ...services, state: context.globalState }),
    registerCommand(commandIds.cancel, log, () => operations.cancelAll()),
    registerCommand(commandIds.showEngineLog, log, () => engineLog.channel.show()),
    registerCommand(commandIds.restartEngine, log, () => supervisor.restart()),
    registerStatusBar({ watch, supervisor, engineLog, modelPath: () => settings().model.path }),
    registerPreview({
      ...services,
      extensionUri,
      state: context.workspaceState,
      language,
      onRemembered: () => steering.refresh(),
    }),
    steering,
    registerCompare({
      ...services,
      comparer: watch.api,
      language,
      extensionUri,
      state: context.workspaceState,
      models: () =>
        modelChoices(settings().model.path, [join(extensionPath, "models"), join(homedir(), ".tiller", "models")]),
      adapters: async () => (await knownAdapters(files, places().adapterFolders, log)).map((it) => it.name),
      showLog: () => engineLog.channel.show(),
    }),
    registerNewPrompt(log),
    registerGhostText({ ...services, language, state: context.globalState }),
    registerModels({
      engine: files,
      loader: watch.api,
      puller: files,
      embeddedModel,
      settings,
      folders: () => modelFolders(settings().modelFolders),
      log,
      onIdle: (listener) => watch.onActivity((it) => it.kind === "ready" && listener()),
    }),
    registerAdapters({
      ...services,
      engine: files,
      runner: files,
      onIdle: (listener) => watch.onActivity((it) => it.kind === "ready" && listener()),
    }),
    language,
    supervisor.onState((state) => watch.hostChanged(state)),
    supervisor,
    outputs,
    engineLog,
  );
}
