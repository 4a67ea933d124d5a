// A host neither outlives the program that started it, nor keeps that program alive.

import assert from "node:assert/strict";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const parent = fileURLToPath(new URL("./parent.js", import.meta.url));
const fakeHost = fileURLToPath(new URL("./fakeHost.js", import.meta.url));

test("a program whose calls are all answered can end, and its host ends with it", async () => {
  const program = start("done");
  const exited = once(program, "exit");
  const pid = await firstLine(program);
  assert.deepEqual(await exited, [0, null]);
  await endOf(pid);
});

test("a program that is killed takes its host along", async () => {
  const program = start("stay");
  const pid = await firstLine(program);
  assert.ok(isAlive(pid));
  program.kill("SIGKILL");
  await once(program, "exit");
  await endOf(pid);
});

function start(what: string): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, [parent, fakeHost, what], { stdio: ["ignore", "pipe", "inherit"] });
}

async function firstLine(program: { readonly stdout: Readable }): Promise<number> {
  const [chunk] = (await once(program.stdout, "data")) as [Buffer];
  return Number(chunk.toString());
}

/** Fails by the test runner's own time limit when the process stays. */
async function endOf(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

/** A process that has ended keeps its number until somebody asks how, and its parent is gone. */
function isZombie(pid: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true; // it has been asked for meanwhile
  }
}
