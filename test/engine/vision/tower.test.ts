// Vision parts that the golden model is no example of: sizes that patches do not fill, 8-bit weights, matrices under each other's
// names; and when a part is in memory.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { test } from "node:test";

import { openFileAlone, openModelFile } from "../../../src/engine/gguf/modelFile.js";
import { createTower } from "../../../src/engine/ort/tower.js";
import { readTokenizerMetadata } from "../../../src/engine/tokenizer/metadata.js";
import { createTokenizer } from "../../../src/engine/tokenizer/tokenizer.js";
import { readVisionPart } from "../../../src/engine/vision/findVisionPart.js";
import { readSource } from "../../../src/engine/vision/readSource.js";
import { buildTower } from "../../../src/engine/vision/towerGraph.js";
import { createVision } from "../../../src/engine/vision/vision.js";
import { readVisionShape } from "../../../src/engine/vision/visionShape.js";
import type { Precision } from "../../../src/protocol/engine.js";
import { projectRoot } from "../golden/goldenFiles.js";
import { seededRandom } from "../../../src/engine/sampling/random.js";
import { temporaryFolder } from "../../temporaryFolder.js";
import { ggufBytes, type TinyModel, type TinyTensor } from "../tinyModel.js";

const never = new AbortController().signal;
const HIDDEN = 32;

test("pixels that make no whole patch are not seen", async () => {
  // As in SmolVLM 2.2B, whose tiles of 384 pixels are 27 patches of 14 and six pixels.
  const [large, small] = [write(part({ tileSize: 20 })), write(part({ tileSize: 18 }))];
  const pixels = noise(3 * 20 * 20);
  const cropped = Float32Array.from({ length: 3 * 18 * 18 }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / 324), Math.floor(i / 18) % 18, i % 18];
    return pixels[(channel * 20 + y) * 20 + x]!;
  });
  const found = await encode(large, pixels);
  assert.equal(found.length, 40);
  assert.deepEqual(found, await encode(small, cropped));
});

test("matrices under each other's names are told apart by their shapes", async () => {
  const plain = part({ tileSize: 18 });
  const swapped: TinyModel = {
    ...plain,
    tensors: plain.tensors.map((it) => {
      const name = it.name.replace(/ffn_(up|down)/, (_, which: string) => (which === "up" ? "ffn_down" : "ffn_up"));
      return { ...it, name };
    }),
  };
  const pixels = noise(3 * 18 * 18);
  assert.deepEqual(await encode(write(swapped), pixels), await encode(write(plain), pixels));
});

test("8-bit weights give what their values give, and in fast mode nearly so", async () => {
  const plain = part({ tileSize: 18 });
  const [packed, decoded] = [true, false].map((isPacked) =>
    write({ ...plain, tensors: plain.tensors.map((it) => (isMatrix(it) ? rounded(it, isPacked) : it)) }),
  );
  const pixels = noise(3 * 18 * 18);
  const expected = await encode(decoded!, pixels);
  assert.ok(worst(await encode(packed!, pixels), expected) < 1e-5);
  const fast = worst(await encode(packed!, pixels, "fast"), expected);
  assert.ok(0 < fast && fast < 0.1 * spread(expected), `${fast} of ${spread(expected)}`);
});

test("a tensor that nobody reads, a missing one, and one of another shape are refused", async () => {
  const plain = part({ tileSize: 18 });
  const more = floats("v.class_embd", [HIDDEN]);
  await assert.rejects(encode(write({ ...plain, tensors: [...plain.tensors, more] }), noise(972)), {
    code: "model-unsupported",
    message: /v\.class_embd/,
  });
  const without = (name: string) => plain.tensors.filter((it) => it.name !== name);
  for (const name of ["v.patch_embd.weight", "v.blk.0.attn_q.bias", "v.post_ln.weight"])
    await assert.rejects(encode(write({ ...plain, tensors: without(name) }), noise(972)), { code: "model-corrupt" });
  const positions = floats("v.position_embd.weight", [HIDDEN, 16]);
  const misshapen = write({ ...plain, tensors: [...without("v.position_embd.weight"), positions] });
  await assert.rejects(encode(misshapen, noise(972)), { code: "model-corrupt", message: /\[32,16\].*\[32,9\]/ });
});

test("a cancel is heard inside of a tile", async () => {
  const file = await openFileAlone(write(part({ tileSize: 18 })));
  const tower = await createTower(buildTower(file, readVisionShape(file), "exact"), { threads: 1 });
  const cancel = new AbortController();
  const encoding = tower.encode(noise(972), cancel.signal);
  setImmediate(() => cancel.abort());
  await assert.rejects(encoding, { name: "AbortError" });
  await tower.dispose();
  await assert.rejects(tower.encode(noise(972), never), { code: "usage", message: /unloaded/ });
  file.close();
});

