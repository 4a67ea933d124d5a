/** The entry point of `tiller`: makes the process a terminal, runs the command, turns what it throws into an exit code. */

import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

import { runCommandLine } from "./commandLine.js";
import { readAll } from "./readAll.js";
import { streamOutput, type Terminal } from "./terminal.js";

const INTERRUPTED = 130;

// V8 makes room for what dies young and keeps that room. While a model is loaded it would grow by 30 MB, a tenth of what the
// embedded model takes; without growth, loading and writing take as long as before.
setFlagsFromString("--semi-space-growth-factor=1");

async function main(): Promise<void> {
  const stopped = new AbortController();
  let interrupted = false;
  let unwritable: NodeJS.ErrnoException | undefined;
  // The second Ctrl+C finds no listener, and so ends the process at once, even in the middle of native code.
  process.once("SIGINT", () => {
    interrupted = true;
    stopped.abort();
  });
  const stderr = streamOutput(process.stderr, process.env, () => {}); // there is nowhere left to say it
  const stdout = streamOutput(process.stdout, process.env, (error) => {
    unwritable = error;
    stopped.abort();
  });
  const terminal: Terminal = {
    stdout,
    stderr,
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    root: fileURLToPath(new URL("..", import.meta.url)),
    readStdin: () => readAll(process.stdin, stopped.signal),
    signal: stopped.signal,
  };
  const code = await runCommandLine(terminal, process.argv.slice(2));
  await stdout.finish();
  await stderr.finish();
  process.exitCode = exitCode();

  function exitCode(): number {
    if (interrupted) return INTERRUPTED;
    if (unwritable === undefined) return code;
    if (unwritable.code === "EPIPE") return 0; // `tiller ... | head` has what it wanted
    stderr.write(`error: what was asked for could not be written: ${unwritable.message}\n`);
    return 1;
  }
}

void main();
