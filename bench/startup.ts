// From the start of a process to its first token, and the memory it has then.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Start {
  readonly firstTokenMs: number;
  /** Resident memory when the first token was written (MB), and the most it had been until then. */
  readonly residentMb: number;
  readonly peakMb: number;
}

/** Runs a program that writes to stdout when it has its first token, and ends it then. */
export async function startOf(command: string, args: readonly string[], cwd: string): Promise<Start> {
  const start = performance.now();
  const child = spawn(command, [...args], { cwd, stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((resolve, reject) => {
    child.stdout.once("data", () => {
      const firstTokenMs = performance.now() - start;
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      const megabytes = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1] ?? NaN) / 1024;
      resolve({ firstTokenMs, residentMb: megabytes("VmRSS"), peakMb: megabytes("VmHWM") });
      child.kill("SIGKILL");
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${command} ended without a token`)));
  });
}
