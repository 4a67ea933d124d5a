// Every weight format against the reference (transformers in float32 on the file's own values): the values themselves, all
// logits, greedy text. Run on the folder in TILLER_TINY, ../shared/models/tiny by default, and on the few models in test/tiny.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { dequantize } from "../../src/engine/gguf/dequantize.js";
import { openModelFile } from "../../src/engine/gguf/modelFile.js";
import { embeddingTable } from "../../src/engine/embeddingTable.js";
import { loadModel } from "../../src/engine/loadedModel.js";
import { testCache } from "../../src/engine/ort/selfTest.js";
import { openSafetensors } from "../../src/engine/safetensors/safetensorsFile.js";
import { projectRoot } from "./golden/goldenFiles.js";
import { logitsAt } from "./golden/goldenModel.js";

interface Golden {
  readonly prompts: readonly {
    readonly ids: readonly number[];
    readonly greedy: readonly number[];
    readonly greedy_margin: readonly number[];
  }[];
}

/** What is computed with the file's own values in float32. */
const EXACT = 0.001;
/** What goes through four bits with residual columns (graph/packLevels.ts). */
const PACKED = 0.005;
const packedTypes = ["Q4_0", "Q4_1", "Q4_K", "Q2_K", "Q3_K"];
/** What `fast` may add, by rounding the activations to 8 bits; llama.cpp does the same and is up to 0.8 away. */
const FAST = 1;

const shared = process.env["TILLER_TINY"] ?? join(projectRoot, "../shared/models/tiny");
const folders = [
  ...new Map([join(projectRoot, "test/tiny"), shared].flatMap(formatFolders).map((it) => [it.name, it])).values(),
];

if (!existsSync(shared)) {
  test(`the models of all formats are not at ${shared}; set TILLER_TINY to run them`, { skip: true }, () => undefined);
}

for (const { name, path } of folders) {
  test(`${name}: values are the reference's, bit by bit`, () => checkValues(path));
  test(`${name}: logits are the reference's in exact mode`, () => checkExact(path));
  test(`${name}: logits are near the reference's in fast mode`, () => checkFast(path));
}

function formatFolders(parent: string): { readonly name: string; readonly path: string }[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .map((name) => ({ name, path: join(parent, name) }))
    .filter(({ path }) => existsSync(join(path, "dequant.safetensors")));
}

async function checkValues(path: string): Promise<void> {
  const file = await openModelFile(join(path, "model.gguf"));
  const reference = openSafetensors(join(path, "dequant.safetensors"));
  try {
    assert.ok(2 <= reference.tensors.size);
    for (const tensor of reference.tensors.values()) {
      const ours = file.tensors.get(tensor.name)!;
      const expected = reference.read(tensor);
      const found = dequantize(ours.type.name, file.read(ours), ours.elementCount);
      assert.deepEqual(bitsOf(found), bitsOf(expected), tensor.name);
      if (tensor.name !== "token_embd.weight") continue;
      const hidden = ours.shape[0]!;
      const rows = embeddingTable(file, ours).lookUp([0, 7, 511]);
      const taken = [0, 7, 511].flatMap((it) => [...expected.subarray(it * hidden, (it + 1) * hidden)]);
      assert.deepEqual([...rows], taken);
    }
  } finally {
    reference.close();
    file.close();
  }
}

async function checkExact(path: string): Promise<void> {
  const tolerance = await toleranceOf(path);
  const { found, expected, greedy } = await run(path, "exact");
  const most = Math.max(...found.map((it, i) => largestDifference(it, expected[i]!)));
  assert.ok(most <= tolerance, `logits are off by ${most}, at most ${tolerance} is allowed`);
  assert.ok(3 <= greedy.length);
  for (const { ids, best, margins } of greedy) {
    const surest = margins.findIndex((it) => it < 2 * tolerance);
    const steps = surest < 0 ? ids.length : surest;
    assert.deepEqual(best.slice(0, steps), ids.slice(0, steps));
  }
}

async function checkFast(path: string): Promise<void> {
  const { found, expected } = await run(path, "fast");
  const most = Math.max(...found.map((it, i) => largestDifference(it, expected[i]!)));
  assert.ok(most <= FAST, `logits are off by ${most}`);
}

async function toleranceOf(path: string): Promise<number> {
  const file = await openModelFile(join(path, "model.gguf"));
  file.close();
  return [...file.tensors.values()].some((it) => packedTypes.includes(it.type.name)) ? PACKED : EXACT;
}

/** The reference's own continuation is read, so that the tokens of all steps can be compared in one pass. */
async function run(path: string, precision: "exact" | "fast") {
  const golden = JSON.parse(readFileSync(join(path, "golden.json"), "utf8")) as Golden;
  const reference = openSafetensors(join(path, "golden.safetensors"));
  const read = (name: string) => reference.read(reference.tensors.get(name)!);
  const spec = { path: join(path, "model.gguf"), precision } as const;
  const model = await loadModel({ spec, cacheKind: (await testCache()).kind, defaultThreads: 1 }, () => undefined);
  try {
    const found: Float32Array[] = [];
    const expected: Float32Array[] = [];
    const greedy = [];
    for (const [i, { ids, greedy: next, greedy_margin: margins }] of golden.prompts.entries()) {
      const steps = next.map((_, step) => ids.length - 1 + step);
      const logits = await logitsAt(model, [...ids, ...next.slice(0, -1)], steps);
      found.push(logits[0]!);
      expected.push(read(`p${i}.last`));
      greedy.push({ ids: next, best: logits.map(indexOfLargest), margins });
    }
    const all = golden.prompts[2]!.ids;
    const rows = await logitsAt(model, all, [...all.keys()]);
    found.push(Float32Array.from(rows.flatMap((it) => [...it])));
    expected.push(read("p2.all"));
    return { found, expected, greedy };
  } finally {
    await model.dispose();
    reference.close();
  }
}

function largestDifference(one: Float32Array, other: Float32Array): number {
  assert.equal(one.length, other.length);
  return one.reduce((most, it, i) => Math.max(most, Math.abs(it - other[i]!)), 0);
}

function indexOfLargest(values: Float32Array): number {
  return values.indexOf(values.reduce((a, b) => Math.max(a, b)));
}

function bitsOf({ buffer, byteOffset, length }: Float32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length);
}
