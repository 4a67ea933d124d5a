// Installs the programs we are compared with, into bench/out: only the benchmark needs them.

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const XLLAMACPP = "2026.10.11549";
const NODE_LLAMA_CPP = "3.22.1";

export interface Installed {
  readonly python: string;
  /** A folder in which node-llama-cpp can be imported; holds nodeLlamaCpp.mjs. */
  readonly nodeFolder: string;
}

/** `root` is the project's folder. */
export function installPeers(root: string): Installed {
  const out = join(root, "bench/out");
  mkdirSync(out, { recursive: true });
  const python = join(out, "venv/bin/python");
  if (!existsSync(python)) execFileSync("python3", ["-m", "venv", join(out, "venv")], { stdio: "inherit" });
  const has = spawnSync(python, ["-c", "import xllamacpp"]).status === 0;
  if (!has) execFileSync(python, ["-m", "pip", "install", "--quiet", `xllamacpp==${XLLAMACPP}`], { stdio: "inherit" });
  const nodeFolder = join(out, "node");
  if (!existsSync(join(nodeFolder, "node_modules/node-llama-cpp"))) {
    mkdirSync(nodeFolder, { recursive: true });
    const args = [
      "install",
      "--prefix",
      nodeFolder,
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      `node-llama-cpp@${NODE_LLAMA_CPP}`,
    ];
    execFileSync("npm", args, { stdio: "inherit", cwd: nodeFolder });
  }
  copyFileSync(join(root, "bench/peers/nodeLlamaCpp.mjs"), join(nodeFolder, "nodeLlamaCpp.mjs"));
  return { python, nodeFolder };
}

/** GB/s that `threads` threads can read; undefined without a C compiler. */
export function memoryBandwidth(root: string, threads: number): number | undefined {
  const program = join(root, "bench/out/bandwidth");
  const source = join(root, "bench/peers/bandwidth.c");
  if (!existsSync(program) && spawnSync("cc", ["-O3", "-march=native", "-pthread", "-o", program, source]).status !== 0)
    return undefined;
  return Number(execFileSync(program, [String(threads)], { encoding: "utf8" }).split(" ")[0]);
}
