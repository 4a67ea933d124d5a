// The language server as an editor starts it: a process that speaks the protocol over its standard streams.

import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";

const entry = join(import.meta.dirname, "../../src/server/main.js");

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly uri: string;
    readonly diagnostics: readonly { readonly code: string; readonly message: string }[];
  };
}

describe("the language server", () => {
  const folder = mkdtempSync(join(tmpdir(), "tiller-server-"));
  const uri = pathToFileURL(join(folder, "a.prompt")).href;
  const server = spawn(process.execPath, [entry, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const messages = reader(server);
  after(() => server.kill());

  it("reports what is wrong in an open prompt, and that it was mended", async () => {
    send(server, { id: 1, method: "initialize", params: { processId: process.pid, rootUri: null, capabilities: {} } });
    await messages((it) => it.id === 1);
    send(server, { method: "initialized", params: {} });
    send(server, {
      method: "textDocument/didOpen",
      params: { textDocument: { uri, languageId: "dotprompt", version: 1, text: "{{role 'bot'}}{{> part}}" } },
    });
    assert.deepEqual(await codes(uri), ["unknown-role", "missing-partial"]);

    writeFileSync(join(folder, "_part.prompt"), "found");
    send(server, { method: "workspace/didChangeWatchedFiles", params: { changes: [{ uri, type: 1 }] } });
    assert.deepEqual(await codes(uri), ["unknown-role"]);

    const range = { start: { line: 0, character: 8 }, end: { line: 0, character: 11 } };
    send(server, {
      method: "textDocument/didChange",
      params: { textDocument: { uri, version: 2 }, contentChanges: [{ range, text: "model" }] },
    });
    assert.deepEqual(await codes(uri), []);
  });

  it("answers once when keys are typed quickly", async () => {
    for (let version = 3; version < 20; version++) {
      const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
      send(server, {
        method: "textDocument/didChange",
        params: { textDocument: { uri, version }, contentChanges: [{ range, text: "{{" }] },
      });
    }
    const found = await codes(uri);
    assert.equal(found.filter((it) => it === "unclosed-mustache").length, 17);
  });

  async function codes(of: string): Promise<string[]> {
    const { params } = await messages((it) => it.method === "textDocument/publishDiagnostics" && it.params?.uri === of);
    return params!.diagnostics.map((it) => it.code);
  }
});

function send(server: ChildProcess, message: object): void {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  server.stdin!.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** Waits for the next message that fits; those before it are passed over. */
function reader(server: ChildProcess): (fits: (message: Message) => boolean) => Promise<Message> {
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
