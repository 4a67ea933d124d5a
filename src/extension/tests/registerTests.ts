/** The tests of prompts in the editor's Testing view, and the lens above a prompt that runs them. */

import * as vscode from "vscode";

import { messageOf } from "../../base/error.js";
import { DisposableStore } from "../../base/disposable.js";
import type { Log } from "../../base/log.js";
import { failureText } from "../../lang/tests/failureText.js";
import type { PromptTester, TestOutcome } from "../../protocol/test.js";
import type { Places } from "../adapters/adapterPlaces.js";
import { onCancel } from "../cancellation.js";
import { registerCommand } from "../commandGuard.js";
import { commandIds } from "../ids.js";
import type { LanguageServer } from "../languageServer.js";
import type { Operations } from "../operations.js";
import { isPrompt, promptPath } from "../promptDocument.js";
import type { Settings } from "../settings.js";

export interface TestServices {
  readonly tester: PromptTester;
  readonly language: Pick<LanguageServer, "promptTests">;
  readonly settings: () => Settings;
  readonly places: () => Places;
  readonly operations: Operations;
  readonly log: Log;
}

/** After the last key. */
const PAUSE_MS = 300;
/** More prompts than this are not looked at: a folder that large was opened by mistake. */
const MOST_PROMPTS = 2000;

export function registerTests(services: TestServices): vscode.Disposable {
  const store = new DisposableStore();
  const controller = store.add(vscode.tests.createTestController("tiller.tests", "Tiller"));
  const waiting = new Map<string, NodeJS.Timeout>();

  controller.resolveHandler = async (item) => {
    if (item === undefined) await discoverAll();
  };
  controller.refreshHandler = () => discoverAll();
  controller.createRunProfile(
    "Run",
    vscode.TestRunProfileKind.Run,
    (request, token) => runTests(controller, request, token, services),
    true,
  );

  async function discoverAll(): Promise<void> {
    const found = await vscode.workspace.findFiles("**/*.prompt", undefined, MOST_PROMPTS);
    const known = new Set(found.map((it) => it.toString()));
    for (const [id] of controller.items) if (!known.has(id)) controller.items.delete(id);
    await Promise.all(found.map(discover));
  }

  async function discover(uri: vscode.Uri): Promise<void> {
    try {
      showTests(controller, uri, (await services.language.promptTests({ uri: uri.toString() }))?.tests ?? []);
    } catch (error) {
      services.log.write("warn", `the tests of ${uri.toString()} were not read: ${messageOf(error)}`);
    }
  }

  function discoverSoon(uri: vscode.Uri): void {
    const key = uri.toString();
    clearTimeout(waiting.get(key));
    waiting.set(
      key,
      setTimeout(() => {
        waiting.delete(key);
        void discover(uri);
      }, PAUSE_MS),
    );
  }

  const watcher = store.add(vscode.workspace.createFileSystemWatcher("**/*.prompt"));
  store.add(watcher.onDidCreate(discoverSoon));
  store.add(watcher.onDidChange(discoverSoon));
  store.add(watcher.onDidDelete((uri) => controller.items.delete(uri.toString())));
  store.add(vscode.workspace.onDidOpenTextDocument((it) => isPrompt(it) && discoverSoon(it.uri)));
  store.add(
    vscode.workspace.onDidChangeTextDocument(({ document }) => isPrompt(document) && discoverSoon(document.uri)),
  );
  store.add(
    registerCommand(commandIds.test, services.log, async (given?: vscode.Uri) => {
      const uri = given ?? vscode.window.activeTextEditor?.document.uri;
      if (uri === undefined) return void vscode.window.showInformationMessage("Open the .prompt file to be tested.");
      await discover(uri);
      const item = controller.items.get(uri.toString());
      if (item === undefined) {
        const message = "This prompt has no tests. Add some under `tiller.tests` in its front matter.";
        return void vscode.window.showInformationMessage(message);
      }
      await vscode.commands.executeCommand("workbench.view.testing.focus");
      const token = new vscode.CancellationTokenSource();
      await runTests(controller, new vscode.TestRunRequest([item]), token.token, services);
      token.dispose();
    }),
  );
  store.add({ dispose: () => waiting.forEach((it) => clearTimeout(it)) });
  return store;
}

