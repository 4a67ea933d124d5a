// Hugging Face folders -> GGUF: a tiny model of the reference set is written as its folder would be, converted, and must come
// back as it was: every tensor, every key, the same logits. What cannot be converted is refused by name.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { TillerError, type ErrorCode } from "../../../src/base/error.js";
import { convertFolder } from "../../../src/engine/convert/convertFolder.js";
import { dequantize } from "../../../src/engine/gguf/dequantize.js";
import { openModelFile } from "../../../src/engine/gguf/modelFile.js";
import { readRawMetadata } from "../../../src/engine/gguf/rawMetadata.js";
import { loadModel } from "../../../src/engine/loadedModel.js";
import { testCache } from "../../../src/engine/ort/selfTest.js";
import { openSafetensors } from "../../../src/engine/safetensors/safetensorsFile.js";
import { temporaryFolder } from "../../temporaryFolder.js";
import { projectRoot } from "../golden/goldenFiles.js";
import { logitsAt } from "../golden/goldenModel.js";
import { editJson, writeFolder, writeSafetensors } from "./huggingFaceFolder.js";

const own = join(projectRoot, "test/tiny");
const shared = process.env["TILLER_TINY"] ?? join(projectRoot, "../shared/models/tiny");
const still = { signal: new AbortController().signal, onProgress: () => undefined };

for (const name of ["llama-untied", "llama-tied", "llama3-rope", "qwen2", "qwen2-yarn", "qwen3"]) {
  const path = [own, shared].map((it) => join(it, name, "model.gguf")).find((it) => existsSync(it));
  const skip = path === undefined && `${name} is not at ${shared}; set TILLER_TINY to run it`;
  test(`${name} comes back as it was`, { skip }, () => checkRoundTrip(path!));
}

test("a converted model gives the reference's logits", async () => {
  const source = join(own, "llama-untied");
  const { out } = await roundTrip(join(source, "model.gguf"));
  const golden = JSON.parse(readFileSync(join(source, "golden.json"), "utf8")) as {
    readonly prompts: readonly { readonly ids: readonly number[] }[];
  };
  const reference = openSafetensors(join(source, "golden.safetensors"));
  const spec = { path: out, precision: "exact" } as const;
  const model = await loadModel({ spec, cacheKind: (await testCache()).kind, defaultThreads: 1 }, () => undefined);
  for (const [i, { ids }] of golden.prompts.entries()) {
    const [logits] = await logitsAt(model, ids, [ids.length - 1]);
    const expected = reference.read(reference.tensors.get(`p${i}.last`)!);
    const most = logits!.reduce((most, it, k) => Math.max(most, Math.abs(it - expected[k]!)), 0);
    assert.ok(most <= 0.001, `prompt ${i} is off by ${most}`);
  }
  await model.dispose();
  reference.close();
});

for (const [what, change, code, message] of [
  ["another kind of model", { model_type: "gpt_neox" }, "model-unsupported", /type "gpt_neox".*llama, mistral, qwen2/],
  [
    "weights of another program",
    { quantization_config: { quant_method: "gptq" } },
    "model-unsupported",
    /quantized already \(gptq\)/,
  ],
  ["another activation", { hidden_act: "gelu" }, "model-unsupported", /activation "gelu"/],
  ["biases that files cannot hold", { mlp_bias: true }, "model-unsupported", /"mlp_bias"/],
  [
    "another stretching of positions",
    { rope_scaling: { rope_type: "longrope", factor: 4 } },
    "model-unsupported",
    /by "longrope"/,
  ],
  ["a number that is missing", { hidden_size: null }, "model-corrupt", /no "hidden_size"/],
  ["more layers than there are", { num_hidden_layers: 4 }, "model-corrupt", /9 tensors.*blk\.3\.attn_norm\.weight/],
  ["fewer layers than there are", { num_attention_heads: 8 }, "model-corrupt", /asks for 128 rows|config\.json/],
] as const) {
  test(`${what} is refused`, async () => {
    const folder = await untied();
    editJson(folder, "config.json", (it) => ({ ...it, ...change }));
    await checkRefused(folder, code, message);
  });
}

