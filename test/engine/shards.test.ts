// Models in several files: read as one, opened by any of them, and refused by name when one is missing or wrong.

import assert from "node:assert/strict";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { TillerError, type ErrorCode } from "../../src/base/error.js";
import { openModelFile } from "../../src/engine/gguf/modelFile.js";
import { temporaryFolder } from "../temporaryFolder.js";
import { ggufBytes, tinyModel, writeTinyModel, type TinyModel } from "./tinyModel.js";

test("three files are one model, whichever of them is named", async () => {
  const { folder, model } = writeShards();
  const whole = await openModelFile(writeTinyModel(model));
  for (const i of [1, 2, 3]) {
    const file = await openModelFile(join(folder, shardName(i)));
    assert.equal(file.path, join(folder, shardName(1)));
    assert.equal(file.metadata.text("general.name"), "tiny");
    assert.deepEqual([...file.tensors.keys()].sort(), [...whole.tensors.keys()].sort());
    for (const tensor of file.tensors.values()) {
      const expected = whole.read(whole.tensors.get(tensor.name)!);
      assert.deepEqual(file.read(tensor), expected, tensor.name);
      const part = new Uint8Array(8);
      file.readPart(tensor, 16, part);
      assert.deepEqual(part, expected.slice(16, 24), tensor.name);
    }
    file.close();
  }
  whole.close();
});

test("a missing file is named", async () => {
  const { folder } = writeShards();
  rmSync(join(folder, shardName(2)));
  await checkRefused(join(folder, shardName(1)), "model-not-found", /tiny-00002-of-00003\.gguf is not in/);
});

test("a first file that is missing is named too", async () => {
  const { folder } = writeShards();
  rmSync(join(folder, shardName(1)));
  await checkRefused(join(folder, shardName(3)), "model-not-found", /tiny-00001-of-00003\.gguf is not in/);
});

test("a renamed file is told the name that it needs", async () => {
  const { folder } = writeShards();
  copyFileSync(join(folder, shardName(1)), join(folder, "model.gguf"));
  await checkRefused(join(folder, "model.gguf"), "model-not-found", /does not end in "-00001-of-00003\.gguf"/);
});

test("a file that is another than its name says is refused", async () => {
  const { folder } = writeShards();
  copyFileSync(join(folder, shardName(3)), join(folder, shardName(2)));
  await checkRefused(join(folder, shardName(1)), "model-corrupt", /00002-of-00003\.gguf is not file 2 of 3/);
});

test("tensors that are in none of the files are missed", async () => {
  const { folder } = writeShards({ tensorCount: 99 });
  await checkRefused(join(folder, shardName(1)), "model-corrupt", /the model has 99 tensors, and its 3 files hold 11/);
});

test("an impossible count is refused", async () => {
  const model = tinyModel();
  Object.assign(model.metadata, { "split.count": 3, "split.no": 3 });
  await checkRefused(writeTinyModel(model), "model-corrupt", /file 4 of 3/);
});

/** The tiny model, its tensors dealt out to three files. Only the first has the model's metadata. */
function writeShards({ tensorCount }: { readonly tensorCount?: number } = {}): {
  readonly folder: string;
  readonly model: TinyModel;
} {
  const folder = temporaryFolder("shards");
  const model = tinyModel();
  for (const no of [0, 1, 2]) {
    const split = { "split.no": no, "split.count": 3, "split.tensors.count": tensorCount ?? model.tensors.length };
    const metadata = no === 0 ? { ...model.metadata, ...split } : split;
    const tensors = model.tensors.filter((_, i) => i % 3 === no);
    writeFileSync(join(folder, shardName(no + 1)), ggufBytes({ metadata, tensors }));
  }
  return { folder, model };
}

function shardName(number: number): string {
  return `tiny-0000${number}-of-00003.gguf`;
}

async function checkRefused(path: string, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(openModelFile(path), (error) => {
    assert.ok(error instanceof TillerError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}
