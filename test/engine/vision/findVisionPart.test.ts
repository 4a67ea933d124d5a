// Which vision part a model gets: by name, by size, and what is said where none can be had.

import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { TillerError } from "../../../src/base/error.js";
import { findVisionPart, type FoundVision } from "../../../src/engine/vision/findVisionPart.js";
import { projectRoot } from "../golden/goldenFiles.js";
import { temporaryFolder } from "../../temporaryFolder.js";
import { ggufBytes } from "../tinyModel.js";

const part = join(projectRoot, "test/tiny/smolvlm/mmproj.gguf");

test("the one that lies beside the model is taken", async () => {
  assert.equal(nameOf(await find("model.gguf", ["mmproj.gguf"])), "mmproj.gguf");
  assert.equal(nameOf(await find("SmolVLM.gguf", ["SmolVLM.mmproj-f16.gguf"])), "SmolVLM.mmproj-f16.gguf");
});

test("of several, the one whose name is most like the model's", async () => {
  const beside = ["mmproj-SmolVLM-256M-f16.gguf", "mmproj-SmolVLM-500M-f16.gguf", "mmproj-Other.gguf"];
  assert.equal(nameOf(await find("SmolVLM-500M-Q8_0.gguf", beside)), "mmproj-SmolVLM-500M-f16.gguf");
  assert.equal(nameOf(await find("smolvlm-256m-instruct.gguf", beside)), "mmproj-SmolVLM-256M-f16.gguf");
});

test("where several are alike, all are named and none is taken", async () => {
  const found = await find("model.gguf", ["mmproj-a.gguf", "mmproj-b.gguf"]);
  assert.match(
    why(found),
    /^Several vision parts fit it alike \(mmproj-a\.gguf, mmproj-b\.gguf\): name the one to use/,
  );
});

test("a file of another name is no vision part, whatever it holds", async () => {
  assert.equal(why(await find("model.gguf", ["eyes.gguf"])), "");
});

test("one for vectors of another size is passed over, with the reason", async () => {
  const found = await find("model.gguf", ["mmproj.gguf"], 576);
  assert.match(why(found), /mmproj\.gguf makes vectors of 64 numbers, and model\.gguf takes 576\.$/);
});

test("a model without tokens for pictures gets none", async () => {
  assert.equal(why(await find("model.gguf", ["mmproj.gguf"], 64, false)), "");
  const named = findVisionPart({ path: "model.gguf", hiddenSize: 64, hasTokens: false }, part);
  await assert.rejects(named, {
    code: "model-unsupported",
    message: /^model\.gguf has no tokens for pictures \(<image>\)/,
  });
});

test("a vision part of another kind is refused by its name", async () => {
  const folder = temporaryFolder("vision");
  const metadata = { "general.architecture": "clip", "clip.projector_type": "gemma3", "clip.has_vision_encoder": true };
  writeFileSync(join(folder, "mmproj.gguf"), ggufBytes({ metadata, tensors: [] }));
  const model = { path: join(folder, "model.gguf"), hiddenSize: 64, hasTokens: true };
  assert.match(
    why(await findVisionPart(model)),
    /is a vision part of the kind "gemma3", which this version cannot run/,
  );
  await assert.rejects(findVisionPart(model, join(folder, "mmproj.gguf")), {
    code: "model-unsupported",
    message: /"gemma3"/,
  });
});

test("a damaged file beside the model harms nobody, and is told of", async () => {
  const folder = temporaryFolder("vision");
  writeFileSync(join(folder, "mmproj.gguf"), readFileSync(part).subarray(0, 2000));
  const found = await findVisionPart({ path: join(folder, "model.gguf"), hiddenSize: 64, hasTokens: true });
  assert.match(why(found), /mmproj\.gguf/);
});

test("numbers that cannot be are refused", async () => {
  const good = {
    "general.architecture": "clip",
    "clip.projector_type": "idefics3",
    "clip.vision.image_size": 64,
    "clip.vision.patch_size": 16,
    "clip.vision.embedding_length": 64,
    "clip.vision.feed_forward_length": 128,
    "clip.vision.block_count": 2,
    "clip.vision.attention.head_count": 4,
  };
  for (const [key, value] of [
    ["clip.vision.image_size", 60],
    ["clip.vision.image_size", 1 << 20],
    ["clip.vision.attention.head_count", 5],
    ["clip.vision.projector.scale_factor", 3],
    ["clip.vision.block_count", 0],
  ] as const) {
    const folder = temporaryFolder("vision");
    const fc = { name: "mm.model.fc.weight", shape: [256, 64], type: 0, bytes: new Uint8Array(256 * 64 * 4) };
    writeFileSync(join(folder, "mmproj.gguf"), ggufBytes({ metadata: { ...good, [key]: value }, tensors: [fc] }));
    await assert.rejects(
      findVisionPart({ path: "m.gguf", hiddenSize: 64, hasTokens: true }, join(folder, "mmproj.gguf")),
      (error) => {
        return error instanceof TillerError && error.code === "model-corrupt";
      },
    );
  }
});

async function find(model: string, beside: readonly string[], hiddenSize = 64, hasTokens = true): Promise<FoundVision> {
  const folder = temporaryFolder("vision");
  for (const it of beside) copyFileSync(part, join(folder, it));
  return findVisionPart({ path: join(folder, model), hiddenSize, hasTokens });
}

function nameOf(found: FoundVision): string {
  assert.ok(found.kind === "part");
  return found.part.path.replace(/^.*[\\/]/, "");
}

function why(found: FoundVision): string {
  assert.ok(found.kind === "none");
  return found.why;
}