test("a vision part that no picture has used for a while is let go, and made again for the next one", async () => {
  const folder = join(projectRoot, "test/tiny/smolvlm");
  const file = await openModelFile(join(folder, "model.gguf"));
  const tokenizer = createTokenizer(readTokenizerMetadata(file.metadata));
  file.close();
  const options = { precision: "fast", threads: 1, ignoreMemory: false, firstId: 512, idleMs: 30 } as const;
  const vision = createVision(await readVisionPart(join(folder, "mmproj.gguf")), tokenizer, options)!;
  const look = async (name: string) => {
    const held = vision.shelf.hold(readSource({ path: join(folder, name) }));
    assert.equal(await held.read(never), true);
    const vector = vision.shelf.vector(held.ids[0]!).slice();
    held.release();
    return vector;
  };
  assert.equal(vision.isReady, false);
  await look("a.png");
  assert.equal(vision.isReady, true);
  await wait(200);
  assert.equal(vision.isReady, false);
  assert.ok((await look("b.png")).every((it) => Number.isFinite(it)));
  assert.equal(vision.isReady, true);
  await vision.dispose();
  assert.equal(vision.isReady, false);
  await assert.rejects(look("c.png"), { code: "usage", message: /unloaded while it looked/ });
});

test("the golden file's own bytes are what its memory is counted from", async () => {
  const path = join(projectRoot, "test/tiny/smolvlm/mmproj.gguf");
  const { bytes } = await readVisionPart(path);
  // All of it is floats of two or four bytes, and takes four in memory.
  assert.ok(readFileSync(path).length < bytes.fast && bytes.fast < 2 * readFileSync(path).length + 4096);
  assert.equal(bytes.exact, bytes.fast);
});

function part({ tileSize }: { readonly tileSize: number }): TinyModel {
  const [patch, side, inner] = [6, 3, 96];
  const block = (name: string) => `v.blk.0.${name}`;
  const affine = (name: string, rows: number, columns: number) => [
    floats(`${name}.weight`, [columns, rows]),
    floats(`${name}.bias`, [rows]),
  ];
  const norm = (name: string) => [floats(`${name}.weight`, [HIDDEN]), floats(`${name}.bias`, [HIDDEN])];
  return {
    metadata: {
      "general.architecture": "clip",
      "clip.projector_type": "idefics3",
      "clip.vision.image_size": tileSize,
      "clip.vision.patch_size": patch,
      "clip.vision.embedding_length": HIDDEN,
      "clip.vision.feed_forward_length": inner,
      "clip.vision.block_count": 1,
      "clip.vision.attention.head_count": 4,
      "clip.vision.projector.scale_factor": 3,
    },
    tensors: [
      floats("v.patch_embd.weight", [patch, patch, 3, HIDDEN]),
      floats("v.patch_embd.bias", [HIDDEN]),
      floats("v.position_embd.weight", [HIDDEN, side * side]),
      ...["attn_q", "attn_k", "attn_v", "attn_out"].flatMap((it) => affine(block(it), HIDDEN, HIDDEN)),
      ...affine(block("ffn_up"), inner, HIDDEN),
      ...affine(block("ffn_down"), HIDDEN, inner),
      ...norm(block("ln1")),
      ...norm(block("ln2")),
      ...norm("v.post_ln"),
      floats("mm.model.fc.weight", [side * side * HIDDEN, 40]),
    ],
  };
}

function floats(name: string, shape: readonly number[]): TinyTensor {
  const values = noise(
    shape.reduce((a, b) => a * b, 1),
    [...name].reduce((sum, it) => sum + it.charCodeAt(0), 1),
  ).map((it) => it * 0.5);
  return { name, shape, type: 0, bytes: new Uint8Array(values.buffer) };
}

function noise(length: number, seed = 3): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => random() * 2 - 1);
}

function isMatrix({ shape, name }: TinyTensor): boolean {
  return shape.length === 2 && !name.includes("position");
}

/** Blocks of 32 with one scale each: Q8_0, or its values as floats. */
function rounded({ name, shape, bytes }: TinyTensor, isPacked: boolean): TinyTensor {
  const values = new Float32Array(bytes.buffer);
  const decoded = new Float32Array(values.length);
  const packed = new DataView(new ArrayBuffer((values.length / 32) * 34));
  for (let block = 0; block < values.length / 32; block++) {
    // A power of two is the same as a half.
    const scale = 2 ** -8;
    packed.setUint16(block * 34, (15 - 8) << 10, true);
    for (let i = 0; i < 32; i++) {
      const level = Math.max(-127, Math.min(127, Math.round(values[block * 32 + i]! / scale)));
      packed.setInt8(block * 34 + 2 + i, level);
      decoded[block * 32 + i] = level * scale;
    }
  }
  return isPacked
    ? { name, shape, type: 8, bytes: new Uint8Array(packed.buffer) }
    : { name, shape, type: 0, bytes: new Uint8Array(decoded.buffer) };
}

function write(model: TinyModel): string {
  const path = join(temporaryFolder("vision"), "mmproj.gguf");
  writeFileSync(path, ggufBytes(model));
  return path;
}

async function encode(path: string, pixels: Float32Array, precision: Precision = "exact"): Promise<Float32Array> {
  const file = await openFileAlone(path);
  try {
    const tower = await createTower(buildTower(file, readVisionShape(file), precision), { threads: 1 });
    const vectors = await tower.encode(pixels, never);
    await tower.dispose();
    return vectors;
  } finally {
    file.close();
  }
}

function worst(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, it, i) => Math.max(most, Math.abs(it - b[i]!)), 0);
}

function spread(values: Float32Array): number {
  return Math.max(...values) - Math.min(...values);
}
