// `tiller convert`: a folder goes in, a model that runs comes out.

import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { openModelFile } from "../../src/engine/gguf/modelFile.js";
import { writeFolder } from "../engine/convert/huggingFaceFolder.js";
import { projectRoot, Workplace } from "./tiller.js";

const tiller = new Workplace();

test("a folder is converted, quantized and run", async () => {
  const folder = writeFolder(await openModelFile(join(projectRoot, "test/tiny/llama-untied/model.gguf")));
  const converted = await tiller.run(["convert", folder, "model.gguf"]);
  assert.equal(converted.code, 0, converted.stderr);
  assert.match(converted.stderr, /Wrote .*model\.gguf: llama, 30 tensors, \d+ kB/);
  const quantized = await tiller.run(["quantize", "model.gguf", "small.gguf", "-t", "q5_1", "--json"]);
  assert.equal(quantized.code, 0, quantized.stderr);
  const { code, stdout } = await tiller.run(["score", "Hello", "--model", "small.gguf", "--json"]);
  assert.equal(code, 0);
  assert.ok(0 < (JSON.parse(stdout) as { perplexity: number }).perplexity);
});

test("what is refused leaves nothing behind, and says why", async () => {
  mkdirSync(join(tiller.folder, "empty"));
  for (const [args, code, message] of [
    [["convert"], 2, /needs a folder and a file/],
    [["convert", "a", "b", "c"], 2, /takes two operands; "c" is too much/],
    [["convert", "nowhere", "x.gguf"], 1, /There is no folder/],
    [["convert", "empty", "x.gguf"], 1, /has no config\.json/],
    [["convert", "empty", "model.gguf"], 2, /is there already/],
  ] as const) {
    const outcome = await tiller.run(args);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, message);
    assert.ok(!existsSync(join(tiller.folder, "x.gguf")));
  }
});
