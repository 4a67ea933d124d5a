// Whole models: what a quantized file holds, what it keeps, what it costs; and that nothing half-written stays.

import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { TillerError } from "../../../src/base/error.js";
import { dequantize } from "../../../src/engine/gguf/dequantize.js";
import { openModelFile, type ModelFile } from "../../../src/engine/gguf/modelFile.js";
import { readRawMetadata } from "../../../src/engine/gguf/rawMetadata.js";
import { writeFailure } from "../../../src/engine/gguf/wholeFile.js";
import { measureImportance } from "../../../src/engine/quantize/importance.js";
import { measureModel } from "../../../src/engine/quantize/measureModel.js";
import { bitsOf, planTypes, type Override } from "../../../src/engine/quantize/plan.js";
import { quantizeRows } from "../../../src/engine/quantize/quantize.js";
import { quantizeModel } from "../../../src/engine/quantize/quantizeModel.js";
import type { WritableType } from "../../../src/engine/quantize/writableTypes.js";
import { temporaryFolder } from "../../temporaryFolder.js";
import { projectRoot } from "../golden/goldenFiles.js";
import { ggufBytes, tinyModel } from "../tinyModel.js";

const source = join(projectRoot, "test/tiny/llama-untied/model.gguf");
const text = "The quick brown fox jumps over the lazy dog, and 1,234 more of them.\n".repeat(3);
const folder = temporaryFolder("quantize");
const never = new AbortController().signal;
const still = { signal: never, onProgress: () => undefined };

test("matrices are what the quantizer makes of their values, all else stays byte for byte", async () => {
  const { file, made } = await quantized("Q4_0");
  assert.deepEqual([...made.tensors.keys()], [...file.tensors.keys()]);
  for (const tensor of file.tensors.values()) {
    const found = made.tensors.get(tensor.name)!;
    const bytes = made.read(found);
    assert.deepEqual(found.shape, tensor.shape);
    if (tensor.shape.length === 1) assert.deepEqual(bytes, file.read(tensor), tensor.name);
    else {
      const isVocabulary = tensor.name === "token_embd.weight" || tensor.name === "output.weight";
      const type = isVocabulary ? "Q8_0" : "Q4_0";
      assert.equal(found.type.name, type, tensor.name);
      const values = dequantize(tensor.type.name, file.read(tensor), tensor.elementCount);
      assert.deepEqual(bytes, quantizeRows(type, values, tensor.shape[0]!), tensor.name);
    }
  }
});

test("the head keeps every key byte for byte, and says what the file is", async () => {
  const { made, out } = await quantized("Q5_1");
  const own = ["general.file_type", "general.quantization_version"];
  const kept = (path: string) => readRawMetadata(path).filter(({ key }) => !own.includes(key));
  assert.deepEqual(kept(out), kept(source));
  assert.equal(made.metadata.number("general.file_type"), 9);
  assert.equal(made.metadata.number("general.quantization_version"), 2);
});

test("the raw head is all of the keys that a library reads", async () => {
  const file = await openModelFile(source);
  const keys = readRawMetadata(source).map((it) => it.key);
  assert.ok(20 < keys.length);
  for (const it of keys) assert.ok(file.metadata.has(it), it);
});

test("an override by pattern counts, the last one most", async () => {
  const file = await openModelFile(source);
  const plan = typesOf(file, "Q4_0", [
    { pattern: "blk.*.ffn_down.weight", type: "Q8_0" },
    { pattern: "blk.0.*", type: "Q5_0" },
    { pattern: "output.weight", type: "Q4_1" },
  ]);
  assert.equal(plan.get("blk.0.ffn_down.weight"), "Q5_0");
  assert.equal(plan.get("blk.1.ffn_down.weight"), "Q8_0");
  assert.equal(plan.get("blk.1.ffn_up.weight"), "Q4_0");
  assert.equal(plan.get("output.weight"), "Q4_1");
  assert.equal(plan.get("token_embd.weight"), "Q8_0");
});

