/**
 * How long the extension keeps the process of all extensions busy at a time, while a prompt is typed, shown and completed. No
 * test: it runs under `node test/vscode/run.mjs bench`, and writes bench/results/extensionHost.md.
 */

import { writeFileSync } from "node:fs";
import { Session, type Profiler } from "node:inspector";
import { join } from "node:path";
import * as vscode from "vscode";

import { commandIds } from "../../../src/extension/ids.js";

const results = process.env["TILLER_BENCH_RESULTS"];
const KEYS = 150;
const SAMPLE_US = 500;

if (results !== undefined)
  suite("the work of the extension", function () {
    this.timeout(120_000);

    test("in pieces, while a prompt is typed beside its preview", async () => {
      const long = "Hello {{name}}, this is a line of a longer prompt.\n".repeat(300);
      const content = `---\ninput: {default: {name: Ada}}\n---\n${long}`;
      const document = await vscode.workspace.openTextDocument({ language: "dotprompt", content });
      const editor = await vscode.window.showTextDocument(document, { preview: false });
      await vscode.commands.executeCommand(commandIds.preview);
      await pause(2000);
      const stop = await profile();
      await vscode.window.showTextDocument(document, editor.viewColumn);
      for (let i = 0; i < KEYS; i++) {
        const end = document.lineAt(document.lineCount - 1).range.end;
        editor.selection = new vscode.Selection(end, end);
        await vscode.commands.executeCommand("type", { text: i % 6 === 5 ? " " : "a" });
        await pause(i % 30 === 29 ? 800 : 60);
      }
      const pieces = piecesOf(await stop()).sort((a, b) => a.ms - b.ms);
      const at = (share: number) =>
        (pieces[Math.min(pieces.length - 1, Math.floor(pieces.length * share))]?.ms ?? 0).toFixed(1);
      const most = pieces.at(-1)?.ms ?? 0;
      const text = [
        "# extensionHost",
        "",
        `Work of the extension without a break (ms), sampled every ${SAMPLE_US / 1000} ms while ${KEYS} keys are typed into 300 lines beside the preview.`,
        "",
        "| what | p50 | p99 | most | pieces | goal | reached |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        `| a piece of work | ${at(0.5)} | ${at(0.99)} | ${most.toFixed(1)} | ${pieces.length} | <= 16 | ${most <= 16 ? "yes" : "no"} |`,
        "",
        `The longest pieces spend their time in: ${pieces
          .slice(-3)
          .reverse()
          .map((it) => `${it.where} (${it.ms.toFixed(1)})`)
          .join(", ")}.`,
        "",
      ].join("\n");
      writeFileSync(join(results, "extensionHost.md"), text);
    });
  });

async function profile(): Promise<() => Promise<Profiler.Profile>> {
  const session = new Session();
  session.connect();
  const post = (method: string, params?: object) =>
    new Promise<{ profile: Profiler.Profile }>((resolve, reject) => {
      session.post(method, params, (error, result) => {
        if (error === null) resolve(result as { profile: Profiler.Profile });
        else reject(error);
      });
    });
  await post("Profiler.enable");
  await post("Profiler.setSamplingInterval", { interval: SAMPLE_US });
  await post("Profiler.start");
  return async () => (await post("Profiler.stop")).profile;
}

interface Piece {
  readonly ms: number;
  /** The function that most of it was spent in. */
  readonly where: string;
}

/** Samples in a row whose stack has our code in it. */
function piecesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Piece[] {
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const isOurs = (id: number): boolean => {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at))
      if (frames.get(at)?.url.endsWith("dist/extension.cjs") === true) return true;
    return false;
  };
  const known = new Map(nodes.map(({ id }) => [id, isOurs(id)]));
  const pieces: Piece[] = [];
  let open = new Map<string, number>();
  const close = () => {
    const times = [...open].sort(([, a], [, b]) => b - a);
    if (0 < times.length) pieces.push({ ms: times.reduce((sum, [, ms]) => sum + ms, 0), where: times[0]![0] });
    open = new Map();
  };
  samples.forEach((id, i) => {
    if (known.get(id) !== true) return close();
    const name = frames.get(id)?.functionName || "(nameless)";
    open.set(name, (open.get(name) ?? 0) + (timeDeltas[i] ?? 0) / 1000);
  });
  close();
  return pieces;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
