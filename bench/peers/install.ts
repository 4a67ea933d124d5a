// Installs the programs we are compared with, into bench/out: only the benchmark needs them. Linux and macOS.

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const XLLAMACPP = "2026.10.11549";
const NODE_LLAMA_CPP = "3.22.1";

export interface Installed {
  readonly python: string;
  /** A folder in which node-llama-cpp can be imported; holds nodeLlamaCpp.mjs. */
  readonly nodeFolder: string;
}

/** `root` is the project's folder. What is there in the right version is left as it is. */
export function installPeers(root: string): Installed {
  return { python: installLlama(root), nodeFolder: installNode(root, join(root, "bench/out/node")) };
}

/** Python with llama.cpp, for llamaServer.py. */
export function installLlama(root: string): string {
  mkdirSync(join(root, "bench/out"), { recursive: true });
  const folder = join(root, "bench/out/venv");
  const python = join(folder, "bin/python");
  if (!existsSync(python)) execFileSync("python3", ["-m", "venv", folder], { stdio: "inherit" });
  const ask = "from importlib.metadata import version; print(version('xllamacpp'))";
  const found = spawnSync(python, ["-c", ask], { encoding: "utf8" }).stdout.trim();
  if (found === XLLAMACPP) return python;
  execFileSync(python, ["-m", "pip", "install", "--quiet", `xllamacpp==${XLLAMACPP}`], { stdio: "inherit" });
  return python;
}

function installNode(root: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  if (installedVersion(folder) !== NODE_LLAMA_CPP) {
    // Its programs come in optional packages; all of them together, with those for graphics cards, are 700 MB.
    const packages = [`node-llama-cpp@${NODE_LLAMA_CPP}`, `@node-llama-cpp/${platformName()}@${NODE_LLAMA_CPP}`];
    const quiet = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"];
    execFileSync("npm", ["install", "--prefix", folder, ...quiet, ...packages], { stdio: "inherit", cwd: folder });
  }
  copyFileSync(join(root, "bench/peers/nodeLlamaCpp.mjs"), join(folder, "nodeLlamaCpp.mjs"));
  return folder;
}

function installedVersion(folder: string): string | undefined {
  const path = join(folder, "node_modules/node-llama-cpp/package.json");
  if (!existsSync(path)) return undefined;
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
}

function platformName(): string {
  if (process.platform !== "darwin") return `linux-${process.arch}`;
  return process.arch === "arm64" ? "mac-arm64-metal" : "mac-x64";
}

/** GB/s that `threads` threads can read; undefined without a C compiler. */
export function memoryBandwidth(root: string, threads: number): number | undefined {
  const program = join(root, "bench/out/bandwidth");
  const source = join(root, "bench/peers/bandwidth.c");
  const isFresh = existsSync(program) && statSync(source).mtimeMs <= statSync(program).mtimeMs;
  const args = ["-O3", "-march=native", "-pthread", "-o", program, source];
  if (!isFresh && spawnSync("cc", args).status !== 0) return undefined;
  return Number(execFileSync(program, [String(threads)], { encoding: "utf8" }).split(" ")[0]);
}
