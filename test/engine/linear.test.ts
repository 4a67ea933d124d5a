// Products with packed weights, as onnxruntime computes them: narrow and wide inputs, which get their block sums in two ways.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Tensor } from "onnxruntime-node";

import { dequantize } from "../../src/engine/gguf/dequantize.js";
import { extendOnce, linear, type LinearContext } from "../../src/engine/graph/linear.js";
import { allocatePacked, layoutOf } from "../../src/engine/graph/packedLayout.js";
import { packInto } from "../../src/engine/graph/packedWeight.js";
import { GraphBuilder } from "../../src/engine/onnx/graphBuilder.js";
import { createSession } from "../../src/engine/ort/session.js";
import { quantizeRows } from "../../src/engine/quantize/quantize.js";
import { seededRandom } from "../../src/engine/sampling/random.js";

const ROWS = 8;
const PASSES = 3;

for (const columns of [1024, 2816, 3072])
  for (const outer of [[1, 3], [2, 1], [5], [0]])
    test(`${columns} columns of Q4_1, input [${[...outer, columns].join(", ")}]`, () => checkProduct(columns, outer));

for (const columns of [1024, 2816])
  test(`${columns} columns of Q4_1, extended once for three parts of the input, one of them empty`, () =>
    checkProduct(columns, [5], [2, 0, 3]));

/** `parts`: the input is extended and cut into pieces of so many tokens, which are multiplied one by one. */
async function checkProduct(columns: number, outer: readonly number[], parts?: readonly number[]): Promise<void> {
  const random = seededRandom(columns);
  // Far from zero, so that the sums matter.
  const bytes = quantizeRows(
    "Q4_1",
    Float32Array.from({ length: ROWS * columns }, () => random() + 0.3),
    columns,
  );
  const graph = new GraphBuilder();
  const input = graph.input("x", "float32", [...outer.map((_, i) => `outer${i}`), columns]);
  graph.output("y", "float32", [...outer.map((_, i) => `outer${i}`), ROWS]);
  const tensor = { name: "w", type: { name: "Q4_1" } };
  const matrix = { tensor, rows: ROWS, columns, packed: "Q4_1" };
  const readPacked = () => {
    const weight = allocatePacked(layoutOf("Q4_1"), ROWS, columns, PASSES, (length) => graph.allocate(length));
    packInto("Q4_1", weight, 0, bytes, ROWS);
    return weight;
  };
  const context = {
    ...{ graph, hooks: new Set(), hookInputs: [], accuracyLevel: 1, extended: new Map() },
    weights: { readPacked, residualPasses: PASSES },
  } as unknown as LinearContext;
  const product = (x: string, name: string) => linear(context, x, name, [matrix as never]);
  if (parts === undefined) graph.nodeInto("Identity", [product(input, "product")], ["y"]);
  else {
    const { value, isPart } = extendOnce(context, input, [matrix as never]);
    assert.notEqual(value, input);
    const names = parts.map((_, i) => `part${i}`);
    graph.nodeInto("Split", [value, graph.integers(parts)], names, { attributes: { axis: 0 } });
    names.forEach(isPart);
    graph.nodeInto(
      "Concat",
      names.map((it) => product(it, `${it}.product`)),
      ["y"],
      { attributes: { axis: 0 } },
    );
  }
  const session = await createSession(graph.build(), { threads: 1 });
  const count = outer.reduce((a, b) => a * b, 1);
  const x = Float32Array.from({ length: count * columns }, () => random() - 0.4);
  const { y } = await session.run({ x: new Tensor("float32", x, [...outer, columns]) });
  assert.deepEqual(y!.dims, [...outer, ROWS]);
  const weights = dequantize("Q4_1", bytes, ROWS * columns);
  (y!.data as Float32Array).forEach((found, i) => {
    const [token, row] = [Math.floor(i / ROWS), i % ROWS];
    let expected = 0;
    for (let k = 0; k < columns; k++) expected += x[token * columns + k]! * weights[row * columns + k]!;
    assert.ok(Math.abs(found - expected) < 2e-2, `${i}: ${found}, not ${expected}`);
  });
  await session.release();
}
