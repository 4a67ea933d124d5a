/**
 * Child processes that never outlive the harness. Each leads a process group of its own, so that what it started (the
 * extension host, file watchers, our engine) ends with it.
 */

import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";

export interface ProcessGroup {
  readonly child: ChildProcess;
  /** Asks the group to end, and insists after five seconds. */
  stop(): Promise<void>;
}

export function startGroup(command: string, args: readonly string[], options: SpawnOptions): ProcessGroup {
  const child = spawn(command, args, { ...options, detached: true });
  const exited = once(child, "exit");
  const killAtExit = () => signalGroup(child, "SIGKILL");
  process.prependOnceListener("exit", killAtExit); // before the folders that it writes to are removed
  return {
    child,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        signalGroup(child, "SIGTERM");
        const insist = setTimeout(() => signalGroup(child, "SIGKILL"), 5000);
        await exited;
        clearTimeout(insist);
      }
      signalGroup(child, "SIGKILL"); // the leader is gone; whoever stayed behind must go, too
      process.off("exit", killAtExit);
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is empty: that is what we want.
  }
}

/** A command that we ran did not do what it should. The message has the end of what it printed. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
}

/** Runs a command to its end. Its output is shown only when it fails. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  const group = startGroup(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let all = "";
  group.child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    all += text;
  });
  group.child.stderr!.setEncoding("utf8").on("data", (text: string) => (all += text));
  const [code] = (await once(group.child, "close")) as [number | null];
  await group.stop();
  if (code !== 0) throw new CommandFailed(`"${command} ${args.join(" ")}" ended with ${code}:\n${all.slice(-4000)}`);
  return stdout;
}
