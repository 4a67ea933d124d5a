// Somebody who reads a prompt and writes tokens, and says how long it took: we, or a program behind a pipe.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface Timing {
  readonly prefillMs: number;
  /** From the first token to the last: `count - 1` steps. */
  readonly decodeMs: number;
}

export interface Peer {
  readonly name: string;
  /** Nothing of `ids` is known from before; `count` tokens are written, the likeliest each time. */
  run(ids: readonly number[], count: number): Promise<Timing>;
  close(): void;
}

/** A process that writes "ready", and then one line of timings for each line it reads. */
export async function pipePeer(name: string, command: string, args: readonly string[], cwd: string): Promise<Peer> {
  const child = spawn(command, [...args], { cwd, stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = (await lines.next()) as { value: string; done?: boolean };
    if (done === true) throw new Error(`${name} ended`);
    // Some libraries greet on stdout.
    return value === "ready" || value.startsWith("{") ? value : next();
  };
  await next();
  return {
    name,
    async run(ids, count) {
      child.stdin.write(`${JSON.stringify({ ids, count })}\n`);
      return JSON.parse(await next()) as Timing;
    },
    close: () => void child.kill(),
  };
}
