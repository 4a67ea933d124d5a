// How the program ends when the world does not play along: Ctrl+C, a reader that leaves, a full disk, a folder that may not
// be written to.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { outcomeOf, Workplace } from "./tiller.js";

const tiller = new Workplace();
const endless = ["generate", "Count: one, two, three,", "--set", "temperature=1", "--max-tokens", "4000"];
const onLinux = { skip: process.platform !== "linux" && "only Linux has /dev/full" };
const onUnix = { skip: process.platform === "win32" && "Windows has no such signals and devices" };

test("Ctrl+C ends the writing, prints what there is and exits with 130", onUnix, async () => {
  const child = tiller.start([...endless, "--json", "--stream"]);
  const outcome = outcomeOf(child);
  const stop = (it: string) => {
    if (!it.includes('"type":"text"')) return;
    child.stdout.off("data", stop); // a second signal would kill it
    child.kill("SIGINT");
  };
  child.stdout.on("data", stop);
  const { code, stdout } = await outcome;
  assert.equal(code, 130);
  const last = JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as { result: { text: string; finish: string } };
  assert.equal(last.result.finish, "cancelled");
  assert.ok(0 < last.result.text.length);
});

test("text that had streamed stays after Ctrl+C, and its line is ended", onUnix, async () => {
  const child = tiller.start(endless);
  const outcome = outcomeOf(child);
  child.stdout.once("data", () => child.kill("SIGINT"));
  const { code, stdout } = await outcome;
  assert.equal(code, 130);
  assert.match(stdout, /\S.*\n$/s);
});

test("a file is not written by half after Ctrl+C", onUnix, async () => {
  const child = tiller.start([...endless, "--out", join(tiller.folder, "half.txt")]);
  const outcome = outcomeOf(child);
  child.stderr.once("data", () => child.kill("SIGINT")); // it loads, and the file beside is there
  assert.equal((await outcome).code, 130);
  assert.deepEqual(readdirSync(tiller.folder), []);
});

test("Ctrl+C ends the waiting for input", onUnix, async () => {
  const announce = "process.on('newListener', (it) => { if (it === 'SIGINT') process.stderr.write('listens') })";
  const child = tiller.start(["generate", "--prompt-file", "-"], {
    node: ["--import", `data:text/javascript,${announce}`],
  });
  const outcome = outcomeOf(child); // nothing is ever written to its input
  child.stderr.once("data", () => child.kill("SIGINT"));
  assert.deepEqual(await outcome, { code: 130, stdout: "", stderr: "listens" });
});

test("a second Ctrl+C ends the program at once", onUnix, async () => {
  const child = tiller.start(endless);
  const outcome = outcomeOf(child);
  child.stdout.once("data", () => {
    child.kill("SIGINT");
    setTimeout(() => child.kill("SIGINT"), 1);
  });
  const { code } = await outcome;
  assert.ok(code === null || code === 130, "killed by the signal, or it was already leaving");
});

test("a reader that leaves ends the program quietly and soon", onUnix, async () => {
  const child = tiller.start([...endless, "--quiet"]);
  const start = performance.now();
  child.stdout.once("data", () => child.stdout.destroy());
  let stderr = "";
  child.stderr.on("data", (it: Buffer) => (stderr += it.toString()));
  const code = await new Promise((resolve) => child.on("exit", resolve));
  assert.deepEqual([code, stderr], [0, ""]);
  assert.ok(performance.now() - start < 15_000, "it did not write all 4000 tokens");
});

test("a full disk under stdout is an error", onLinux, async () => {
  const { code, stderr } = await tiller.run(["-c", `exec ${process.execPath} ${tiller.cli} --help > /dev/full`], {
    program: "/bin/sh",
  });
  assert.equal(code, 1);
  assert.match(stderr, /^error: what was asked for could not be written: .*no space left on device/);
});

test("a device is written to and not replaced", onUnix, async () => {
  const { code, stdout } = await tiller.run(["generate", "Hi", "--max-tokens", "1", "--out", "/dev/null"]);
  assert.deepEqual([code, stdout], [0, ""]);
});

test("a full disk under --out is an error", onLinux, async () => {
  const { code, stderr } = await tiller.run(["generate", "Hi", "--max-tokens", "1", "--quiet", "--out", "/dev/full"]);
  assert.deepEqual([code, stderr], [1, "error: /dev/full cannot be written: the disk is full.\n"]);
});

test("a folder that may not be written to is known before the model is loaded", onUnix, async () => {
  const folder = join(tiller.folder, "locked");
  mkdirSync(folder);
  writeFileSync(join(folder, "old.txt"), "old");
  chmodSync(folder, 0o555);
  chmodSync(tiller.folder, 0o755);
  const path = join(folder, "new.txt");
  const nobody = process.getuid?.() === 0 ? { uid: 65534 } : {};
  const outcome = await tiller.run(["generate", "Hi", "--out", path], nobody);
  const stderr = `error: ${path} cannot be written: the folder may not be written to.\n`;
  assert.deepEqual(outcome, { code: 1, stdout: "", stderr });
  assert.deepEqual(readdirSync(folder), ["old.txt"]);
});

test("a folder that is not there is said so", async () => {
  const path = join(tiller.folder, "nowhere/new.txt");
  const { code, stderr } = await tiller.run(["generate", "Hi", "--out", path]);
  assert.deepEqual([code, stderr], [1, `error: ${path} cannot be written: there is no such folder.\n`]);
});

test("a folder is no file to write", async () => {
  const { code, stderr } = await tiller.run(["generate", "Hi", "--out", tiller.folder]);
  assert.deepEqual([code, stderr], [1, `error: ${tiller.folder} is a folder; name a file in it.\n`]);
});
