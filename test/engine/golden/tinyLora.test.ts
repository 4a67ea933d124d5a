// llama.cpp's LoRA files on a tiny model, against transformers in float32 (test/tiny/README.md).

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { loadModel } from "../../../src/engine/loadedModel.js";
import { openSafetensors } from "../../../src/engine/safetensors/safetensorsFile.js";
import { testCache } from "../../../src/engine/ort/selfTest.js";
import { projectRoot } from "./goldenFiles.js";
import { logitsAt } from "./goldenModel.js";

const folder = process.env["TILLER_TINY"] ?? join(projectRoot, "test/tiny");

interface Golden {
  readonly base: string;
  readonly scales: Readonly<
    Record<string, readonly { readonly ids: readonly number[]; readonly greedy: readonly number[] }[]>
  >;
}

for (const name of ["lora-f32", "lora-f16-qv"].filter((it) => existsSync(join(folder, it)))) {
  test(`${name} gives the reference's logits at every scale`, async () => {
    const golden = JSON.parse(readFileSync(join(folder, name, "golden.json"), "utf8")) as Golden;
    const spec = { path: join(folder, golden.base, "model.gguf"), precision: "exact" } as const;
    const model = await loadModel({ spec, cacheKind: (await testCache()).kind, defaultThreads: 1 }, () => undefined);
    const reference = openSafetensors(join(folder, name, "golden.safetensors"));
    try {
      for (const [scale, prompts] of Object.entries(golden.scales)) {
        const adaptation = { adapters: [{ path: join(folder, name, "adapter.gguf"), scale: Number(scale) }] };
        for (const [i, { ids, greedy }] of prompts.entries()) {
          const rows = [ids.length - 1, ...greedy.slice(1).map((_, step) => ids.length + step)];
          const logits = await logitsAt(model, [...ids, ...greedy], rows, adaptation);
          const expected = reference.read(reference.tensors.get(`s${scale}.p${i}.last`)!);
          const most = expected.reduce((most, it, k) => Math.max(most, Math.abs(it - logits[0]![k]!)), 0);
          assert.ok(most <= 0.001, `prompt ${i} at scale ${scale} is off by ${most}`);
          greedy.forEach((id, step) => {
            assert.equal(logits[step]!.indexOf(logits[step]!.reduce((a, b) => Math.max(a, b))), id);
          });
        }
      }
    } finally {
      reference.close();
      await model.dispose();
    }
  });
}
