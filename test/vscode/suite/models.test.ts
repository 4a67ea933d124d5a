/** The commands of the Models view, on a model of the tests and the one that comes with Tiller. */

import assert from "node:assert/strict";
import { join } from "node:path";
import * as vscode from "vscode";

import { commandIds, settingIds } from "../../../src/extension/ids.js";
import { outputWith, showPrompt } from "./promptRuns.js";

const extension = vscode.extensions.all.find((it) => it.id.endsWith(".tiller"))!;
const tiny = join(extension.extensionPath, "test/tiny/llama-untied/model.gguf");
const node = (path: string, embedded: boolean) => ({ kind: "model", name: "model", path, embedded, words: [] });

suite("models", function () {
  this.timeout(60_000);

  teardown(async () => {
    await vscode.workspace.getConfiguration().update(settingIds.model, undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  test("a model that is used runs the next prompt, and the one that comes with Tiller after it", async () => {
    const setting = () => vscode.workspace.getConfiguration().get(settingIds.model);
    await vscode.commands.executeCommand(commandIds.useModel, node(tiny, false));
    assert.equal(setting(), tiny);
    await vscode.commands.executeCommand(commandIds.loadModel, node(tiny, false));
    await showPrompt('Say {{select "word" "alpha"}}\n');
    await vscode.commands.executeCommand(commandIds.runPrompt);
    await outputWith(/\n\nalpha\n\n---\n/);
    await vscode.commands.executeCommand(commandIds.unloadModel, node(tiny, false));
    await vscode.commands.executeCommand(commandIds.useModel, node("", true));
    assert.equal(setting(), "");
  });

  test("the view can be opened and looked at again", async () => {
    await vscode.commands.executeCommand("tiller.models.focus");
    await vscode.commands.executeCommand(commandIds.refreshModels);
  });
});
