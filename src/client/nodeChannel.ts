/** A channel to a node process of our own: started here, and dead when this process is. */

import { fork, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

import type { Log } from "../base/log.js";
import type { FromHost } from "../protocol/host.js";
import type { Channel } from "./channel.js";

export interface NodeChannelOptions {
  /** Absolute path of the JavaScript file that the process runs. */
  readonly modulePath: string;
  /** Lines that the process prints go here: native code has no other way to speak. */
  readonly log: Log;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options for node itself; none of this process's are passed on (a debugger's port is already taken). */
  readonly execArgv?: readonly string[];
}

/**
 * Left to itself, glibc moves buffers of megabytes into its heap once it has seen one freed, and the holes that a session
 * leaves there while it loads are never given back: 30 MB of the embedded model's 290.
 */
const heapLimits = { MALLOC_MMAP_THRESHOLD_: "131072" };
/** MB. What V8 keeps for what dies young grows while a model is loaded, and never shrinks: another 30 MB. */
const youngGeneration = "--max-semi-space-size=4";

export function startNodeChannel({ modulePath, log, env, execArgv }: NodeChannelOptions): Channel {
  const child = fork(modulePath, [], {
    // In a desktop editor this process is Electron, which is node only when it is told so.
    env: { ...heapLimits, ...process.env, ...env, ELECTRON_RUN_AS_NODE: "1" },
    execArgv: [youngGeneration, ...(execArgv ?? [])],
    serialization: "advanced", // typed arrays stay typed arrays
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  copyLines(child.stdout, (line) => log.write("debug", `engine: ${line}`));
  copyLines(child.stderr, (line) => log.write("warn", `engine: ${line}`));
  unrefStream(child.stdout);
  unrefStream(child.stderr);
  child.unref();
  child.channel?.unref();

  return {
    send: (message) => {
      // Without a callback a closed pipe would throw; that the process is gone is told by its exit.
      if (child.connected) child.send(message, () => {});
    },
    onMessage: (listener) => child.on("message", (message) => listener(message as FromHost)),
    onExit: (listener) => listenForExit(child, listener),
    kill: () => child.kill("SIGKILL"), // it has nothing to save, and a gentler signal may not reach a hung process
    ref: () => {
      child.ref(); // for its exit
      child.channel?.ref(); // for its messages
    },
    unref: () => {
      child.unref();
      child.channel?.unref();
    },
  };
}

function listenForExit(child: ChildProcess, listener: (reason: string) => void): void {
  let told = false;
  const tell = (reason: string) => {
    if (told) return;
    told = true;
    listener(reason);
  };
  child.on("error", (error) => {
    if (child.pid === undefined) tell(`it could not be started (${error.message}); reinstall Tiller if this stays so`);
  });
  child.on("exit", (code, signal) => {
    const reason = exitReason(code, signal);
    // Its last messages and lines may still be in the pipes: "close" comes after them, unless someone else holds a pipe.
    const timer = setTimeout(() => tell(reason), 500);
    child.on("close", () => {
      clearTimeout(timer);
      tell(reason);
    });
  });
}

function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === "SIGKILL") return "something killed its process (SIGKILL), usually because memory ran out";
  if (signal !== null) return `its process crashed (${signal}); the engine log may say more`;
  return `its process ended with code ${code}; the engine log may say more`;
}

function copyLines(stream: Readable | null, write: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on("line", write);
}

/** A pipe of a child is a socket of node's own, but is not typed as one. */
function unrefStream(stream: (Readable & { unref?(): void }) | null): void {
  stream?.unref?.();
}
