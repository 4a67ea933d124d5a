// A cache of 8-bit integers: what it changes of the embedded model's probabilities, and what it cannot be used with.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { LoadedModel } from "../../../src/engine/loadedModel.js";
import { loadModel } from "../../../src/engine/loadedModel.js";
import { openReader } from "../../../src/engine/reader.js";
import type { RunnableCache } from "../../../src/engine/ort/kvCache.js";
import { visibilityOf } from "../../../src/engine/attention/visibility.js";
import { readGolden } from "./goldenFiles.js";
import { logitsAt, logSoftmax, modelPath } from "./goldenModel.js";
import { join } from "node:path";
import { goldenFolder } from "./goldenFiles.js";

const { text } = readGolden<{ readonly text: { readonly ids: readonly number[]; readonly perplexity: number } }>(
  "logits.json",
);

describe("a cache of 8-bit integers", () => {
  let floats: LoadedModel;
  let integers: LoadedModel;
  const load = (cache: "float32" | "int8") =>
    loadModel(
      {
        spec: { path: modelPath, precision: "exact", contextTokens: 1024, cache },
        cacheKind: "in-place",
        defaultThreads: 2,
      },
      () => undefined,
    );
  before(async () => {
    floats = await load("float32");
    integers = await load("int8");
  });
  after(async () => {
    await floats.dispose();
    await integers.dispose();
  });

  it("takes a quarter of the memory, and says so", async () => {
    const bytes = ({ newCache }: LoadedModel) =>
      Object.values((newCache() as RunnableCache).tensors).reduce(
        (sum, it) => sum + it.data.length * bytesOf(it.type),
        0,
      );
    assert.equal(bytes(floats) / bytes(integers), 4);
    assert.equal(integers.facts.cacheType, "int8");
  });

  it("hardly changes what the model says: perplexity within 1 %, KL below 0.01 nats", async () => {
    const rows = text.ids.map((_, i) => i);
    const [exact, rounded] = [await logitsAt(floats, text.ids, rows), await logitsAt(integers, text.ids, rows)];
    let divergence = 0;
    let difference = 0;
    rows.forEach((i) => {
      const [p, q] = [logSoftmax(exact[i]!), logSoftmax(rounded[i]!)];
      divergence += p.reduce((sum, it, id) => sum + Math.exp(it) * (it - q[id]!), 0) / rows.length;
      const next = text.ids[i + 1];
      if (next !== undefined) difference += (p[next]! - q[next]!) / (rows.length - 1);
    });
    if (process.env["TILLER_SHOW"] !== undefined) console.log({ divergence, difference });
    assert.ok(0 < divergence && divergence < 0.01, `KL ${divergence}`);
    assert.ok(Math.abs(Math.exp(difference) - 1) < 0.01, `perplexity times ${Math.exp(difference)}`);
  });

  it("keeps that when tokens are read one by one, and when it forgets", async () => {
    const ids = text.ids.slice(0, 40);
    const [whole] = await logitsAt(integers, ids, [ids.length - 1]);
    const expected = logSoftmax(whole!);
    const far = (logits: Float32Array) => {
      const found = logSoftmax(logits);
      return expected.reduce((sum, it, id) => sum + Math.exp(it) * (it - found[id]!), 0);
    };
    for (const visibility of [undefined, visibilityOf({ pattern: "streaming", window: 512, chunk: 4 }, 1024)]) {
      const reader = await openReader(integers, { visibility });
      const cache = reader.newCache();
      let last = new Float32Array();
      for (const id of ids) last = (await reader.read(cache, [id], [0])) as Float32Array<ArrayBuffer>;
      assert.ok(far(last) < 0.01, `KL ${far(last)}`);
      reader.release();
    }
  });

  it("refuses by name what it is too coarse for", async () => {
    const endless = visibilityOf({ pattern: "streaming", endless: true, window: 128 }, 1024);
    const reader = await openReader(integers, { visibility: endless });
    assert.throws(() => reader.newCache(), { code: "usage", message: /Endless attention turns the keys/ });
    reader.release();
    const adapters = [{ path: join(goldenFolder, "adapters/prefix-tuning-4") }];
    await assert.rejects(openReader(integers, { adapters }), { code: "usage", message: /prefix tuning brings keys/ });
  });
});

const bytesOf = (type: string): number => (type === "int8" ? 1 : 4);
