// What comparing leaves on disk: with two processes at once, after a crash, and when the disk is full.

import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { TillerError } from "../../src/base/error.js";
import { openCompareStore } from "../../src/runner/store/compareStore.js";
import { nodeStoreFiles } from "../../src/runner/store/storeFiles.js";
import { result } from "../compare/sampleResult.js";
import { vote } from "../compare/votes.js";
import { temporaryFolder } from "../temporaryFolder.js";

const writer = join(import.meta.dirname, "voteWriter.js");

function startWriter(folder: string, name: string, count: number): ChildProcess {
  return spawn(process.execPath, [writer, folder, name, String(count)], { stdio: ["ignore", "pipe", "inherit"] });
}

test("two processes that write 500 votes each at once lose none", async () => {
  const folder = temporaryFolder("votes");
  const writers = ["x", "y"].map((it) => startWriter(folder, it, 500));
  // Both are waited for from the beginning: one may be done before the other.
  assert.deepEqual(await Promise.all(writers.map((it) => once(it, "exit"))), [
    [0, null],
    [0, null],
  ]);
  const { votes, warnings } = openCompareStore(folder).votes();
  assert.deepEqual(warnings, []);
  assert.equal(new Set(votes.map((it) => it.id)).size, 1000);
});

test("a writer that is killed loses no vote that it said was counted", async () => {
  const folder = temporaryFolder("killed");
  const child = startWriter(folder, "z", 100_000);
  let told = "";
  child.stdout!.on("data", (data: Buffer) => {
    told += data.toString();
    if (30 <= told.split("\n").length) child.kill("SIGKILL");
  });
  await once(child, "close");
  const counted = told.split("\n").slice(0, -1);
  const store = openCompareStore(folder);
  const ids = new Set(store.votes().votes.map((it) => it.id));
  for (const it of counted) assert.ok(ids.has(it), it);
  // The next vote begins a line of its own.
  store.addVote(vote("a", "b", "tie", { id: "after" }));
  assert.ok(store.votes().votes.some((it) => it.id === "after"));
});

test("half a line that a crash left is skipped, and the next vote is not the end of it", () => {
  const folder = temporaryFolder("half");
  const store = openCompareStore(folder);
  store.addVote(vote("a", "b", "left", { id: "one" }));
  appendFileSync(join(folder, ".tiller/votes.jsonl"), '{"kind":"vote","sch');
  assert.deepEqual(store.addVote(vote("a", "b", "right", { id: "two" })), { votes: 2 });
  const { votes, warnings } = store.votes();
  assert.deepEqual(
    votes.map((it) => it.id),
    ["one", "two"],
  );
  assert.equal(warnings.length, 1);
});

test("a full disk is said, and neither a vote nor a result is half there", () => {
  const folder = temporaryFolder("full");
  const full = () => {
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  };
  const store = openCompareStore(folder, { ...nodeStoreFiles, append: full, replace: full });
  const isFull = (error: unknown) =>
    error instanceof TillerError &&
    error.code === "file-unwritable" &&
    /the disk is full\. Free some space/.test(error.message);
  assert.throws(() => store.addVote(vote("a", "b", "left")), isFull);
  assert.throws(() => store.save(result, 10), isFull);
  assert.deepEqual(store.votes().votes, []);
  assert.deepEqual(store.list(), { comparisons: [], warnings: [] });
});

test("results are listed newest first, opened again, and pruned by number", () => {
  const folder = temporaryFolder("runs");
  const store = openCompareStore(folder);
  const ids = ["20260101-000000-a", "20260102-000000-a", "20260103-000000-a"];
  for (const id of ids) store.save({ ...result, id }, 2);
  assert.deepEqual(
    store.list().comparisons.map((it) => it.id),
    [ids[2], ids[1]],
  );
  assert.deepEqual(store.open(ids[2]!), { ...result, id: ids[2] });
  assert.equal(existsSync(join(folder, `.tiller/runs/${ids[0]}.json`)), false);
  assert.throws(() => store.open(ids[0]!), { code: "file-not-found" });
  assert.throws(() => store.open("../votes"), { code: "usage" });
});

test("a result that cannot be read is said, and the others are listed", () => {
  const folder = temporaryFolder("broken");
  const store = openCompareStore(folder);
  store.save(result, 10);
  mkdirSync(join(folder, ".tiller/runs"), { recursive: true });
  writeFileSync(join(folder, ".tiller/runs/20270101-000000-b.json"), "{");
  const { comparisons, warnings } = store.list();
  assert.deepEqual([comparisons.length, warnings.length], [1, 1]);
  assert.match(warnings[0]!, /it is not JSON/);
});

test("a vote is taken back by a further line, and nothing is rewritten", () => {
  const folder = temporaryFolder("undo");
  const store = openCompareStore(folder);
  store.addVote(vote("a", "b", "left", { id: "one" }));
  const before = readFileSync(join(folder, ".tiller/votes.jsonl"), "utf8");
  assert.deepEqual(store.undoVote("one"), { votes: 0 });
  assert.ok(readFileSync(join(folder, ".tiller/votes.jsonl"), "utf8").startsWith(before));
  assert.throws(() => store.undoVote("one"), { code: "usage" });
});
