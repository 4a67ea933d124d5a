// Control vectors that fit a model and ones that do not. Their numbers are checked in golden/adapters.test.ts.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { TillerError, type ErrorCode } from "../../src/base/error.js";
import { openAdapter } from "../../src/engine/adapters/openAdapter.js";
import { ggufBytes, type GgufTensor, type GgufValue } from "../../src/engine/gguf/writeGguf.js";
import { loadModel, type LoadedModel } from "../../src/engine/loadedModel.js";
import { openReader } from "../../src/engine/reader.js";
import type { AdapterUse } from "../../src/protocol/adapter.js";
import { temporaryFolder } from "../temporaryFolder.js";
import { writePeftFolder } from "./peftFolder.js";
import { tinyModel, writeTinyModel } from "./tinyModel.js";

const HIDDEN = 32;
const folder = temporaryFolder("vectors");
let made = 0;

/** The tiny model has one layer. */
function writeVector(
  tensors: readonly GgufTensor[] = [direction(0)],
  metadata: Record<string, GgufValue> = {},
): string {
  const path = join(folder, `calm${made++}.control-vector.gguf`);
  const head = { "general.architecture": "controlvector", "controlvector.model_hint": "llama", ...metadata };
  writeFileSync(path, ggufBytes(head, tensors));
  return path;
}

function direction(layer: number, width = HIDDEN, first = 1): GgufTensor {
  const values = Float32Array.from({ length: width }, (_, i) => (i === 0 ? first : Math.sin(i)));
  return { name: `direction.${layer}`, shape: [width], values };
}

describe("a control vector", () => {
  let model: LoadedModel;
  before(async () => {
    const spec = { path: writeTinyModel(tinyModel()) };
    model = await loadModel({ spec, cacheKind: "in-place", defaultThreads: 1 }, () => undefined);
  });
  after(() => model.dispose());

  const logits = async (...adapters: readonly AdapterUse[]) => {
    const reader = await openReader(model, { adapters });
    try {
      return await reader.read(model.caches.newCache(8), [10, 20, 30], [2]);
    } finally {
      reader.release();
    }
  };

  it("says what it is", async () => {
    const source = await openAdapter(writeVector());
    source.close();
    const { form, format, layers, parameterCount, name } = source.facts;
    assert.deepEqual([form, format, layers, parameterCount], ["control-vector", "gguf", 1, HIDDEN]);
    assert.match(name, /^calm\d+$/);
  });

  it("changes what the model says, in its layers only", async () => {
    const path = writeVector();
    const alone = await logits();
    assert.notDeepEqual(await logits({ path }), alone);
    assert.deepEqual(await logits({ path, layers: [1, 5] }), alone);
    assert.deepEqual(await logits({ path, layers: [0, 0] }), await logits({ path }));
  });

  it("opposes itself", async () => {
    const path = writeVector();
    const alone = await logits();
    const both = await logits({ path, scale: 3 }, { path, scale: -3 });
    // Another operator adds the zeros: the last bits differ.
    assert.ok(both.every((it, i) => Math.abs(it - alone[i]!) < 1e-5));
  });

  const wrong: readonly (readonly [string, () => string, ErrorCode, string])[] = [
    [
      "another width",
      () => writeVector([direction(0, 16)]),
      "adapter-mismatch",
      '"direction.0" is [16], and the model needs [32]',
    ],
    ["a layer too many", () => writeVector([direction(7)]), "adapter-mismatch", "it changes layer 7"],
    [
      "another architecture",
      () => writeVector([direction(0)], { "controlvector.model_hint": "gemma" }),
      "adapter-mismatch",
      '"gemma"',
    ],
    [
      "values that are no numbers",
      () => writeVector([direction(0, HIDDEN, NaN)]),
      "adapter-corrupt",
      "no finite numbers",
    ],
    ["no direction", () => writeVector([]), "adapter-corrupt", "holds no direction"],
    [
      "something else in it",
      () => writeVector([{ ...direction(0), name: "token_embd.weight" }]),
      "adapter-unsupported",
      "token_embd.weight",
    ],
  ];
  for (const [title, path, code, part] of wrong)
    it(`with ${title} is refused, and the model writes on without it`, async () => {
      const alone = await logits();
      await refused(logits({ path: path() }), code, part);
      assert.deepEqual(await logits(), alone);
    });

  it("is the only form that can be kept to some layers", () =>
    refused(logits({ path: writePeftFolder(), layers: [0, 0] }), "usage", "only a control vector"));
});

async function refused(work: Promise<unknown>, code: ErrorCode, part: string): Promise<void> {
  const error: unknown = await work.then(
    () => assert.fail("it was not refused"),
    (it: unknown) => it,
  );
  assert.ok(error instanceof TillerError, String(error));
  assert.deepEqual([error.code, error.message.includes(part)], [code, true], error.message);
}
