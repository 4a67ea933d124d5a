/** Runs the bundled `tiller` as a person would: arguments and files in; stdout, stderr and exit code out. */

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";

export const projectRoot = join(import.meta.dirname, "../../..");

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Another program than `tiller`, such as a shell. */
  readonly program?: string;
  /** Options of node itself. */
  readonly node?: readonly string[];
  /** Another user, so that permissions count although the tests run as root. */
  readonly uid?: number;
}

/** A bundle and an empty folder to work in, both gone when the test file is done. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), "tiller-cli-"));
  readonly cli: string;

  constructor() {
    // Under the project, where the bundle finds the native runtime.
    const program = join(import.meta.dirname, `../../cli-${process.pid}`);
    after(() => {
      for (const it of [program, this.folder]) rmSync(it, { recursive: true, force: true });
    });
    const build = spawnSync(process.execPath, ["esbuild.mjs", "--cli", join(program, "dist")], {
      cwd: projectRoot,
      encoding: "utf8",
    });
    if (build.status !== 0) throw new Error(`the bundle was not built: ${build.stderr}`);
    for (const it of ["models", "package.json"]) symlinkSync(join(projectRoot, it), join(program, it));
    this.cli = join(program, "dist/cli.js");
  }

  /** Writes a file into the folder and returns its path. */
  file(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  start(args: readonly string[], { env = {}, node = [], uid, program }: Options = {}) {
    const command = program === undefined ? [process.execPath, ...node, this.cli] : [program];
    return spawn(command[0]!, [...command.slice(1), ...args], {
      cwd: this.folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: this.folder, USERPROFILE: this.folder, ...env },
      ...(uid !== undefined && { uid, gid: uid }),
    });
  }

  async run(args: readonly string[], options: Options = {}): Promise<Outcome> {
    const child = this.start(args, options);
    child.stdin.on("error", () => {}); // a program that ends early does not read it
    child.stdin.end(options.stdin ?? "");
    return outcomeOf(child);
  }
}

export function outcomeOf(child: ReturnType<Workplace["start"]>): Promise<Outcome> {
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8");
    child[name].on("data", (it: string) => (texts[name] += it));
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...texts }));
  });
}