for (const [what, change, message] of [
  ["an unknown way to cut text", { pre_tokenizer: { type: "Metaspace" } }, /cuts text by Metaspace/],
  [
    "an unknown expression",
    {
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [
          { type: "Split", pattern: { Regex: "\\w+" } },
          { type: "ByteLevel", use_regex: false },
        ],
      },
    },
    /no name for: \\w\+/,
  ],
  ["another kind of tokenizer", { model: { type: "Unigram", vocab: {} } }, /of the kind Unigram/],
  ["SentencePiece", { model: { type: "BPE", vocab: {}, byte_fallback: true } }, /is SentencePiece/],
  ["another normalizer", { normalizer: { type: "Lowercase" } }, /normalizes text by Lowercase/],
] as const) {
  test(`${what} is refused`, async () => {
    const folder = await untied();
    editJson(folder, "tokenizer.json", (it) => ({ ...it, ...change }));
    await checkRefused(folder, "model-unsupported", message);
  });
}

test("files that are not there are named", async () => {
  const folder = await untied();
  rmSync(join(folder, "model-00002-of-00002.safetensors"));
  await checkRefused(folder, "model-not-found", /model-00002-of-00002\.safetensors is missing/);
  rmSync(join(folder, "model.safetensors.index.json"));
  await checkRefused(folder, "model-not-found", /neither model\.safetensors nor/);
  rmSync(join(folder, "config.json"));
  await checkRefused(folder, "model-not-found", /no config\.json/);
});

test("an index that leads out of the folder is refused", async () => {
  const folder = await untied();
  editJson(folder, "model.safetensors.index.json", () => ({ weight_map: { "model.norm.weight": "../x.safetensors" } }));
  await checkRefused(folder, "model-corrupt", /"\.\.\/x\.safetensors", which is not in the folder/);
});

test("a tensor that the architecture does not have is named", async () => {
  const folder = await untied();
  writeSafetensors(join(folder, "model-00002-of-00002.safetensors"), [
    { name: "model.layers.0.mlp.experts.0.w1.weight", shape: [1, 1], type: "F32", bytes: new Uint8Array(4) },
  ]);
  await checkRefused(folder, "model-unsupported", /experts\.0\.w1\.weight/);
});

async function untied(): Promise<string> {
  return writeFolder(await openModelFile(join(own, "llama-untied/model.gguf")));
}

async function checkRefused(folder: string, code: ErrorCode, message: RegExp): Promise<void> {
  const out = join(temporaryFolder("refused"), "out.gguf");
  await assert.rejects(convertFolder(folder, out, still), (error) => {
    assert.ok(error instanceof TillerError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
  assert.deepEqual(readdirSync(dirname(out)), []);
}

async function checkRoundTrip(path: string): Promise<void> {
  const { file, out } = await roundTrip(path);
  const made = await openModelFile(out);
  assert.deepEqual([...made.tensors.keys()].sort(), [...file.tensors.keys()].sort());
  for (const tensor of file.tensors.values()) {
    const found = made.tensors.get(tensor.name)!;
    assert.equal(found.type.name, tensor.type.name, tensor.name);
    assert.deepEqual(found.shape, tensor.shape, tensor.name);
    if (tensor.name !== "rope_freqs.weight") assert.deepEqual(made.read(found), file.read(tensor), tensor.name);
    else {
      const [ours, expected] = [made.read(found), file.read(tensor)].map((it) =>
        dequantize("F32", it, tensor.elementCount),
      );
      ours!.forEach((it, i) => assert.ok(Math.abs(it / expected![i]! - 1) < 1e-6, `${it}, not ${expected![i]}`));
    }
  }
  // The folder's name becomes the model's; file_type says F16 where the reference says nothing (0).
  const ignored = ["general.name", "general.file_type", "general.quantization_version"];
  const entries = new Map(readRawMetadata(out).map((it) => [it.key, it.bytes]));
  for (const { key, bytes } of readRawMetadata(path)) {
    if (!ignored.includes(key)) assert.deepEqual(entries.get(key), bytes, key);
  }
}

async function roundTrip(path: string) {
  const file = await openModelFile(path);
  const out = join(temporaryFolder("converted"), "out.gguf");
  await convertFolder(writeFolder(file), out, still);
  return { file, out };
}
