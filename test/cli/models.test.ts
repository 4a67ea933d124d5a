// Models by path and by name, and files that are none.

import assert from "node:assert/strict";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { projectRoot, Workplace } from "./tiller.js";

const tiller = new Workplace();
const EMBEDDED = "SmolLM2-135M-Instruct.Q4_1";

test("the embedded model is listed first, those of the folders after it", async () => {
  tiller.file("more/broken.gguf", "this is no model");
  tiller.file("more/notes.txt", "nor is this");
  tiller.file(".tiller/models/cut.gguf", "GGUF");
  const { code, stdout } = await tiller.run(["models", "list", "--json"], { env: { TILLER_MODELS: "more" } });
  const models = JSON.parse(stdout) as { name: string; embedded: boolean; facts?: object; error?: string }[];
  assert.equal(code, 0);
  assert.deepEqual(
    models.map((it) => [it.name, it.embedded, it.facts !== undefined, it.error !== undefined]),
    [
      [EMBEDDED, true, true, false],
      ["broken", false, false, true],
      ["cut", false, false, true],
    ],
  );
});

test("the list for people says why a file cannot be read", async () => {
  tiller.file("more/broken.gguf", "this is no model");
  const { stdout } = await tiller.run(["models", "list"], { env: { TILLER_MODELS: "more" } });
  assert.match(stdout, new RegExp(`^${EMBEDDED} \\(embedded, the default\\)\n`));
  assert.match(stdout, /\nbroken\n.*broken\.gguf\n {2}cannot be read: /);
});

test("the list says of each model its format, and what it takes of the memory that is free", async () => {
  const { stdout } = await tiller.run(["models", "list"]);
  assert.match(stdout, /\n {2}llama, 135 M parameters, Q4_1, 98 MB, context 8192\n {2}takes \d+ MB of memory.*free/);
  const { stdout: inspected } = await tiller.run(["models", "inspect", "embedded"]);
  assert.match(inspected, /^memory +takes \d+ MB of memory/m);
});

test("a vision part is no model: it is told of where its own model is inspected", async () => {
  const folder = join(projectRoot, "test/tiny/smolvlm");
  const { stdout: list } = await tiller.run(["models", "list", "--json"], { env: { TILLER_MODELS: folder } });
  const names = (JSON.parse(list) as { name: string }[]).map((it) => it.name);
  assert.ok(names.includes("model") && !names.includes("mmproj"));
  const { stdout } = await tiller.run(["models", "inspect", join(folder, "model.gguf")]);
  assert.match(stdout, /^vision +reads pictures in tiles of 64 x 64 pixels, 4 tokens each, by .*mmproj\.gguf$/m);
  const { stdout: part } = await tiller.run(["models", "inspect", join(folder, "mmproj.gguf")]);
  assert.match(part, /^can be run +no: It is the vision part of a model/m);
});

test("models are recommended with their size, their licence and how to get them, and nothing is fetched", async () => {
  const { code, stdout, stderr } = await tiller.run(["models", "recommend", "--json"]);
  assert.equal(code, 0);
  for (const it of JSON.parse(stdout) as { source: string; licence: string }[]) {
    assert.match(it.source, /^(?:hf:)?[\w.-]+\/[\w.-]+(?::\w+|\/[\w.-]+\.gguf)$/);
    assert.equal(it.licence, "Apache-2.0");
  }
  assert.equal(stderr, "");
});

test("the facts of a model are what its head says", async () => {
  const { stdout } = await tiller.run(["models", "inspect", EMBEDDED.toLowerCase(), "--json"]);
  const facts = JSON.parse(stdout) as Record<string, unknown>;
  const { architecture, layers, parameterCount, vocabularySize, contextLength, tensorTypes, hasChatTemplate } = facts;
  assert.deepEqual(
    { architecture, layers, parameterCount, vocabularySize, contextLength, tensorTypes, hasChatTemplate },
    {
      architecture: "llama",
      layers: 30,
      parameterCount: 134515008,
      vocabularySize: 49152,
      contextLength: 8192,
      tensorTypes: { Q4_1: 210, F32: 61, Q8_0: 1 },
      hasChatTemplate: true,
    },
  );
});

test("the facts for people name the types of the tensors", async () => {
  const { stdout } = await tiller.run(["models", "inspect", "embedded"]);
  assert.match(stdout, /^tensors +210 Q4_1, 61 F32, 1 Q8_0$/m);
});

test("a model that is not there is missed by name, with a hint", async () => {
  const { code, stdout, stderr } = await tiller.run(["generate", "Hi", "--model", "SmolLM2-135M-Instruct.Q4_0"]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(
    stderr,
    /^error: There is no model "SmolLM2-135M-Instruct\.Q4_0": .* Did you mean SmolLM2-135M-Instruct\.Q4_1\?/,
  );
});

for (const [title, content] of [
  ["a text file", "this is no model"],
  ["an empty file", ""],
  ["a file that is cut off in its head", beginningOfModel(3000)],
  ["a file that is cut off in its weights", beginningOfModel(3_000_000)],
] as const) {
  test(`${title} is refused as a model, by name and with the reason`, async () => {
    const path = tiller.file("damaged.gguf", content);
    for (const args of [
      ["generate", "Hi", "-m", path],
      ["models", "inspect", path],
    ]) {
      const { code, stdout, stderr } = await tiller.run([...args, "--json"]);
      assert.equal(code, 1);
      const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
      assert.equal(error.code, "model-corrupt");
      assert.match(error.message, /damaged\.gguf/);
      assert.ok(stderr.includes(error.message));
    }
  });
}

function beginningOfModel(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  const fd = openSync(join(projectRoot, `models/${EMBEDDED}.gguf`), "r");
  assert.equal(readSync(fd, bytes, 0, sizeBytes, 0), sizeBytes);
  closeSync(fd);
  return bytes;
}
