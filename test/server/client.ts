/** A client of a language server in a test: speaks the protocol over the server's standard streams. */

import type { ChildProcess } from "node:child_process";

export interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly params?: {
    readonly uri: string;
    readonly version?: number;
    readonly diagnostics: readonly { readonly code: string; readonly message: string }[];
  };
}

export function send(server: ChildProcess, message: object): void {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  server.stdin!.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** Waits for the next message that fits; those before it are passed over. */
export function reader(server: ChildProcess): (fits: (message: Message) => boolean) => Promise<Message> {
  let buffer = Buffer.alloc(0);
  const arrived: Message[] = [];
  let wake = () => {};
  server.stdout!.on("data", (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const head = /^Content-Length: (\d+)\r\n\r\n/.exec(buffer.toString("latin1", 0, 64));
      if (head === null || buffer.length < head[0].length + Number(head[1])) break;
      const end = head[0].length + Number(head[1]);
      arrived.push(JSON.parse(buffer.toString("utf8", head[0].length, end)) as Message);
      buffer = buffer.subarray(end);
    }
    wake();
  });
  return async (fits) => {
    for (;;) {
      const at = arrived.findIndex(fits);
      if (0 <= at) return arrived.splice(0, at + 1).at(-1)!;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}
