// Which experts of a mixture work on which token: routers' scores against the reference's narrowest choice, and the arithmetic
// of weights and balance.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { expertBalance } from "../../src/cli/expertBalance.js";
import { expertWeights } from "../../src/engine/decode/modelExperts.js";
import { route } from "../../src/engine/decode/route.js";
import { loadModel } from "../../src/engine/loadedModel.js";
import { testCache } from "../../src/engine/ort/selfTest.js";

interface Golden {
  readonly prompts: readonly { readonly ids: readonly number[]; readonly greedy: readonly number[] }[];
  /** Over all prompts and their answers: the least that the last chosen expert's score is above the next one's. */
  readonly router_min_gap?: number;
}

const root = join(import.meta.dirname, "../../..");
const outside = process.env["TILLER_TINY"] ?? join(root, "../shared/models/tiny");
const parents = [join(root, "test/tiny"), outside].filter((it) => existsSync(it));
const folders = new Map(parents.flatMap((it) => readdirSync(it).map((name) => [name, join(it, name)] as const)));

for (const [name, folder] of folders) {
  if (!existsSync(join(folder, "golden.json"))) continue;
  const golden = JSON.parse(readFileSync(join(folder, "golden.json"), "utf8")) as Golden;
  const { prompts, router_min_gap: gap } = golden;
  if (gap === undefined) continue;
  test(`${name} chooses as narrowly as the reference, and says with which weights`, async () => {
    const { kind } = await testCache();
    const spec = { path: join(folder, "model.gguf"), precision: "exact" } as const;
    const model = await loadModel({ spec, cacheKind: kind, defaultThreads: 1 }, () => undefined);
    const { count, used, normalized } = model.shape.experts!;
    assert.deepEqual(model.facts.facts.experts, { count, used });
    let narrowest = Infinity;
    for (const { ids, greedy } of prompts) {
      const prompt = { type: "ids", ids: [...ids, ...greedy.slice(0, -1)] } as const;
      const { places, experts } = await route(model, { model: spec, prompt }, new AbortController().signal);
      assert.equal(experts.length, count);
      assert.equal(places.length, model.shape.layers);
      for (const { scores, weights } of places) {
        assert.equal(weights.length, prompt.ids.length);
        scores.forEach((of, token) => {
          const sorted = [...of].sort((a, b) => b - a);
          narrowest = Math.min(narrowest, sorted[used - 1]! - sorted[used]!);
          const chosen = weights[token]!.filter((it) => 0 < it);
          const sum = chosen.reduce((a, b) => a + b, 0);
          assert.equal(chosen.length, used);
          assert.ok(normalized ? Math.abs(sum - 1) < 1e-9 : sum < 1);
        });
      }
    }
    await model.dispose();
    assert.ok(Math.abs(narrowest - gap) < 1e-5, `${narrowest} instead of ${gap}`);
  });
}

test("weights are a softmax over the chosen ones, or over all", () => {
  const scores = [Math.log(2), Math.log(5), 0, Math.log(3)];
  const options = { count: 4, used: 2, scale: 1 };
  assertClose(expertWeights(scores, { ...options, normalized: true }), [0, 5 / 8, 0, 3 / 8]);
  assertClose(expertWeights(scores, { ...options, normalized: false }), [0, 5 / 11, 0, 3 / 11]);
  assertClose(expertWeights(scores, { ...options, normalized: true, scale: 2 }), [0, 10 / 8, 0, 6 / 8]);
});

test("balance is 1 where experts do equally much, and 0 where one does everything", () => {
  const of = (weights: readonly (readonly number[])[]) =>
    expertBalance({ layer: 3, module: "mlp", scores: [], weights });
  assert.deepEqual(of([[0.5, 0, 0], [0.5, 0, 0]]), { layer: 3, shares: [1, 0, 0], used: 1, evenness: 0 }); // prettier-ignore
  assert.equal(of([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]]).evenness, 1); // prettier-ignore
  // Weights that are left as they are count by their size.
  assertClose(of([[0.6, 0.2], [0.2, 0]]).shares, [0.8, 0.2]); // prettier-ignore
  assert.equal(of([]).used, 0);
});

function assertClose(found: readonly number[], expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  found.forEach((it, i) => assert.ok(Math.abs(it - expected[i]!) < 1e-12, `${found.join(", ")}`));
}
