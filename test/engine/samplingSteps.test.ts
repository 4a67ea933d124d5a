// Each step of sampling against its definition, written without any thought of speed, on random logits with many ties.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { argmax } from "../../src/engine/sampling/argmax.js";
import type { Candidates } from "../../src/engine/sampling/candidates.js";
import { classifierFreeGuidance } from "../../src/engine/sampling/classifierFreeGuidance.js";
import { contrastive } from "../../src/engine/sampling/contrastive.js";
import { dexperts } from "../../src/engine/sampling/dexperts.js";
import { lastNeeded } from "../../src/engine/sampling/lastNeeded.js";
import { logSoftmax } from "../../src/engine/sampling/logSoftmax.js";
import { minP } from "../../src/engine/sampling/minP.js";
import { mirostat2 } from "../../src/engine/sampling/mirostat2.js";
import { noRepeatNgram } from "../../src/engine/sampling/noRepeatNgram.js";
import { temperature } from "../../src/engine/sampling/temperature.js";
import { topK } from "../../src/engine/sampling/topK.js";
import { topP } from "../../src/engine/sampling/topP.js";
import { typicalP } from "../../src/engine/sampling/typicalP.js";
import { candidatesOf, probabilities } from "./samplingTables.js";

/** Quarters: exact in every float, and often equal. The range is wide enough for the rest bucket of `lastNeeded`. */
const quarters = fc.integer({ min: -160, max: 40 }).map((it) => it / 4);
const logitsOf = fc.array(quarters, { minLength: 1, maxLength: 150 });
const shareOf = fc.double({ min: 0.001, max: 0.999, noNaN: true });

test("top-k keeps what sorting would keep, ties by id", () => {
  fc.assert(
    fc.property(logitsOf, fc.integer({ min: 1, max: 50 }), (logits, k) => {
      const order = sorted(logits, (id) => -logits[id]!);
      checkKept(logits, (it) => topK(it, k), order.slice(0, k));
    }),
  );
});

test("top-p keeps the fewest likeliest that reach the sum, ties by id", () => {
  fc.assert(
    fc.property(logitsOf, shareOf, (logits, p) => {
      const order = sorted(logits, (id) => -logits[id]!);
      checkKept(logits, (it) => topP(it, p), reaching(order, softmax(logits), p));
    }),
  );
});

test("typical keeps the fewest of nearly the expected surprise, ties by id", () => {
  fc.assert(
    fc.property(logitsOf, shareOf, (logits, p) => {
      const chances = softmax(logits);
      const entropy = chances.reduce((sum, it) => sum - it * Math.log(it), 0);
      // Equal distances must stay equal in floating point, and others apart: they are rounded where both can be told.
      const distance = chances.map((it) => Math.round(Math.abs(-Math.log(it) - entropy) * 1e7));
      const byDistance = [...distance].sort((a, b) => a - b);
      fc.pre(byDistance.every((it, i) => i === 0 || it === byDistance[i - 1] || 10 < it - byDistance[i - 1]!));
      // Two logits on either side of the entropy are as near as each other only up to rounding: which comes first is open.
      const tied = logits.some((a, i) => logits.some((b, j) => a !== b && distance[i] === distance[j]));
      fc.pre(!tied);
      const order = sorted(logits, (id) => distance[id]!);
      checkKept(logits, (it) => typicalP(it, p), reaching(order, chances, p));
    }),
  );
});

test("min-p keeps what is likely enough beside the likeliest", () => {
  fc.assert(
    fc.property(logitsOf, shareOf, (logits, p) => {
      const chances = softmax(logits);
      const least = p * Math.max(...chances);
      fc.pre(chances.every((it) => 1e-9 < Math.abs(it / least - 1)));
      checkKept(
        logits,
        (it) => minP(it, p),
        chances.flatMap((it, id) => (least <= it ? [id] : [])),
      );
    }),
  );
});

test("mirostat keeps what does not surprise more than mu, and the likeliest", () => {
  fc.assert(
    fc.property(logitsOf, fc.double({ min: 0, max: 20, noNaN: true }), (logits, mu) => {
      const surprises = softmax(logits).map((it) => -Math.log2(it));
      fc.pre(surprises.every((it) => 1e-9 < Math.abs(it - mu)));
      const best = logits.indexOf(Math.max(...logits));
      checkKept(
        logits,
        (it) => mirostat2(it, mu),
        surprises.flatMap((it, id) => (it <= mu || id === best ? [id] : [])),
      );
    }),
  );
});

test("temperature divides, however small or large it is", () => {
  fc.assert(
    fc.property(logitsOf, fc.constantFrom(1e-40, 1e-5, 0.3, 1, 1.7, 100), (logits, value) => {
      const candidates = candidatesOf(Float32Array.from(logits));
      temperature(candidates, value);
      const expected = softmax(logits.map((it) => (it - Math.max(...logits)) / value));
      checkClose(probabilities(candidates), expected, 1e-6);
    }),
  );
});

test("no sequence of n tokens comes a second time", () => {
  const tokens = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 30 });
  fc.assert(
    fc.property(tokens, fc.integer({ min: 1, max: 5 }), (history, n) => {
      const logits = new Float32Array(4);
      noRepeatNgram(logits, n, Int32Array.from(history));
      const seen = new Set(history.slice(n - 1).map((_, i) => history.slice(i, i + n).join()));
      const last = n === 1 ? [] : history.slice(1 - n);
      const repeats = (id: number) => n - 1 <= history.length && seen.has([...last, id].join());
      assert.deepEqual(
        [...logits],
        [0, 1, 2, 3].map((id) => (repeats(id) ? -Infinity : 0)),
      );
    }),
  );
});

