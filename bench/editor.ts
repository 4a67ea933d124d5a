// What an editor waits for: the language server's answers for a 300-line prompt with 20 partials, after each keystroke.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { previewMethod } from "../src/protocol/language.js";
import { reader, send } from "../test/server/client.js";
import { longPrompt } from "./lang.js";
import type { Measured } from "./statistics.js";

const KEYSTROKES = 120;
/** The first answers are the compiler's. */
const WARM_UP = 20;

export async function benchEditor(): Promise<readonly Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), "tiller-bench-"));
  const server = spawn(process.execPath, [join(import.meta.dirname, "../../dist/server.js"), "--stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    for (let i = 0; i < 20; i++)
      writeFileSync(
        join(folder, `_part${i}.prompt`),
        "A partial that greets {{name}}.\n{{#if topic}}On {{topic}}.{{/if}}\n",
      );
    return await measure(server, folder);
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(server: ReturnType<typeof spawn>, folder: string): Promise<readonly Measured[]> {
  const messages = reader(server);
  const uri = pathToFileURL(join(folder, "long.prompt")).href;
  const text = longPrompt();
  let id = 0;
  const ask = async (method: string, params: object) => {
    const own = ++id;
    send(server, { id: own, method, params });
    await messages((it) => it.id === own);
  };
  const workspaceFolders = [{ uri: pathToFileURL(folder).href, name: "bench" }];
  await ask("initialize", { processId: process.pid, rootUri: null, capabilities: {}, workspaceFolders });
  send(server, { method: "initialized", params: {} });
  const textDocument = { uri, languageId: "dotprompt", version: 1, text };
  send(server, { method: "textDocument/didOpen", params: { textDocument } });

  const lines = text.split("\n");
  const line = lines.findIndex((it) => it.includes("{{name}}"));
  const position = { line, character: lines[line]!.indexOf("{{name}}") + 4 };
  const place = { textDocument: { uri }, position };
  const input = { name: "Ada", topic: "engines", items: [{ title: "a" }] };
  const times: Record<string, number[]> = { completion: [], hover: [], preview: [], diagnostics: [] };
  const timed = async (name: string, run: () => Promise<void>, i: number) => {
    const start = performance.now();
    await run();
    if (WARM_UP <= i) times[name]!.push(performance.now() - start);
  };
  let version = 1;
  const type = (i: number) => {
    version = i + 2;
    const end = { line: lines.length - 1, character: lines.at(-1)!.length };
    const contentChanges = [{ range: { start: end, end }, text: "x" }];
    send(server, { method: "textDocument/didChange", params: { textDocument: { uri, version }, contentChanges } });
  };
  for (let i = 0; i < KEYSTROKES + WARM_UP; i++) {
    // Each of them is the first to see the new text once in a while.
    const order = ["completion", "hover", "preview"]
      .slice(i % 3)
      .concat(["completion", "hover", "preview"].slice(0, i % 3));
    type(i);
    for (const it of order) {
      if (it === "completion") await timed(it, () => ask("textDocument/completion", place), i);
      else if (it === "hover") await timed(it, () => ask("textDocument/hover", place), i);
      else await timed(it, () => ask(previewMethod, { uri, input }), i);
    }
  }
  for (let i = 0; i < KEYSTROKES / 2; i++) {
    const start = performance.now();
    type(KEYSTROKES + WARM_UP + i);
    await messages((it) => it.method === "textDocument/publishDiagnostics" && it.params?.version === version);
    // The server waits for a pause of 50 ms before it checks; that is no work.
    times["diagnostics"]!.push(Math.max(0, performance.now() - start - 50));
  }
  return Object.entries({ completion: 15, hover: 15, diagnostics: 30, preview: 50 }).map(([name, goal]) => {
    const sorted = [...times[name]!].sort((a, b) => a - b);
    const p95 = sorted[Math.floor(sorted.length * 0.95)]!;
    return {
      what: `${name}, p95 (ms)`,
      median: p95,
      best: sorted[0]!,
      samples: sorted.length,
      goal: `<= ${goal}`,
      reached: p95 <= goal,
    };
  });
}