test("a pattern that no tensor has is refused", async () => {
  const file = await openModelFile(source);
  assert.throws(() => planTypes(file.tensors, "Q4_0", [{ pattern: "blk.*.attn_o", type: "Q8_0" }]), /No tensor/);
});

test("K formats give way where rows are too short, and that is said; forced ones are refused", async () => {
  const file = await openModelFile(source);
  const { notes } = planTypes(file.tensors, "Q4_K", []);
  assert.equal(typesOf(file, "Q4_K").get("blk.0.attn_q.weight"), "Q4_1");
  assert.match(
    notes.join(),
    /matrices have rows that are no multiple of 256 values, which Q4_K needs: they become Q4_1/,
  );
  assert.throws(
    () => planTypes(file.tensors, "Q4_0", [{ pattern: "blk.0.attn_q.weight", type: "Q6_K" }]),
    /rows of 64 values, and Q6_K needs multiples of 256/,
  );
});

test("a quantized source is not made larger at its embedding, and is said to be one", async () => {
  const file = await openModelFile(join(projectRoot, "test/tiny/llama-mxfp4/model.gguf"));
  const { tensors, notes } = planTypes(file.tensors, "Q4_0", []);
  const embedding = tensors.find((it) => it.tensor.name === "token_embd.weight")!;
  assert.equal(embedding.type.name, "MXFP4");
  assert.ok(embedding.isCopied);
  assert.match(notes.join(), /quantized already \(MXFP4\)/);
});

test("a quantized model runs and says nearly the same as its source", async () => {
  const options = { text, threads: 1, signal: never, onProgress: () => undefined };
  const first = await measureModel(source, undefined, options);
  const again = await measureModel(source, first.reference, options);
  assert.equal(again.measured.agreement!.meanKl, 0);
  assert.equal(again.measured.agreement!.sameTop, 1);
  assert.equal(again.measured.perplexity, first.measured.perplexity);
  const losses: number[] = [];
  for (const type of ["Q8_0", "Q5_0", "Q4_0"] as const) {
    const { out } = await quantized(type);
    const { measured } = await measureModel(out, first.reference, options);
    assert.ok(measured.sizeBytes < first.measured.sizeBytes);
    assert.ok(0 < measured.decodeTokensPerSecond && 0 < measured.prefillTokensPerSecond);
    losses.push(measured.agreement!.meanKl);
  }
  assert.ok(losses[0]! < 0.02 && losses[0]! < losses[1]! && losses[1]! < losses[2]!, losses.join());
});

test("importance is the mean square of what goes into a matrix", async () => {
  const file = await openModelFile(source);
  const importance = await measureImportance(file, text, { threads: 1, ...still });
  const matrices = [...file.tensors.values()].filter((it) => it.shape.length === 2 && it.name !== "token_embd.weight");
  for (const { name, shape } of matrices) assert.equal(importance.get(name)?.length, shape[0], name);
  // The first layer's input is known without the model: the normed embeddings, by the norm's weights.
  const { createTokenizer } = await import("../../../src/engine/tokenizer/tokenizer.js");
  const { readTokenizerMetadata } = await import("../../../src/engine/tokenizer/metadata.js");
  const ids = createTokenizer(readTokenizerMetadata(file.metadata)).encode(text);
  const valuesOf = (name: string) => {
    const tensor = file.tensors.get(name)!;
    return dequantize(tensor.type.name, file.read(tensor), tensor.elementCount);
  };
  const embedding = valuesOf("token_embd.weight");
  const norm = valuesOf("blk.0.attn_norm.weight");
  const epsilon = file.metadata.number("llama.attention.layer_norm_rms_epsilon")!;
  const expected = new Float64Array(norm.length);
  for (const id of ids) {
    const vector = embedding.subarray(id * norm.length, (id + 1) * norm.length);
    const square = vector.reduce((sum, it) => sum + it * it, 0) / norm.length + epsilon;
    vector.forEach((it, i) => (expected[i]! += (it * norm[i]!) ** 2 / square / ids.length));
  }
  importance.get("blk.0.attn_q.weight")!.forEach((it, i) => {
    assert.ok(Math.abs(it / expected[i]! - 1) < 1e-4, `column ${i}: ${it}, not ${expected[i]}`);
  });
});

