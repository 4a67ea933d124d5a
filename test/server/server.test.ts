// The language server as an editor starts it: a process that speaks the protocol over its standard streams.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";

import { filesChangedMethod } from "../../src/protocol/language.js";
import { reader, send } from "./client.js";
import { temporaryFolder } from "../temporaryFolder.js";

const entry = join(import.meta.dirname, "../../src/server/main.js");

describe("the language server", () => {
  const folder = temporaryFolder("server");
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
    await messages((it) => it.method === filesChangedMethod); // what shows prompts asks again
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

  it("checks a prompt anew while a partial of it is typed, and its preview does not wait for that", async () => {
    const [main, part] = ["b.prompt", "_typed.prompt"].map((it) => pathToFileURL(join(folder, it)).href) as [
      string,
      string,
    ];
    const open = (it: string, text: string) =>
      send(server, {
        method: "textDocument/didOpen",
        params: { textDocument: { uri: it, languageId: "dotprompt", version: 1, text } },
      });
    const problems = async () => {
      send(server, { id: ++id, method: "tiller/preview", params: { uri: main, input: {} } });
      const { result } = await messages((it) => it.id === id && it.method === undefined);
      return (result as { readonly problems: readonly { readonly message: string }[] }).problems.length;
    };
    open(part, "fine");
    open(main, "Hello {{> typed}}");
    assert.deepEqual(await codes(main), []);
    assert.equal(await problems(), 0);
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 4 } };
    send(server, {
      method: "textDocument/didChange",
      params: { textDocument: { uri: part, version: 2 }, contentChanges: [{ range, text: "{{> typed}}" }] },
    });
    assert.deepEqual(await codes(main), ["circular-partial"]);
    assert.equal(await problems(), 1);
  });
  let id = 100;

  async function codes(of: string): Promise<string[]> {
    const { params } = await messages((it) => it.method === "textDocument/publishDiagnostics" && it.params?.uri === of);
    return params!.diagnostics.map((it) => it.code);
  }
});
