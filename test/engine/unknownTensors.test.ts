// A file with a part that the architecture does not have is refused: it would write nonsense without it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { loadModel } from "../../src/engine/loadedModel.js";
import { tinyModel, writeTinyModel } from "./tinyModel.js";

for (const [name, refused] of [
  ["blk.0.ffn_gate_shexp.weight", true],
  ["blk.1.attn_norm.weight", true],
  ["rope_factors_short.weight", false],
] as const) {
  test(`${name} is ${refused ? "refused" : "nothing that could be missed"}`, async () => {
    const model = tinyModel();
    model.tensors.push({ name, shape: [8], type: 0, bytes: new Uint8Array(32) });
    const options = { spec: { path: writeTinyModel(model) }, cacheKind: "copied", defaultThreads: 1 } as const;
    const loading = loadModel(options, () => undefined);
    if (refused)
      await assert.rejects(loading, { code: "model-unsupported", message: new RegExp(`has 1 tensor that.*${name}`) });
    else await (await loading).dispose();
  });
}
