// What is wrong with an adapter is said, nothing of it is used, and the model goes on as it was.

import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { TillerError, type ErrorCode } from "../../src/base/error.js";
import { listAdapters } from "../../src/engine/adapters/openAdapter.js";
import { loadModel, type LoadedModel } from "../../src/engine/loadedModel.js";
import { openReader } from "../../src/engine/reader.js";
import type { Adaptation } from "../../src/protocol/adapter.js";
import { temporaryFolder } from "../temporaryFolder.js";
import { loraTensors, stem, writePeftFolder, type PeftFolder, type Tensors } from "./peftFolder.js";
import { tinyModel, writeTinyModel } from "./tinyModel.js";

const q = `${stem}.q_proj.lora_A.weight`;

/** The tensors of a good adapter, with some replaced; undefined takes one out. */
function tensorsWith(change: Readonly<Record<string, Tensors[string] | undefined>>): Tensors {
  const all = { ...loraTensors(2), ...change };
  return Object.fromEntries(Object.entries(all).filter(([, it]) => it !== undefined)) as Tensors;
}

const filled = (shape: readonly number[], value = 0.1) => ({
  shape,
  values: Array<number>(shape.reduce((a, b) => a * b, 1)).fill(value),
});

const wrong: readonly (readonly [string, PeftFolder, ErrorCode, string])[] = [
  [
    "another base model, by its size",
    { config: { base_model_name_or_path: "example/Other-64M" } },
    "adapter-mismatch",
    "was made for example/Other-64M",
  ],
  [
    "a wrong shape",
    { tensors: tensorsWith({ [q]: filled([2, 96]) }) },
    "adapter-mismatch",
    "is [2,96], and the model needs [2,32]",
  ],
  [
    "a layer that the model does not have",
    { tensors: tensorsWith({ [q.replace("layers.0", "layers.1")]: filled([2, 32]) }) },
    "adapter-mismatch",
    "it changes layer 1, and the model has the layers 0 to 0",
  ],
  ["a missing tensor", { tensors: tensorsWith({ [q]: undefined }) }, "adapter-corrupt", `the tensor "${q}" is missing`],
  [
    "a missing module",
    { config: { target_modules: ["q_proj", "v_proj", "k_proj"] } },
    "adapter-corrupt",
    "layers.0.self_attn.k_proj.lora_A.weight",
  ],
  [
    "a value that is no number",
    { tensors: tensorsWith({ [q]: filled([2, 32], NaN) }) },
    "adapter-corrupt",
    "no finite numbers",
  ],
  ["a file that is cut off", { damage: (it) => it.subarray(0, it.length - 100) }, "adapter-corrupt", "the file has"],
  [
    "a head that is cut off",
    { damage: (it) => it.subarray(0, 40) },
    "adapter-corrupt",
    "its head is longer than the file",
  ],
  ["an empty file", { damage: () => Buffer.alloc(0) }, "adapter-corrupt", "too short"],
  [
    "a file of something else",
    { damage: () => Buffer.from("hello there, this is no adapter") },
    "adapter-corrupt",
    "its head is longer",
  ],
  ["a rank of 4096", { config: { r: 4096 }, tensors: loraTensors(4096) }, "adapter-unsupported", "has the rank 4096"],
  ["a rank that is not that of the settings", { config: { r: 3 } }, "adapter-corrupt", "adapter_config.json says 3"],
  ["a pickle file", { weights: "adapter_model.bin" }, "adapter-unsupported", "pickle file, which is not opened"],
  [
    "modules that are saved whole",
    { config: { modules_to_save: ["lm_head"] } },
    "adapter-unsupported",
    '"modules_to_save"',
  ],
  ["a bias", { config: { bias: "all" } }, "adapter-unsupported", '"bias"'],
  ["a form that nobody knows", { config: { peft_type: "VERA" } }, "adapter-unsupported", '"VERA"'],
  ["no alpha", { config: { lora_alpha: 0 } }, "adapter-corrupt", '"lora_alpha" should be a number above 0'],
  [
    "a tensor of no linear layer",
    { tensors: tensorsWith({ "base_model.model.lm_head.lora_A.weight": filled([2, 32]) }) },
    "adapter-unsupported",
    "lm_head.lora_A.weight",
  ],
  ["a pattern that could run for ever", { config: { rank_pattern: { "(a+)+": 2 } } }, "adapter-unsupported", '"(a+)+"'],
];

const sized = tinyModel();
sized.metadata["general.size_label"] = "1M";

