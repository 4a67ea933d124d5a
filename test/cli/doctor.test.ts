// What the doctor finds on a machine that is well, and on one whose model is not.

import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { Workplace } from "./tiller.js";

const tiller = new Workplace();

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly status: string; readonly detail: string }[];
}

test("on a machine that is well, everything is looked at and fine", async () => {
  const { code, stdout } = await tiller.run(["doctor", "--json"]);
  const { ok, checks } = JSON.parse(stdout) as Report;
  assert.deepEqual([code, ok], [0, true]);
  assert.deepEqual(
    checks.map((it) => it.name),
    ["node", "memory", "cores", "onnxruntime", "devices", "cache", "embedded model", "speed"],
  );
  const detail = (name: string) => checks.find((it) => it.name === name)!.detail;
  assert.match(detail("onnxruntime"), /^1\.30\.0, native code loads$/);
  assert.match(detail("devices"), /^models run on the CPU; /);
  // What the runtime was built with besides, each with what came of it.
  if (process.platform === "linux" && process.arch === "x64")
    assert.match(detail("devices"), /; webgpu (?:is|was|computes) \S/);
  assert.match(detail("embedded model"), /sha256 as it should be$/);
  assert.match(detail("speed"), /reads \d+ and writes \d+ tokens\/s with \d+ threads$/);
});

test("for people, each finding is a line", async () => {
  const { stdout } = await tiller.run(["doctor"]);
  assert.match(stdout, /^ok +node +\d+\.\d+\.\d+ on /);
});

test("a damaged model is found, and the rest is looked at all the same", async () => {
  const models = join(dirname(dirname(tiller.cli)), "models");
  rmSync(models); // a link
  mkdirSync(models);
  writeFileSync(join(models, "SmolLM2-135M-Instruct.Q4_1.gguf"), "GGUF, but not really");
  const { code, stdout } = await tiller.run(["doctor", "--json"]);
  const { ok, checks } = JSON.parse(stdout) as Report;
  assert.deepEqual([code, ok], [1, false]);
  assert.deepEqual(
    checks.filter((it) => it.status === "failed").map((it) => it.name),
    ["embedded model", "speed"],
  );
});
