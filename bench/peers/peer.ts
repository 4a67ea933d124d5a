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

/** What a peer wrote, and how likely it found that. */
export interface Written {
  readonly ids: readonly number[];
  /** Natural logarithms, one for each of `ids`. */
  readonly logprobs: readonly number[];
}

export interface PipePeer extends Peer {
  /** As `run`; only llamaServer.py can tell. */
  write(ids: readonly number[], count: number): Promise<Written>;
}

/** As much of what a program complains about as is kept for the error when it ends. */
const KEPT_COMPLAINTS = 2000;

/** A process that writes "ready", and then one line of timings for each line it reads. */
export async function pipePeer(name: string, command: string, args: readonly string[], cwd: string): Promise<PipePeer> {
  const child = spawn(command, [...args], { cwd, stdio: ["pipe", "pipe", "pipe"] });
  let complaints = "";
  const keep = (text: string) => (complaints = (complaints + text).slice(-KEPT_COMPLAINTS));
  child.stderr.setEncoding("utf8").on("data", keep);
  // Without a listener these would end the benchmark without a word about who it was; the pipes end too, and `next` tells.
  child.once("error", (error) => keep(error.message));
  child.stdin.on("error", (error) => keep(error.message));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    for (;;) {
      const { value, done } = (await lines.next()) as { value: string; done?: boolean };
      if (done === true) throw new Error(`${name} ended: ${complaints.trim() || "it did not say why"}`);
      // Some libraries greet on stdout.
      if (value === "ready" || value.startsWith("{")) return value;
    }
  };
  const ask = async (request: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return JSON.parse(await next());
  };
  await next();
  return {
    name,
    run: async (ids, count) => (await ask({ ids, count })) as Timing,
    write: async (ids, count) => (await ask({ ids, count, logprobs: true })) as Written,
    close: () => void child.kill(),
  };
}
