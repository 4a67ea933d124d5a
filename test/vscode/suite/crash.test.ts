/** Promise 5 of the design, in a real editor: a crash costs one request, and the editor does not notice. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as vscode from "vscode";

import { commandIds } from "../../../src/extension/ids.js";
import { outputWith, showPrompt } from "./promptRuns.js";

suite("a crash of the engine", function () {
  this.timeout(60_000); // the engine is started twice

  suiteTeardown(() => vscode.commands.executeCommand("workbench.action.closeAllEditors"));

  test("costs the run that was going on, and the next one works", async () => {
    // The model may not end its answer, so that it is still at it when the engine is killed.
    await showPrompt('---\nconfig:\n  logitBias: {"0": -1000, "2": -1000}\n---\nCount from one to one thousand.\n');
    const run = vscode.commands.executeCommand(commandIds.runPrompt);
    await outputWith(/^# .*\n\n\w/);
    const engines = enginePids();
    assert.equal(engines.length, 1);
    process.kill(engines[0]!, "SIGKILL");
    await run;
    await outputWith(/\*\*The run failed\.\*\* The engine stopped: .*SIGKILL/);

    await showPrompt('Say {{select "word" "alpha"}}\n');
    await vscode.commands.executeCommand(commandIds.runPrompt);
    await outputWith(/\n\nalpha\n\n---\n/);
    assert.equal(enginePids().includes(engines[0]!), false);
  });

  test("restarting gives a fresh engine", async () => {
    const before = enginePids();
    await vscode.commands.executeCommand(commandIds.restartEngine);
    const after = enginePids();
    assert.equal(after.length, 1);
    assert.notDeepEqual(after, before);
  });
});

/** The processes of the engine that this extension host has started and that live. */
function enginePids(): number[] {
  return readdirSync("/proc")
    .filter((it) => /^\d+$/.test(it))
    .filter((it) => isEngine(it))
    .map(Number);
}

function isEngine(pid: string): boolean {
  try {
    const [, state, parent] = /^\d+ \(.*\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))!;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return Number(parent) === process.pid && state !== "Z" && commandLine.includes("dist/host.js");
  } catch {
    return false; // it ended while the list was read
  }
}
