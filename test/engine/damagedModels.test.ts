// Model files that are missing, cut off, lying or unknown: refused with a code and a message that names the cause.

import assert from "node:assert/strict";

import { test } from "node:test";

import { silentLog } from "../../src/base/log.js";
import { createLocalEngine } from "../../src/engine/localEngine.js";
import { ggufBytes, tinyModel, writeTinyModel, type MetadataValue, type TinyModel } from "./tinyModel.js";
import { temporaryFolder } from "../temporaryFolder.js";

test("the tiny model itself runs", async () => {
  const engine = createLocalEngine({ log: silentLog });
  const model = { path: writeTinyModel(tinyModel()) };
  const prompt = { type: "text", text: "the" } as const;
  const result = await engine.generate({ model, prompt, maxTokens: 3 }, () => undefined, new AbortController().signal);
  assert.ok(result.ids.length <= 3);
  await engine.dispose();
});

test("a file that is not there", async () => {
  await checkRefused("/nowhere/model.gguf", "model-not-found", /no model file at \/nowhere\/model\.gguf/);
});

test("a folder", async () => {
  await checkRefused(temporaryFolder("model"), "file-unreadable", /it is not a file/);
});

test("an empty file", async () => {
  await checkRefused(
    damaged(() => Buffer.alloc(0)),
    "model-corrupt",
    /the file is empty/,
  );
});

test("a file of another kind", async () => {
  await checkRefused(
    damaged(() => Buffer.from("PK\x03\x04 and so on")),
    "model-corrupt",
    /does not begin with "GGUF"/,
  );
});

test("a file cut off in its head", async () => {
  await checkRefused(
    damaged((it) => it.subarray(0, 2000)),
    "model-corrupt",
    /damaged or cut off|missing|lies outside|has no name/,
  );
});

test("a file cut off in its weights", async () => {
  await checkRefused(
    damaged((it) => it.subarray(0, it.length - 5000)),
    "model-corrupt",
    /lies outside the file/,
  );
});

test("an unknown version of the format", async () => {
  await checkRefused(
    damaged((it) => (it.writeUInt32LE(99, 4), it)),
    "model-corrupt",
    /version "99"/,
  );
});

test("a count of tensors that lies", async () => {
  await checkRefused(
    damaged((it) => (it.writeBigUInt64LE(2n ** 62n, 8), it)),
    "model-corrupt",
    /Tensor count/,
  );
});

test("a count of keys that lies", async () => {
  await checkRefused(
    damaged((it) => (it.writeBigUInt64LE(2n ** 62n, 16), it)),
    "model-corrupt",
    /count/,
  );
});

test("the length of a text that lies", async () => {
  await checkRefused(
    damaged((it) => (it.writeBigUInt64LE(2n ** 60n, 24), it)),
    "model-corrupt",
    /length/,
  );
});

test("the shape of a tensor that lies", async () => {
  const model = tinyModel();
  model.tensors[1] = { ...model.tensors[1]!, shape: [2 ** 40, 2 ** 40] };
  await checkRefused(writeTinyModel(model), "model-corrupt", /dimension|lies outside/);
});

test("a tensor of another shape than the head says", async () => {
  const model = tinyModel();
  model.tensors[4] = { ...model.tensors[4]!, shape: [16, 64] };
  await checkRefused(writeTinyModel(model), "model-corrupt", /"blk\.0\.attn_q\.weight" has the shape \[16,64\]/);
});

test("a missing tensor", async () => {
  const model = tinyModel();
  model.tensors = model.tensors.filter((it) => it.name !== "blk.0.ffn_down.weight");
  await checkRefused(writeTinyModel(model), "model-corrupt", /"blk\.0\.ffn_down\.weight" is missing/);
});

test("a missing key", async () => {
  await checkRefused(changed({ "llama.block_count": undefined }), "model-corrupt", /"llama\.block_count" is missing/);
});

test("a key of another type", async () => {
  await checkRefused(
    changed({ "llama.block_count": "many" }),
    "model-corrupt",
    /"llama\.block_count" should be a number/,
  );
});

test("numbers that cannot be", async () => {
  await checkRefused(changed({ "llama.attention.head_count": 7 }), "model-corrupt", /not a multiple of its 7 heads/);
  await checkRefused(changed({ "llama.attention.head_count_kv": 0 }), "model-corrupt", /cannot share 0/);
  await checkRefused(changed({ "llama.embedding_length": 0 }), "model-corrupt", /above 0/);
});

test("an unknown architecture", async () => {
  const path = changed({ "general.architecture": "mamba7" });
  await checkRefused(path, "model-unsupported", /the architecture "mamba7".*It can run: llama/);
});

test("a quantization that comes later", async () => {
  const model = tinyModel();
  model.tensors[4] = { name: "blk.0.attn_q.weight", shape: [32, 32], type: 9, bytes: new Uint8Array(32 * 36) };
  await checkRefused(writeTinyModel(model), "model-unsupported", /quantised as Q8_1/);
});

test("an unknown quantization", async () => {
  const model = tinyModel();
  model.tensors[4] = { ...model.tensors[4]!, type: 77 };
  await checkRefused(writeTinyModel(model), "model-unsupported", /unknown type 77/);
});

test("an unknown pre-tokenizer", async () => {
  await checkRefused(changed({ "tokenizer.ggml.pre": "klingon" }), "model-unsupported", /klingon/);
});

test("any single damaged byte of the head is either harmless or refused", async () => {
  const whole = ggufBytes(tinyModel());
  const engine = createLocalEngine({ log: silentLog });
  for (let at = 0; at < 6000; at += 97) {
    const bytes = Buffer.from(whole);
    bytes[at] = bytes[at]! ^ 0xff;
    const path = writeTinyModel(tinyModel(), () => bytes);
    const facts = engine.inspect({ path }, () => undefined, new AbortController().signal);
    await facts.catch((error: unknown) =>
      assert.match((error as { code?: string }).code ?? String(error), /^(model|file)-/),
    );
  }
});

function damaged(damage: (bytes: Buffer) => Buffer): string {
  return writeTinyModel(tinyModel(), damage);
}

function changed(metadata: Readonly<Record<string, MetadataValue | undefined>>): string {
  const model: TinyModel = tinyModel();
  for (const [key, value] of Object.entries(metadata)) {
    if (value === undefined) delete model.metadata[key];
    else model.metadata[key] = value;
  }
  return writeTinyModel(model);
}

async function checkRefused(path: string, code: string, message: RegExp): Promise<void> {
  const engine = createLocalEngine({ log: silentLog });
  const signal = new AbortController().signal;
  await assert.rejects(
    engine.load({ model: { path } }, () => undefined, signal),
    (error: { code?: string; message: string }) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      return true;
    },
  );
  await engine.dispose();
}