test("the last item that is needed is the one that a sorted walk ends at", () => {
  const keys = fc.oneof(fc.constantFrom(Infinity, -3, 31.97), fc.double({ min: -100, max: 100, noNaN: true }));
  const items = fc.array(fc.record({ key: keys, weight: fc.integer({ min: 0, max: 9 }) }), { minLength: 1 });
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 300 }), (them, target) => {
      const order = sorted(them, (i) => them[i]!.key);
      let sum = 0;
      const expected = order.find((i) => target <= (sum += them[i]!.weight)) ?? order.at(-1)!;
      // Behind the last item that weighs anything, one is as good as another.
      fc.pre(target <= sum);
      const found = lastNeeded(
        Float64Array.from(them, (it) => it.key),
        Float64Array.from(them, (it) => it.weight),
        them.length,
        target,
      );
      assert.deepEqual(found, { index: expected, key: them[expected]!.key });
    }),
  );
});

test("a sum that rounding puts out of reach takes everything", () => {
  const found = lastNeeded(Float64Array.of(0, 2, 1), Float64Array.of(0.5, 0.2, 0.3), 3, 1 + 1e-9);
  assert.deepEqual(found, { index: 1, key: 2 });
});

test("when every logit is -Infinity, top-p and typical leave something to draw", () => {
  for (const p of [0, 0.5]) {
    for (const step of [topP, typicalP]) {
      const candidates = candidatesOf(new Float32Array(5).fill(-Infinity));
      step(candidates, p);
      assert.ok(0 < candidates.count);
    }
  }
});

test("argmax is the first of the largest that may come", () => {
  const values = fc.constantFrom(NaN, Infinity, -Infinity, -2, 0, 1);
  const words = fc.array(fc.constantFrom(0, 1, 0x80000000, 0xffffffff, 0x00ff00ff), { maxLength: 5 });
  const masks = fc.oneof(
    fc.constant(undefined),
    words.map((it) => Uint32Array.from(it)),
  );
  fc.assert(
    fc.property(fc.array(values, { maxLength: 100 }), masks, (logits, mask) => {
      const isAllowed = (id: number) => mask === undefined || (((mask[id >> 5] ?? 0) >>> (id & 31)) & 1) === 1;
      const allowed = [...logits.keys()].filter(isAllowed);
      const value = (id: number) => (Number.isNaN(logits[id]) ? -Infinity : logits[id]!);
      const largest = Math.max(...allowed.map(value));
      assert.equal(argmax(Float32Array.from(logits), mask), allowed.find((id) => value(id) === largest) ?? -1);
    }),
  );
});

test("log-softmax is right far from zero, and passes over what is not a number", () => {
  checkClose(logSoftmax(Float32Array.of(10000, 10001, 9999)), [-1.40760596, -0.40760596, -2.40760596], 1e-6);
  checkClose(logSoftmax(Float32Array.of(NaN, 3, 3, -Infinity)).slice(1, 3), [-Math.LN2, -Math.LN2], 1e-6);
  // In float32 the sum of 100,000 small numbers beside a large one would stay where it began.
  const many = new Float32Array(100_001).fill(-17);
  many[0] = 0;
  checkClose([logSoftmax(many)[0]!], [-Math.log1p(1e5 * Math.exp(-17))], 1e-9);
});

test("guidance may write its result over any of its inputs", () => {
  checkOverwriting(([a, b], out) => classifierFreeGuidance(a, b, 1.5, out && { out }));
  checkOverwriting(([a, b], out) => contrastive(a, b, 0.2, out && { out }));
  checkOverwriting(([a, b, c], out) => dexperts(a, b, c, 2, out));
});

type Branches = readonly [Float32Array, Float32Array, Float32Array];

function checkOverwriting(combine: (branches: Branches, out?: Float32Array) => Float32Array): void {
  const branches = (): Branches => [Float32Array.of(1, 2, 3), Float32Array.of(3, -1, 0), Float32Array.of(0, 1, 5)];
  for (const place of [0, 1, 2] as const) {
    const overwritten = branches();
    assert.deepEqual(combine(overwritten, overwritten[place]), combine(branches()));
  }
}

/** Indices by ascending key, of equal keys the lower index first. */
function sorted(items: readonly unknown[], key: (index: number) => number): number[] {
  return items.map((_, i) => i).sort((a, b) => (key(a) === key(b) ? a - b : key(a) - key(b)));
}

/** The first of `order` whose chances reach `p`. Cases where rounding decides are left out. */
function reaching(order: readonly number[], chances: readonly number[], p: number): number[] {
  let sum = 0;
  const found: number[] = [];
  for (const id of order) {
    found.push(id);
    sum += chances[id]!;
    fc.pre(1e-12 < Math.abs(sum - p));
    if (p <= sum) break;
  }
  return found;
}

function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const weights = logits.map((it) => Math.exp(it - largest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((it) => it / sum);
}

function checkKept(logits: readonly number[], step: (candidates: Candidates) => void, expected: number[]): void {
  const candidates = candidatesOf(Float32Array.from(logits));
  step(candidates);
  const { ids, count } = candidates;
  assert.deepEqual(
    [...ids.subarray(0, count)],
    [...expected].sort((a, b) => a - b),
  );
  for (let i = 0; i < count; i++) assert.equal(candidates.logits[i], logits[ids[i]!]);
}

function checkClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(found.length, expected.length);
  for (let i = 0; i < found.length; i++) {
    assert.ok(Math.abs(found[i]! - expected[i]!) <= tolerance, `${i}: ${found[i]}, not ${expected[i]}`);
  }
}
