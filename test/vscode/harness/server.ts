/** One running VS Code server on the loopback interface, with a data folder that is gone when it stops. */

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";

import type { VSCodeInstall } from "./install.js";
import { startGroup } from "./processes.js";

export interface ServerOptions {
  readonly install: VSCodeInstall;
  /** Takes everything the server writes. The caller makes it and removes it. */
  readonly folder: string;
  readonly extensionsDir: string;
  readonly settings: Settings;
  /** Reaches the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * `tests`: a page may name an extension under development and tests to run, and VS Code shows no toasts.
   * `people`: as a person has it, behind a token.
   */
  readonly audience: "tests" | "people";
}

export type Settings = Readonly<Record<string, unknown>>;

export interface Server {
  readonly pid: number;
  readonly port: number;
  /** A page must name it in `tkn`. */
  readonly token: string | undefined;
  readonly logFile: string;
  readonly logFolder: string;
  /** Replaces the settings; VS Code notices by itself. */
  writeSettings(settings: Settings): Promise<void>;
  stop(): Promise<void>;
}

/** A quiet workbench: nothing opens by itself, nothing is fetched, nothing is saved unasked. */
const quietSettings: Settings = {
  "workbench.startupEditor": "none",
  "workbench.reduceMotion": "on",
  "workbench.iconTheme": "vs-seti",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "files.autoSave": "off",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
};

export async function startServer(options: ServerOptions): Promise<Server> {
  const { install, folder, extensionsDir, audience } = options;
  const port = await freePort();
  const data = join(folder, "server");
  const machine = join(data, "data/Machine");
  await mkdir(machine, { recursive: true });
  await mkdir(extensionsDir, { recursive: true });
  const writeSettings = (settings: Settings) =>
    writeFile(join(machine, "settings.json"), JSON.stringify({ ...quietSettings, ...settings }, undefined, 2));
  await writeSettings(options.settings);

  const token = audience === "people" ? randomUUID() : undefined;
  const logFile = join(folder, "server.log");
  const log = openSync(logFile, "w");
  const args = [
    ...[install.serverMain, "--host", "127.0.0.1", "--port", String(port)],
    ...(token === undefined ? ["--without-connection-token"] : ["--connection-token", token]),
    ...["--server-data-dir", data, "--extensions-dir", extensionsDir, "--accept-server-license-terms"],
    ...["--telemetry-level", "off", "--disable-telemetry", "--disable-experiments"],
    ...["--disable-workspace-trust", "--disable-getting-started-override"],
    ...(audience === "tests" ? ["--enable-smoke-test-driver"] : []),
  ];
  const group = startGroup(install.node, args, {
    stdio: ["ignore", log, log],
    env: { ...inheritedEnv(), ...options.env, XDG_RUNTIME_DIR: folder, EXTENSIONS_GALLERY: '{"serviceUrl":""}' },
  });
  closeSync(log);
  const pid = group.child.pid!;
  const server = { pid, port, token, logFile, logFolder: join(data, "data/logs"), writeSettings, stop: group.stop };
  try {
    await untilItAnswers(port, () => group.child.exitCode);
  } catch (error) {
    await group.stop();
    throw new Error(`the VS Code server did not start\n${await tail(logFile)}`, { cause: error });
  }
  return server;
}

/** The last lines of a log that are not like `leftOut`, or nothing where there is none. */
export async function tail(path: string, lineCount = 40, leftOut?: RegExp): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  const lines = text.trimEnd().split("\n");
  return lines
    .filter((it) => leftOut?.test(it) !== true)
    .slice(-lineCount)
    .join("\n");
}

/** A VS Code around us (its terminal) must not be taken for the one that we start. */
function inheritedEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(VSCODE_|ELECTRON_)/.test(key)));
}

async function untilItAnswers(port: number, exitCode: () => number | null): Promise<void> {
  const begin = performance.now();
  while (performance.now() - begin < 60_000) {
    if (exitCode() !== null) throw new Error(`it ended with ${exitCode()}`);
    const answered = await fetch(`http://127.0.0.1:${port}/version`).then(
      (it) => it.ok,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it gave no answer in 60 s");
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
