/**
 * Mocha inside the extension host of a real VS Code. The test files become CommonJS bundles; suite/runSuite.ts runs
 * them there and writes one JSON line per event, which is read here while it grows.
 */

import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

import type { SuiteEvent } from "../suite/suiteEvent.js";
import { within, type Say } from "./progress.js";
import { startSession, type SessionOptions } from "./session.js";
import { temporaryFolder } from "./temporaryFolder.js";

export interface HostTestOptions extends Omit<SessionOptions, "env"> {
  readonly root: string;
  readonly out: string;
  /** The extension under test: a folder with a package.json. */
  readonly extension: string;
  /** Only tests whose full title has this text. */
  readonly grep: string | undefined;
  /** Where measurements are written; without it none are made. */
  readonly results?: string;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const limitMs = 300_000;

export async function runHostTests(options: HostTestOptions, say: Say): Promise<Tally> {
  const suite = await buildSuite(options.root, options.out);
  const folder = await temporaryFolder("report");
  const report = join(folder.path, "events.jsonl");
  const grep = options.grep === undefined ? {} : { TILLER_TEST_GREP: options.grep };
  const results = options.results === undefined ? {} : { TILLER_BENCH_RESULTS: options.results };
  const session = await startSession({ ...options, env: { TILLER_TEST_REPORT: report, ...grep, ...results } });
  const events = new EventReader(report, say);
  try {
    const ended = new Promise<void>((resolve) => {
      void session.context.exposeFunction("codeAutomationExit", () => resolve());
    });
    await session.context.exposeFunction("codeAutomationLog", () => undefined);
    await session.open({ extensionDevelopmentPath: options.extension, extensionTestsPath: suite });
    const polling = setInterval(() => void events.read(), 250);
    try {
      await within(limitMs, "the tests in the extension host", ended);
    } finally {
      clearInterval(polling);
      await events.read();
    }
  } catch (error) {
    say(`FAIL ${error instanceof Error ? error.message : String(error)}`);
    if (events.running !== undefined) say(`     while this ran: ${events.running}`);
  }
  const complete = events.ended && 0 < events.passed + events.failed;
  if (!complete || 0 < events.failed) say(await session.keepEvidence(join(options.out, "vscode/failed-host")));
  await session.stop();
  await folder.remove();
  if (!complete) say("FAIL the extension host did not run the tests to their end");
  return { passed: events.passed, failed: events.failed + (complete ? 0 : 1) };
}

/** Bundles, because the extension host does not read TypeScript; mocha stays outside and is found in node_modules. */
async function buildSuite(root: string, out: string): Promise<string> {
  const folder = join(root, "test/vscode/suite");
  const files = (await readdir(folder)).filter((it) => it.endsWith(".test.ts") || it === "runSuite.ts");
  const outdir = join(out, "vscode/suite");
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: files.map((it) => join(folder, it)),
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    external: ["vscode", "mocha"],
    platform: "node",
    target: "node20",
    format: "cjs",
    sourcemap: "inline",
    logLevel: "warning",
  });
  return join(outdir, "runSuite.cjs");
}

/** Says each result as soon as the extension host has written it. */
class EventReader {
  passed = 0;
  failed = 0;
  ended = false;
  running: string | undefined;

  readonly #path: string;
  readonly #say: Say;
  #seen = 0;

  constructor(path: string, say: Say) {
    this.#path = path;
    this.#say = say;
  }

  async read(): Promise<void> {
    if (!existsSync(this.#path)) return;
    const lines = (await readFile(this.#path, "utf8")).split("\n").slice(0, -1);
    // No await between here and the end: two readers at once must not tell a line twice.
    for (const line of lines.slice(this.#seen)) this.#tell(JSON.parse(line) as SuiteEvent);
    this.#seen = Math.max(this.#seen, lines.length);
  }

  #tell(event: SuiteEvent): void {
    switch (event.type) {
      case "begin":
        this.running = event.title;
        return;
      case "passed":
        this.passed++;
        return this.#say(`ok   ${event.title} (${event.durationMs} ms)`);
      case "failed":
        this.failed++;
        return this.#say(`FAIL ${event.title}\n     ${event.error.replaceAll("\n", "\n     ")}`);
      case "end":
        this.ended = true;
        this.running = undefined;
        return;
      default:
        event satisfies never;
    }
  }
}
