/** Tries a device in a process of its own: what crashes there costs nothing here. */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export type ProbeAnswer =
  /** The runtime cannot compute our graph there: no driver, no library, no operator. */
  | { readonly kind: "absent"; readonly message: string }
  /** It computes something else than the CPU: in what, and the largest difference. */
  | { readonly kind: "wrong"; readonly what: string; readonly worst: number }
  | RightAnswer
  /** The process did not live to answer. */
  | { readonly kind: "crashed"; readonly how: string };

/** It computes the same as the CPU. */
export interface RightAnswer {
  readonly kind: "right";
  /** From the narrowest on. */
  readonly speedups: readonly Speedup[];
  /** Keys and values can stay on it between two steps. */
  readonly keeps: boolean;
  /** What of attention it computes otherwise than the CPU. */
  readonly lacks: readonly AttentionFeature[];
  /** Longer pieces of a prompt come out wrong; left out: none do. */
  readonly pieceTokens?: number;
}

/** How many times as fast as the CPU it writes, with layers of that width. */
export interface Speedup {
  readonly width: number;
  readonly times: number;
}

/** What only some models ask of attention. */
export type AttentionFeature = "soft cap" | "window";

export interface ProbeOptions {
  /** The JavaScript file that is run with the device's name; tests have others. */
  readonly program?: string;
  readonly timeoutMs?: number;
}

/** A driver in software on a busy machine needs half of it. */
const TIMEOUT_MS = 45_000;
const MOST_OUTPUT = 1 << 16;

/** Never rejects. */
export async function probeDevice(device: string, options: ProbeOptions = {}): Promise<ProbeAnswer> {
  const { program = probeProgram(), timeoutMs = TIMEOUT_MS } = options;
  if (program === undefined) return { kind: "crashed", how: "its program is missing; install Tiller again" };
  return new Promise((resolve) => {
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
    const child = spawn(process.execPath, [program, device], { env, stdio: ["ignore", "pipe", "ignore"] });
    let output = "";
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-MOST_OUTPUT)));
    child.on("error", (error) => {
      clearTimeout(timer);
      resolve({ kind: "crashed", how: error.message });
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const how = isLate ? `no answer within ${timeoutMs / 1000} s` : (signal ?? `exit code ${code}`);
      resolve(answerIn(output) ?? { kind: "crashed", how });
    });
  });
}

/** The last line that is an answer: native code may print whatever it likes. */
function answerIn(output: string): ProbeAnswer | undefined {
  for (const line of output.trimEnd().split("\n").reverse()) {
    try {
      const value = JSON.parse(line) as Partial<ProbeAnswer> | null;
      if (typeof value === "object" && typeof value?.kind === "string") return value as ProbeAnswer;
    } catch {
      // some other line
    }
  }
  return undefined;
}

/** Beside the bundle of the host, above the pieces of the command line, or beside this file in tests. */
function probeProgram(): string | undefined {
  const places = ["./probe.js", "../probe.js", "./probeProcess.js"];
  return places.map((it) => fileURLToPath(new URL(it, import.meta.url))).find((it) => existsSync(it));
}
