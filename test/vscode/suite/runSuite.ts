/** Runs inside the extension host: every *.test.cjs beside this file, in mocha, in one VS Code. */

import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";
import * as vscode from "vscode";

import type { SuiteEvent } from "./suiteEvent.js";

/** VS Code calls this and takes a rejection for a failed run. */
export async function run(): Promise<void> {
  const report = process.env["TILLER_TEST_REPORT"];
  if (report === undefined) throw new Error("TILLER_TEST_REPORT is not set: start the tests with test/vscode/run.mjs");
  const tell = (event: SuiteEvent) => appendFileSync(report, `${JSON.stringify(event)}\n`);

  if (!(await starts(tell))) throw new Error("the extension did not start");
  const mocha = new Mocha({ ui: "tdd", timeout: 30_000, reporter: Mocha.reporters.Base });
  const grep = process.env["TILLER_TEST_GREP"];
  if (grep !== undefined) mocha.fgrep(grep);
  const files = readdirSync(__dirname).filter((it) => it.endsWith(".test.cjs"));
  for (const file of files.sort()) mocha.addFile(join(__dirname, file));
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on("test", (test) => tell({ type: "begin", title: test.fullTitle() }));
    runner.on("pass", (test) => tell({ type: "passed", title: test.fullTitle(), durationMs: test.duration ?? 0 }));
    runner.on("fail", (test, error: Error) => {
      tell({ type: "failed", title: test.fullTitle(), error: error.stack ?? error.message });
    });
  });
  tell({ type: "end" });
  if (0 < failures) throw new Error(`${failures} failed`);
}

/** Without the extension every other test would wait for its time-out. */
async function starts(tell: (event: SuiteEvent) => void): Promise<boolean> {
  const title = "the extension starts";
  const begin = performance.now();
  try {
    await vscode.extensions.getExtension("tiller.tiller")!.activate();
    tell({ type: "passed", title, durationMs: Math.round(performance.now() - begin) });
    return true;
  } catch (error) {
    tell({ type: "failed", title, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    tell({ type: "end" });
    return false;
  }
}
