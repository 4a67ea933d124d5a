// The whole chain of sampling: its order, its draws, and what hostile values do to it.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import type { SamplingOptions } from "../../src/protocol/engine.js";
import { createSampler } from "../../src/engine/sampling/chain.js";
import { seededRandom } from "../../src/engine/sampling/random.js";

test("the steps come in their order, and the draw is the one that the coin says", () => {
  const options = fc.record({
    temperature: fc.constantFrom(0.3, 0.8, 1, 2),
    topK: fc.integer({ min: 0, max: 30 }),
    topP: fc.constantFrom(0.5, 0.83, 0.97, 1),
    minP: fc.constantFrom(0, 0.013, 0.11),
    repetitionPenalty: fc.constantFrom(1, 1.3),
    frequencyPenalty: fc.constantFrom(0, 0.25),
    presencePenalty: fc.constantFrom(0, 0.5),
    penaltyWindow: fc.integer({ min: 0, max: 12 }),
    noRepeatNgram: fc.integer({ min: 0, max: 3 }),
    logitBias: fc.dictionary(fc.integer({ min: 0, max: 80 }).map(String), fc.integer({ min: -5, max: 5 })),
    seed: fc.maxSafeInteger(),
  });
  const logitsOf = fc.array(fc.integer({ min: -80, max: 20 }), { minLength: 1, maxLength: 70 });
  const history = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 20 });
  const words = fc.array(fc.constantFrom(0xffffffff, 0x0f0f0f0f, 1), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(logitsOf, history, words, options, (quarters, tokens, mask, sampling) => {
      const logits = quarters.map((it) => it / 4);
      const found = createSampler(sampling).next(
        Float32Array.from(logits),
        Int32Array.from(tokens),
        Uint32Array.from(mask),
      );
      assert.equal(found, plainNext(logits, tokens, mask, sampling));
    }),
    { numRuns: 1000 },
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

test("the random numbers are those of xoshiro128**, for seeds of any size", () => {
  for (const seed of [0, 3, 2 ** 31, 2 ** 32 - 1]) {
    const random = seededRandom(seed);
    const expected = referenceNumbers(BigInt(seed), 100);
    assert.deepEqual(
      expected.map(() => random()),
      expected,
    );
  }
  const starts = [1, 2 ** 32 + 1, 2 ** 52 + 1, -(2 ** 40) + 1].map((seed) => seededRandom(seed)());
  assert.equal(new Set(starts).size, starts.length);
});

test("a sampler serves vocabularies of different sizes", () => {
  const sampler = createSampler({ temperature: 1, topP: 0.9, seed: 5 });
  for (const size of [3, 100, 1, 40]) {
    const logits = new Float32Array(size).fill(-50);
    logits[size - 1] = 0;
    assert.equal(sampler.next(logits, []), size - 1);
  }
});

test("an infinite logit wins at any temperature", () => {
  for (const temperature of [0, 1e-30, 0.5, 50]) {
    const sampler = createSampler({ temperature, seed: 2 });
    for (let i = 0; i < 20; i++) assert.equal(sampler.next(Float32Array.of(5, NaN, Infinity, -Infinity), []), 2);
  }
});

test("a token that penalties have dropped is still drawn when the mask allows no other", () => {
  for (const temperature of [0, 1]) {
    const sampler = createSampler({ temperature, noRepeatNgram: 1, topP: 0.5, typicalP: 0.5 });
    assert.equal(sampler.next(Float32Array.of(1, 2, 3), [0, 1], Uint32Array.of(0b010)), 1);
  }
});

test("a mask is never broken, whatever the logits and options are", () => {
  const hostile = fc.oneof(fc.float(), fc.constantFrom(NaN, Infinity, -Infinity, 3.4e38));
  const logitsOf = fc.oneof(
    fc.array(hostile, { minLength: 1, maxLength: 70 }),
    fc.array(fc.constantFrom(NaN, -Infinity), { minLength: 1, maxLength: 70 }),
  );
  const share = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  const options = fc.record({
    temperature: fc.constantFrom(0, 0.01, 1, 100),
    topK: fc.integer({ min: 0, max: 5 }),
    topP: share,
    minP: share,
    typicalP: share,
    noRepeatNgram: fc.integer({ min: 0, max: 2 }),
    seed: fc.integer(),
  });
  fc.assert(
    fc.property(logitsOf, fc.nat(), options, (logits, word, sampling) => {
      const mask = Uint32Array.of(word, ~word, word);
      const allowed = logits.flatMap((_, id) => ((mask[id >> 5]! >>> (id & 31)) & 1 ? [id] : []));
      const next = () => createSampler(sampling).next(Float32Array.from(logits), [0, 1, 0], mask);
      if (allowed.length === 0) assert.throws(next, /no token may come next/);
      else assert.ok(allowed.includes(next()));
    }),
    { numRuns: 2000 },
  );
});

test("values outside their range are refused with their name and the value", () => {
  checkRefused({ temperature: -1 }, '"temperature" is a number from 0 to 100, not -1.');
  checkRefused({ minP: NaN }, '"minP" is a number from 0 to 1, not NaN.');
  checkRefused({ topP: 1.5 }, '"topP" is a number from 0 to 1, not 1.5.');
  checkRefused({ topK: 2.5 }, '"topK" is a whole number from 0 to 2147483648, not 2.5.');
  checkRefused({ repetitionPenalty: 0 }, '"repetitionPenalty" is a number from 0.01 to 100, not 0.');
  checkRefused({ logitBias: { 3: Infinity } }, '"logitBias" maps token ids to finite numbers, not "3" to Infinity.');
  // From a file or another process anything can come.
  checkRefused(JSON.parse('{"seed": "7"}') as SamplingOptions, /^"seed" is a whole number from .*, not "7"\.$/);
  checkRefused(
    JSON.parse('{"temperature": null}') as SamplingOptions,
    '"temperature" is a number from 0 to 100, not null.',
  );
  checkRefused(
    JSON.parse('{"logitBias": {"x": 1}}') as SamplingOptions,
    '"logitBias" maps token ids to finite numbers, not "x" to 1.',
  );
});

function checkRefused(options: SamplingOptions, message: string | RegExp): void {
  assert.throws(() => createSampler(options), { code: "usage", message });
}

/** The chain by its definition, in float64 and with as many arrays as it takes. Cases where rounding decides are left out. */
function plainNext(
  logits: readonly number[],
  history: readonly number[],
  mask: readonly number[],
  options: Required<Omit<SamplingOptions, "typicalP">>,
): number {
  const recent = options.penaltyWindow === 0 ? [] : history.slice(-options.penaltyWindow);
  const n = options.noRepeatNgram;
  const grams = history.slice(n - 1).map((_, i) => history.slice(i, i + n).join());
  const tail = n === 1 ? [] : history.slice(1 - n);
  let left = logits.flatMap((it, id) => {
    if (((mask[id >> 5]! >>> (id & 31)) & 1) === 0) return [];
    const count = recent.filter((token) => token === id).length;
    let logit = it + (options.logitBias[id] ?? 0);
    if (0 < count) logit = 0 < logit ? logit / options.repetitionPenalty : logit * options.repetitionPenalty;
    logit -= options.frequencyPenalty * count + (0 < count ? options.presencePenalty : 0);
    if (0 < n && grams.includes([...tail, id].join())) logit = -Infinity;
    return [{ id, logit }];
  });
  fc.pre(left.some((it) => it.logit !== -Infinity));
  left.sort((a, b) => b.logit - a.logit || a.id - b.id);
  if (0 < options.topK) left = left.slice(0, options.topK);

  let sum = 0;
  const chances = normalized(left.map((it) => Math.exp((it.logit - left[0]!.logit) / options.temperature)));
  const nucleus = left.filter((_, i) => {
    fc.pre(options.topP === 1 || 1e-6 < Math.abs(sum - options.topP));
    const wanted = sum < options.topP || options.topP === 1;
    sum += chances[i]!;
    return wanted;
  });
  const weights = nucleus.map((_, i) => chances[i]! / chances[0]!);
  fc.pre(weights.every((it) => options.minP === 0 || 1e-6 < Math.abs(it - options.minP)));
  const kept = nucleus
    .map((it, i) => ({ ...it, weight: options.minP <= weights[i]! ? weights[i]! : 0 }))
    .sort((a, b) => a.id - b.id);

  let coin = seededRandom(options.seed)();
  const shares = normalized(kept.map((it) => it.weight));
  for (const [i, it] of kept.entries()) {
    fc.pre(1e-6 < Math.abs(coin - shares[i]!));
    if ((coin -= shares[i]!) < 0) return it.id;
  }
  return assert.fail("the shares do not sum to 1");
}

function normalized(weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((it) => it / sum);
}

/** splitmix32 and xoshiro128** as their authors describe them, in integers of any size cut to 32 bits. */
function referenceNumbers(seed: bigint, count: number): number[] {
  const cut = (it: bigint) => BigInt.asUintN(32, it);
  const rotated = (it: bigint, bits: bigint) => cut((it << bits) | (it >> (32n - bits)));
  const state = [1n, 2n, 3n, 4n].map((step) => {
    let z = cut(seed + step * 0x9e3779b9n);
    z = cut((z ^ (z >> 16n)) * 0x21f0aaadn);
    z = cut((z ^ (z >> 15n)) * 0x735a2d97n);
    return z ^ (z >> 15n);
  }) as [bigint, bigint, bigint, bigint];
  return Array.from({ length: count }, () => {
    const result = cut(rotated(cut(state[1] * 5n), 7n) * 9n);
    const shifted = cut(state[1] << 9n);
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotated(state[3], 11n);
    return Number(result) / 2 ** 32;
  });
}
