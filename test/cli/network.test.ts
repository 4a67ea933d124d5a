// Nothing leaves the machine: no command opens a socket, neither in JavaScript nor in native code, and nothing is written
// into the home folder (where onnxruntime would keep what it reports to its maker).

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { internetSockets } from "../host/internetSockets.js";
import { outcomeOf, Workplace } from "./tiller.js";

const tiller = new Workplace();
tiller.file("a.prompt", '{{role "model"}}Count: one, two, {{gen "rest" tokens=40}}');
const watch = ["--import", pathToFileURL(join(import.meta.dirname, "../host/refuseNetwork.js")).href];
const onLinux = { skip: process.platform !== "linux" && "only Linux tells what a process holds open" };

for (const args of [
  ["run", "a.prompt"],
  ["generate", "Hi", "--max-tokens", "3"],
  ["score", "Hi there"],
  ["tokenize", "Hi"],
  ["models", "list"],
  ["doctor"],
]) {
  test(`tiller ${args.join(" ")} tries no connection and leaves nothing at home that was not asked for`, async () => {
    const record = join(tiller.folder, "record");
    const { code, stderr } = await tiller.run(args, { node: watch, env: { TILLER_NETWORK_RECORD: record } });
    assert.equal(code, 0, stderr);
    assert.deepEqual([...new Set(readFileSync(record, "utf8").trimEnd().split("\n"))], ["ready"]);
    // Which devices do is tried once for all, and asked for.
    const kept = args[0] === "doctor" ? readdirSync(tiller.folder).filter((it) => it === ".tiller") : [];
    assert.deepEqual(readdirSync(tiller.folder).sort(), [...kept, "a.prompt", "record"]);
    for (const it of kept) assert.deepEqual(readdirSync(join(tiller.folder, it)), ["devices.json"]);
  });
}

test("the watch sees a connection that is tried", async () => {
  const record = join(tiller.folder, "record-of-connect");
  const code = 'import net from "node:net"; try { net.connect(9, "127.0.0.1"); } catch {}';
  await tiller.run([...watch, "--input-type=module", "--eval", code], {
    program: process.execPath,
    env: { TILLER_NETWORK_RECORD: record },
  });
  assert.match(readFileSync(record, "utf8"), /net\.Socket\.connect/);
});

test("a run holds no socket of the internet open, from its beginning to its end", onLinux, async () => {
  const child = tiller.start(["run", "a.prompt", "--quiet"]);
  const outcome = outcomeOf(child);
  const seen: string[] = [];
  let looks = 0;
  let loaded = false;
  const timer = setInterval(() => {
    if (!existsSync(`/proc/${child.pid}/fd`)) return;
    try {
      seen.push(...internetSockets(child.pid!));
      looks++;
      loaded ||= readFileSync(`/proc/${child.pid}/maps`, "utf8").includes("libonnxruntime");
    } catch {
      // it ended while we looked
    }
  }, 20);
  const { code } = await outcome;
  clearInterval(timer);
  assert.equal(code, 0);
  assert.ok(loaded && 10 < looks, "it was looked at while native code was there");
  assert.deepEqual(seen, []);
});