test("a cancel leaves nothing behind", async () => {
  const file = await openModelFile(source);
  const cancel = new AbortController();
  const out = join(temporaryFolder("cancel"), "model.gguf");
  let pieces = 0;
  const onProgress = () => {
    if (++pieces === 3) cancel.abort();
  };
  const plan = planTypes(file.tensors, "Q4_0", []);
  const writing = quantizeModel(file, out, { plan, type: "Q4_0" }, { signal: cancel.signal, onProgress });
  await assert.rejects(writing, (error) => error === cancel.signal.reason);
  assert.equal(pieces, 3);
  assert.deepEqual(readdirSync(dirname(out)), []);
});

test("a file that is replaced stays as it was when writing fails", async () => {
  const file = await openModelFile(source);
  const out = join(temporaryFolder("fails"), "model.gguf");
  writeFileSync(out, "before");
  const plan = planTypes(file.tensors, "Q4_0", []);
  const cancel = AbortSignal.abort();
  await assert.rejects(quantizeModel(file, out, { plan, type: "Q4_0" }, { ...still, signal: cancel }));
  assert.deepEqual(readdirSync(dirname(out)), ["model.gguf"]);
  assert.equal((await import("node:fs")).readFileSync(out, "utf8"), "before");
});

test("what the system says of a full disk is said in words", async () => {
  const error = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  assert.equal(writeFailure("/a/b.gguf", error).message, "/a/b.gguf cannot be written: the disk is full.");
  const file = await openModelFile(source);
  const plan = planTypes(file.tensors, "Q4_0", []);
  await assert.rejects(quantizeModel(file, "/nowhere/b.gguf", { plan, type: "Q4_0" }, still), (thrown) => {
    assert.ok(thrown instanceof TillerError);
    assert.equal(thrown.code, "file-unwritable");
    assert.match(thrown.message, /there is no such folder/);
    return true;
  });
});

test("a model in several files becomes one", async () => {
  const parts = temporaryFolder("parts");
  const model = tinyModel();
  for (const no of [0, 1]) {
    const split = { "split.no": no, "split.count": 2, "split.tensors.count": model.tensors.length };
    const tensors = model.tensors.filter((_, i) => i % 2 === no);
    const metadata = no === 0 ? { ...model.metadata, ...split } : split;
    writeFileSync(join(parts, `m-0000${no + 1}-of-00002.gguf`), ggufBytes({ metadata, tensors }));
  }
  const file = await openModelFile(join(parts, "m-00002-of-00002.gguf"));
  const out = join(parts, "whole.gguf");
  const plan = planTypes(file.tensors, "Q8_0", []);
  await quantizeModel(file, out, { plan, type: "Q8_0" }, still);
  const made = await openModelFile(out);
  assert.equal(made.tensors.size, model.tensors.length);
  assert.ok(!made.metadata.has("split.count"));
  assert.ok(bitsOf(made.tensors.get("blk.0.ffn_up.weight")!.type) === 8.5);
});

async function quantized(type: WritableType) {
  const file = await openModelFile(source);
  const out = join(folder, `${type}.gguf`);
  if (!existsSync(out)) await quantizeModel(file, out, { plan: planTypes(file.tensors, type, []), type }, still);
  return { file, out, made: await openModelFile(out) };
}

function typesOf(file: ModelFile, type: WritableType, overrides: readonly Override[] = []): Map<string, string> {
  const { tensors } = planTypes(file.tensors, type, overrides);
  return new Map(tensors.map((it) => [it.tensor.name, it.type.name]));
}
