// Properties of sampling: against plain definitions, on random logits, with hostile values.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { candidatesOf } from "../../src/engine/sampling/candidates.js";
import { createSampler } from "../../src/engine/sampling/chain.js";
import { seededRandom } from "../../src/engine/sampling/random.js";
import { topK } from "../../src/engine/sampling/topK.js";
import { topP } from "../../src/engine/sampling/topP.js";

const logitsOf = fc
  .array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 200 })
  .map((it) => it.map((x) => x / 4));

test("top-k keeps what sorting would keep, ties by id", () => {
  fc.assert(
    fc.property(logitsOf, fc.integer({ min: 1, max: 50 }), (logits, k) => {
      const order = logits.map((_, i) => i).sort((a, b) => logits[b]! - logits[a]! || a - b);
      assert.deepEqual(
        kept(logits, (it) => topK(it, k)),
        order.slice(0, k).sort((a, b) => a - b),
      );
    }),
  );
});

test("top-p keeps the fewest that reach the sum", () => {
  fc.assert(
    fc.property(logitsOf, fc.double({ min: 0.01, max: 0.999, noNaN: true }), (logits, p) => {
      const weights = logits.map((it) => Math.exp(it - Math.max(...logits)));
      const total = weights.reduce((a, b) => a + b, 0);
      const ids = kept(logits, (it) => topP(it, p));
      const sum = ids.reduce((a, id) => a + weights[id]! / total, 0);
      const least = Math.min(...ids.map((id) => weights[id]! / total));
      assert.ok(p - 1e-9 <= sum && (ids.length === 1 || sum - least <= p + 1e-9));
      assert.ok(logits.every((_, id) => ids.includes(id) || weights[id]! / total <= least + 1e-12));
    }),
  );
});

test("one seed gives one sequence, and another seed another", () => {
  const sequence = (seed: number) => {
    const sampler = createSampler({ temperature: 1, seed });
    return Array.from({ length: 20 }, () => sampler.next(new Float32Array(100), []));
  };
  assert.deepEqual(sequence(7), sequence(7));
  assert.notDeepEqual(sequence(7), sequence(8));
});

test("draws follow the probabilities", () => {
  const sampler = createSampler({ temperature: 1, seed: 1 });
  const counts = [0, 0, 0];
  for (let i = 0; i < 30000; i++)
    counts[sampler.next(Float32Array.of(Math.log(0.5), Math.log(0.3), Math.log(0.2)), [])]!++;
  [0.5, 0.3, 0.2].forEach((p, i) =>
    assert.ok(Math.abs(counts[i]! / 30000 - p) < 0.01, `${counts[i]! / 30000} for ${p}`),
  );
});

test("the random numbers are even", () => {
  const random = seededRandom(3);
  const bins = new Array<number>(16).fill(0);
  for (let i = 0; i < 16000; i++) bins[Math.floor(random() * 16)]!++;
  for (const bin of bins) assert.ok(Math.abs(bin - 1000) < 150);
});

test("a mask is never broken, whatever the logits and options are", () => {
  const hostile = fc.oneof(fc.float(), fc.constantFrom(NaN, Infinity, -Infinity, 3.4e38));
  const options = fc.record({
    temperature: fc.constantFrom(0, 0.01, 1, 100),
    topK: fc.integer({ min: 0, max: 5 }),
    topP: fc.double({ min: 0, max: 1, noNaN: true }),
    minP: fc.double({ min: 0, max: 1, noNaN: true }),
    typicalP: fc.double({ min: 0, max: 1, noNaN: true }),
    noRepeatNgram: fc.integer({ min: 0, max: 2 }),
    seed: fc.integer(),
  });
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 70 }), fc.nat(), options, (logits, word, sampling) => {
      const mask = Uint32Array.of(word, ~word, word);
      const allowed = logits.flatMap((_, id) => ((mask[id >> 5]! >>> (id & 31)) & 1 ? [id] : []));
      const next = () => createSampler(sampling).next(Float32Array.from(logits), [0, 1, 0], mask);
      if (allowed.length === 0) assert.throws(next, /no token may come next/);
      else assert.ok(allowed.includes(next()));
    }),
  );
});

test("values outside their range are refused with their name", () => {
  for (const options of [{ temperature: -1 }, { topP: 1.5 }, { topK: 2.5 }, { minP: NaN }, { repetitionPenalty: 0 }]) {
    assert.throws(() => createSampler(options), { code: "usage", message: new RegExp(`"${Object.keys(options)[0]}"`) });
  }
  assert.throws(() => createSampler({ logitBias: { 3: Infinity } }), { code: "usage" });
});

function kept(logits: readonly number[], step: (candidates: ReturnType<typeof candidatesOf>) => void): number[] {
  const candidates = candidatesOf(Float32Array.from(logits));
  step(candidates);
  return [...candidates.ids.subarray(0, candidates.count)];
}