interface PlacedTest {
  readonly name: string;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** A prompt without tests is not shown. */
function showTests(controller: vscode.TestController, uri: vscode.Uri, tests: readonly PlacedTest[]): void {
  const id = uri.toString();
  if (tests.length === 0) return controller.items.delete(id);
  const file = controller.items.get(id) ?? controller.createTestItem(id, vscode.workspace.asRelativePath(uri), uri);
  file.children.replace(
    tests.map(({ name, firstLine, lastLine }) => {
      const item = file.children.get(name) ?? controller.createTestItem(name, name, uri);
      item.range = new vscode.Range(firstLine, 0, lastLine, 0);
      return item;
    }),
  );
  controller.items.add(file);
}

/** The tests that were asked for, by their prompts. */
function chosenTests(
  controller: vscode.TestController,
  { include, exclude = [] }: vscode.TestRunRequest,
): ReadonlyMap<vscode.TestItem, readonly vscode.TestItem[]> {
  const chosen = new Map<vscode.TestItem, vscode.TestItem[]>();
  const childrenOf = (file: vscode.TestItem) => [...file.children].map(([, it]) => it);
  const all = include ?? [...controller.items].map(([, it]) => it);
  for (const test of all.flatMap((it) => (it.parent === undefined ? childrenOf(it) : [it]))) {
    const file = test.parent!;
    if (exclude.includes(test) || exclude.includes(file)) continue;
    chosen.set(file, [...(chosen.get(file) ?? []), test]);
  }
  return chosen;
}

async function runTests(
  controller: vscode.TestController,
  request: vscode.TestRunRequest,
  token: vscode.CancellationToken,
  services: TestServices,
): Promise<void> {
  const run = controller.createTestRun(request);
  const operation = services.operations.start();
  const store = new DisposableStore();
  store.add(onCancel(token, () => operation.cancel()));
  store.add(onCancel(run.token, () => operation.cancel()));
  try {
    const chosen = chosenTests(controller, request);
    for (const it of [...chosen.values()].flat()) run.enqueued(it);
    for (const [file, tests] of chosen) {
      if (operation.signal.aborted) break;
      await runFile(run, file, tests, operation.signal, services);
    }
  } finally {
    store.dispose();
    operation.dispose();
    run.end();
  }
}

async function runFile(
  run: vscode.TestRun,
  file: vscode.TestItem,
  tests: readonly vscode.TestItem[],
  signal: AbortSignal,
  { tester, settings, places, log }: TestServices,
): Promise<void> {
  const itemOf = (name: string) => tests.find((it) => it.id === name);
  const done = new Set<vscode.TestItem>();
  try {
    if (!vscode.workspace.isTrusted) throw new Error("Tiller runs prompts only in workspaces that you trust.");
    const document = await vscode.workspace.openTextDocument(file.uri!);
    await tester.test(
      {
        path: promptPath(document),
        text: document.getText(),
        model: settings().model,
        names: tests.map((it) => it.id),
        ...places(),
      },
      (event) => {
        if (event.type === "started") withItem(itemOf(event.name), (it) => run.started(it));
        if (event.type !== "ended") return;
        withItem(itemOf(event.outcome.name), (it) => {
          done.add(it);
          tell(run, it, event.outcome);
        });
      },
      signal,
    );
    for (const it of tests) if (!done.has(it)) run.skipped(it); // it was stopped
  } catch (error) {
    if (!signal.aborted) log.write("error", `testing ${file.id}: ${messageOf(error)}`);
    for (const it of tests.filter((one) => !done.has(one)))
      if (signal.aborted) run.skipped(it);
      else run.errored(it, new vscode.TestMessage(messageOf(error)));
  }
}

function withItem(item: vscode.TestItem | undefined, use: (item: vscode.TestItem) => void): void {
  if (item !== undefined) use(item);
}

function tell(run: vscode.TestRun, item: vscode.TestItem, outcome: TestOutcome): void {
  const lines = outcome.passed ? [] : failureText(outcome);
  const share = `${outcome.runs.filter((it) => it.passed).length} of ${outcome.runs.length}`;
  run.appendOutput(`${outcome.passed ? "passed" : "failed"} ${item.label} (${share})\r\n`, undefined, item);
  for (const it of lines) run.appendOutput(`  ${it}\r\n`, undefined, item);
  if (outcome.passed) return run.passed(item, outcome.ms);
  const message = new vscode.TestMessage(lines.join("\n"));
  if (item.uri !== undefined && item.range !== undefined) message.location = new vscode.Location(item.uri, item.range);
  run.failed(item, message, outcome.ms);
}