describe("a model with a wrong adapter", () => {
  let model: LoadedModel;
  let alone: Float32Array;
  before(async () => {
    model = await loadModel(
      { spec: { path: writeTinyModel(sized) }, cacheKind: "in-place", defaultThreads: 1 },
      () => undefined,
    );
    alone = await logits({});
  });
  after(() => model.dispose());

  async function logits(adaptation: Adaptation): Promise<Float32Array> {
    const reader = await openReader(model, adaptation);
    try {
      return await reader.read(model.caches.newCache(8), [10, 20, 30], [2]);
    } finally {
      reader.release();
    }
  }

  const refuse = (adaptation: Adaptation, code: ErrorCode, part: string) =>
    assert.rejects(logits(adaptation), (error) => {
      assert.ok(error instanceof TillerError, String(error));
      assert.equal(error.code, code, error.message);
      assert.ok(error.message.includes(part), error.message);
      return true;
    });

  for (const [name, folder, code, part] of wrong) {
    it(`refuses ${name}, and writes on without it`, async () => {
      const good = { path: writePeftFolder() };
      await refuse({ adapters: [good, { path: writePeftFolder(folder) }] }, code, part);
      assert.deepEqual(await logits({}), alone);
      assert.notDeepEqual(await logits({ adapters: [good] }), alone);
    });
  }

  it("refuses what is not there, and a model in the place of an adapter", async () => {
    await refuse({ adapters: [{ path: "/nowhere/pirate" }] }, "adapter-not-found", "/nowhere/pirate");
    await refuse({ adapters: [{ path: temporaryFolder("empty") }] }, "adapter-not-found", "adapter_config.json");
    await refuse(
      { adapters: [{ path: writeTinyModel(tinyModel()) }] },
      "adapter-unsupported",
      "is a model and not an adapter",
    );
  });

  it("refuses scales that are no numbers or beyond reason", async () => {
    const path = writePeftFolder();
    for (const scale of [NaN, Infinity, 1e9]) await refuse({ adapters: [{ path, scale }] }, "usage", "scale");
  });

  it("refuses a file with another hash than the one that is asked for", async () => {
    const path = writePeftFolder();
    await refuse({ adapters: [{ path, sha256: "0".repeat(64) }] }, "adapter-mismatch", "SHA-256");
  });

  it("tries a mended file again", async () => {
    const path = writePeftFolder({ damage: (it) => it.subarray(0, 40) });
    await refuse({ adapters: [{ path }] }, "adapter-corrupt", "head");
    writePeftFolder({}, path);
    assert.notDeepEqual(await logits({ adapters: [{ path }] }), alone);
  });

  it("reads a changed file anew", async () => {
    const path = writePeftFolder();
    const first = await logits({ adapters: [{ path }] });
    const fresh = writePeftFolder({ tensors: loraTensors(2, 0.3), config: { lora_alpha: 5 } });
    rmSync(path, { recursive: true });
    renameSync(fresh, path);
    assert.notDeepEqual(await logits({ adapters: [{ path }] }), first);
  });

  it("an adapter of scale 0 changes nothing", async () => {
    assert.deepEqual(await logits({ adapters: [{ path: writePeftFolder(), scale: 0 }] }), alone);
  });

  it("two adapters of opposite scales change nothing", async () => {
    const path = writePeftFolder();
    const found = await logits({
      adapters: [
        { path, scale: 1 },
        { path, scale: -1 },
      ],
    });
    found.forEach((it, i) => assert.ok(Math.abs(it - alone[i]!) < 1e-4));
  });
});

it("a folder of 500 adapters is listed, and the broken ones are named with the reason", async () => {
  const folder = temporaryFolder("many");
  for (let i = 0; i < 500; i++)
    writePeftFolder(i % 100 === 7 ? { damage: () => Buffer.alloc(3) } : {}, join(folder, `a${i}`));
  mkdirSync(join(folder, "other"));
  writeFileSync(join(folder, "notes.txt"), "no adapter");
  const { adapters, broken } = await listAdapters(folder);
  assert.equal(adapters.length, 495);
  assert.deepEqual(
    broken.map((it) => it.name),
    ["a107", "a207", "a307", "a407", "a7"],
  );
  assert.ok(broken.every((it) => it.problem.includes("too short")));
  assert.deepEqual([adapters[0]!.form, adapters[0]!.rank, adapters[0]!.modules], ["lora", 2, ["q_proj", "v_proj"]]);
});
