// Folders in the ONNX layout on the command line: run, listed, inspected, and refused where transformers.js is not there.

import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";

import { realPackage, writeStandIn } from "../engine/onnxFolder/standIn.js";
import { writeOnnxFolder } from "../engine/onnxFolder/tinyOnnxFolder.js";
import { Workplace } from "./tiller.js";

const tiller = new Workplace();
const folder = await writeOnnxFolder();
const env = { TILLER_TRANSFORMERS: realPackage ?? writeStandIn() };
const generate = ["generate", "Hello", "--max-tokens", "4", "--json", "--model"];

test("a folder writes", async () => {
  const { code, stdout, stderr } = await tiller.run([...generate, folder], { env });
  assert.equal(code, 0, stderr);
  assert.equal((JSON.parse(stdout) as { ids: readonly number[] }).ids.length, 4);
});

test("without the package it is said how to get it", async () => {
  const { code, stderr } = await tiller.run([...generate, folder], { env: { TILLER_TRANSFORMERS: tiller.folder } });
  assert.equal(code, 1);
  assert.match(stderr, /npm install --prefix ".*\.tiller" @huggingface\/transformers/);
});

test("the package is found in .tiller at home, where the message has it installed", async () => {
  cpSync(join(env.TILLER_TRANSFORMERS, "node_modules"), join(tiller.folder, ".tiller/node_modules"), {
    recursive: true,
  });
  const { code, stderr } = await tiller.run([...generate, folder]);
  assert.equal(code, 0, stderr);
});

test("a folder among the models is listed, inspected and found by its name", async () => {
  cpSync(folder, join(tiller.folder, ".tiller/models/tiny-onnx"), { recursive: true });
  const { stdout } = await tiller.run(["models", "list"]);
  assert.match(
    stdout,
    /^tiny-onnx\n.*\n {2}llama, \d+ M parameters, ONNX fp32, \d+ kB, context 512\n {2}takes \d+ MB/m,
  );
  const inspected = await tiller.run(["models", "inspect", folder, "--json"]);
  const { name, layers } = JSON.parse(inspected.stdout) as Readonly<Record<string, unknown>>;
  assert.deepEqual([name, layers], [basename(folder), 3]);
  const { code } = await tiller.run([...generate, "tiny-onnx"], { env });
  assert.equal(code, 0);
});
