// Quantizers: what they lose, against what llama.cpp's own lose on the same matrix.

import assert from "node:assert/strict";
import { test } from "node:test";

import { dequantize } from "../../../src/engine/gguf/dequantize.js";
import { floatToHalf, halfToFloat } from "../../../src/engine/gguf/half.js";
import { quantizeRows } from "../../../src/engine/quantize/quantize.js";
import { isWritableType, writableTypes, type WritableType } from "../../../src/engine/quantize/writableTypes.js";

const ROWS = 16;
const COLUMNS = 512;

/**
 * Root mean squared errors of ggml_quantize_chunk (llama.cpp b11549, in the Python wheel xllamacpp 2026.10) on `matrix()`, its
 * result read by the Python package gguf 0.19: without importance; and with `importance`, weighted by it.
 */
const reference: Partial<Record<WritableType, { readonly plain: number; readonly weighted: number }>> = {
  Q8_0: { plain: 2.391047e-4, weighted: 2.381545e-4 },
  Q4_0: { plain: 3.900297e-3, weighted: 3.653337e-3 },
  Q4_1: { plain: 3.418094e-3, weighted: 2.977423e-3 },
  Q5_0: { plain: 1.871592e-3, weighted: 1.763058e-3 },
  Q5_1: { plain: 1.66202e-3, weighted: 1.453145e-3 },
  Q2_K: { plain: 1.283932e-2, weighted: 1.092895e-2 },
  Q3_K: { plain: 6.646737e-3, weighted: 6.230995e-3 },
  Q4_K: { plain: 3.125148e-3, weighted: 3.023362e-3 },
  Q5_K: { plain: 1.595101e-3, weighted: 1.540582e-3 },
  Q6_K: { plain: 7.874368e-4, weighted: 7.466633e-4 },
};

for (const [type, { plain, weighted }] of Object.entries(reference)) {
  if (!isWritableType(type)) throw new Error(type);
  test(`${type} loses at most 5 % more than llama.cpp's own`, () => {
    checkBelow(errorOf(type, undefined), plain * 1.05);
  });
  test(`${type} with importance loses at most 5 % more than llama.cpp's own`, () => {
    checkBelow(errorOf(type, importance), weighted * 1.05);
  });
  test(`${type} spends its error where it weighs least`, () => {
    // Scales of Q8_0 are not searched.
    if (type === "Q8_0") return assert.ok(errorOf(type, importance) <= weightedErrorOf(type, undefined));
    checkBelow(errorOf(type, importance), weightedErrorOf(type, undefined) * 0.995);
  });
  test(`${type} keeps zeros, and values of its own that are read again`, () => {
    assert.deepEqual(again(type, new Float32Array(COLUMNS)), new Float32Array(COLUMNS));
    const once = again(type, matrix());
    const rmse = rmsOf(difference(again(type, once), once));
    assert.ok(rmse <= plain / 4, `a second time loses ${rmse}`);
  });
  test(`${type} bears a single large value, and values that are all equal`, () => {
    const lone = new Float32Array(COLUMNS);
    lone[300] = -7;
    assert.ok(Math.abs(again(type, lone)[300]! + 7) < 0.4);
    const equal = again(type, new Float32Array(COLUMNS).fill(-0.25));
    equal.forEach((it) => assert.ok(Math.abs(it + 0.25) < 0.02, String(it)));
    const positive = again(type, new Float32Array(COLUMNS).fill(0.25));
    positive.forEach((it) => assert.ok(Math.abs(it - 0.25) < 0.02, String(it)));
  });
}

test("halves and bfloat16 are rounded to the nearest", () => {
  const values = matrix();
  for (const [type, relative] of [
    ["F16", 2 ** -11],
    ["BF16", 2 ** -8],
  ] as const) {
    again(type, values).forEach((it, i) => {
      assert.ok(Math.abs(it - values[i]!) <= Math.abs(values[i]!) * relative + 2 ** -25, `${values[i]} became ${it}`);
    });
  }
  assert.deepEqual(again("F32", values), values);
});

test("every half-precision number is its own nearest", () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = halfToFloat[bits]!;
    if (Number.isNaN(value)) assert.ok(Number.isNaN(halfToFloat[floatToHalf(value)]!));
    else assert.equal(floatToHalf(value), bits);
  }
});

test("a number between two halves goes to the even one, and one beyond them is infinite", () => {
  for (let bits = 0; bits < 0x7bff; bits += 7) {
    const middle = (halfToFloat[bits]! + halfToFloat[bits + 1]!) / 2;
    assert.equal(floatToHalf(middle), bits + (bits & 1));
    assert.equal(floatToHalf(-middle), 0x8000 + bits + (bits & 1));
  }
  assert.equal(floatToHalf(65520), 0x7c00);
  assert.equal(floatToHalf(65519), 0x7bff);
});

test("all types that can be written can be read", () => {
  for (const it of writableTypes) assert.equal(again(it, matrix()).length, ROWS * COLUMNS);
});

const importance = Float32Array.from({ length: COLUMNS }, (_, column) => 0.1 + ((column * 37) % 101) / 10);

/** Without importance the plain error, with it the weighted one. */
function errorOf(type: WritableType, weights: Float32Array | undefined): number {
  const values = matrix();
  const bytes = quantizeRows(type, values, COLUMNS, weights);
  return rmsOf(difference(dequantize(type, bytes, values.length), values), weights);
}

function weightedErrorOf(type: WritableType, weights: Float32Array | undefined): number {
  const values = matrix();
  const bytes = quantizeRows(type, values, COLUMNS, weights);
  return rmsOf(difference(dequantize(type, bytes, values.length), values), importance);
}

function again(type: WritableType, values: Float32Array): Float32Array {
  return dequantize(type, quantizeRows(type, values, COLUMNS), values.length);
}

function difference(one: Float32Array, other: Float32Array): Float64Array {
  return Float64Array.from(one, (it, i) => it - other[i]!);
}

function rmsOf(values: Float64Array, weights?: Float32Array): number {
  const weight = (i: number) => weights?.[i % COLUMNS] ?? 1;
  const total = values.reduce((sum, _, i) => sum + weight(i), 0);
  return Math.sqrt(values.reduce((sum, it, i) => sum + weight(i) * it * it, 0) / total);
}

/**
 * Mulberry32 from seed 1; each value is a sum of six uniform numbers less 3, times 0.02 (1 + row mod 4), with a longer tail:
 * x (1 + 15 x^2).
 */
function matrix(): Float32Array {
  let state = 1;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < 6; k++) sum += random();
    const x = (sum - 3) * (0.02 * (1 + (Math.floor(i / COLUMNS) % 4)));
    return x * (1 + 0.15 * x * x * 100);
  });
}

function checkBelow(found: number, most: number): void {
  if (process.env["SHOW"] !== undefined)
    console.log(`${found.toExponential(4)} of ${most.toExponential(4)}: ${(found / most).toFixed(3)}`);
  assert.ok(found <= most, `the error is ${found}, at most ${most} allowed`);
}
