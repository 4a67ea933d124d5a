// The residual stream behind every layer: against the logits that follow from it, and against what control vectors do to it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, it } from "node:test";

import { TillerError } from "../../src/base/error.js";
import { silentLog } from "../../src/base/log.js";
import { embeddingTable } from "../../src/engine/embeddingTable.js";
import { dequantize } from "../../src/engine/gguf/dequantize.js";
import { openModelFile } from "../../src/engine/gguf/modelFile.js";
import { createLocalEngine } from "../../src/engine/localEngine.js";
import type { Adaptation } from "../../src/protocol/adapter.js";
import type { HiddenStatesEvent, HiddenStatesRequest, PromptStates } from "../../src/protocol/engine.js";
import { goldenFolder } from "./golden/goldenFiles.js";
import { modelPath } from "./golden/goldenModel.js";

const engine = createLocalEngine({ log: silentLog });
const model = { path: modelPath, precision: "exact", contextTokens: 256 } as const;
const vector = join(goldenFolder, "cheerful.control-vector.gguf");
const never = new AbortController().signal;
const LAYERS = 30;
const HIDDEN = 576;
const ids = [504, 2683, 359, 253, 5356, 5646, 11173, 3365, 3511, 308, 34519, 28, 7018, 411, 407];

describe("hidden states", () => {
  after(() => engine.dispose());

  it("are the stream behind each layer: under the last norm and the head, the last one gives the model's logits", async () => {
    const [found] = await states({ prompts: [{ type: "ids", ids }] });
    assert.deepEqual([found!.tokenCount, found!.layers.length], [ids.length, LAYERS]);
    const file = await openModelFile(modelPath);
    const norm = file.tensors.get("output_norm.weight")!;
    const weight = dequantize(norm.type.name, file.read(norm), norm.elementCount);
    const epsilon = file.metadata.number("llama.attention.layer_norm_rms_epsilon")!;
    const last = found!.layers.at(-1)!;
    const meanSquare = last.reduce((sum, value) => sum + value * value, 0) / HIDDEN;
    const normed = last.map((value, i) => (value / Math.sqrt(meanSquare + epsilon)) * weight[i]!);
    // The head of this model is its table of embeddings.
    const table = embeddingTable(file, file.tensors.get("token_embd.weight")!);
    const { top } = await engine.score({ model, prompt: { type: "ids", ids }, top: 40 }, ignore, never);
    const scores = top.at(-1)!.map(({ id }) => dot(normed, table.lookUp([id])));
    file.close();
    // Log-probabilities are logits less one constant.
    const differences = top.at(-1)!.map(({ logprob }, i) => scores[i]! - logprob);
    const spread = Math.max(...differences) - Math.min(...differences);
    assert.ok(spread < 0.002, `spread ${spread}`);
  });

  it("are shifted by a control vector in its layer by exactly its direction, before it not, behind it otherwise", async () => {
    const layer = 9;
    const scale = 4;
    const file = await openModelFile(vector);
    const tensor = file.tensors.get(`direction.${layer}`)!;
    const direction = dequantize(tensor.type.name, file.read(tensor), tensor.elementCount);
    file.close();
    const prompts = [{ type: "ids", ids }] as const;
    const [plain] = await states({ prompts, adapters: [{ path: vector, scale: 0 }] });
    const [steered] = await states({ prompts, adapters: [{ path: vector, scale, layers: [layer, layer] }] });
    for (let i = 0; i < layer; i++) assert.deepEqual(steered!.layers[i], plain!.layers[i], `layer ${i}`);
    const shift = steered!.layers[layer]!.map((value, i) => value - plain!.layers[layer]![i]!);
    const largest = Math.max(...plain!.layers[layer]!.map(Math.abs));
    shift.forEach((value, i) => {
      const error = Math.abs(value - scale * direction[i]!);
      assert.ok(error <= 2 ** -22 * largest, `${i}: ${value} is not ${scale * direction[i]!}`);
    });
    const behind = steered!.layers[layer + 1]!.map((value, i) => value - plain!.layers[layer + 1]![i]!);
    assert.ok(behind.some((value, i) => 0.01 < Math.abs(value - scale * direction[i]!)));
  });

  it("in the mean are the mean of the last states of all beginnings, because a token sees only what is before it", async () => {
    const long = Array.from({ length: 5 }, () => ids).flat(); // two pieces
    const beginnings = long.map((_, i) => ({ type: "ids", ids: long.slice(0, i + 1) }) as const);
    const each = await states({ prompts: beginnings });
    const [mean] = await states({ prompts: [{ type: "ids", ids: long }], at: "mean" });
    for (const layer of [0, 14, LAYERS - 1]) {
      const expected = Array.from({ length: HIDDEN }, (_, i) => average(each.map((one) => one.layers[layer]![i]!)));
      const largest = Math.max(...expected.map(Math.abs));
      mean!.layers[layer]!.forEach((value, i) => {
        assert.ok(Math.abs(value - expected[i]!) < 1e-4 * largest, `layer ${layer}, ${i}: ${value}, ${expected[i]}`);
      });
    }
  });

  it("tell their progress, prompt by prompt", async () => {
    const events: HiddenStatesEvent[] = [];
    const prompts = ["one", "two", "three"].map((text) => ({ type: "text", text }) as const);
    await engine.hiddenStates({ model, prompts }, (event) => events.push(event), never);
    assert.deepEqual(
      events.filter((event) => event.type === "reading").map(({ done, total }) => [done, total]),
      [
        [1, 3],
        [2, 3],
        [3, 3],
      ],
    );
  });

  it("are not read on when they are cancelled", async () => {
    const controller = new AbortController();
    const prompts = ["one", "two", "three"].map((text) => ({ type: "text", text }) as const);
    let read = 0;
    const work = engine.hiddenStates(
      { model, prompts },
      (event) => {
        if (event.type === "reading") read++;
        if (event.type === "reading") controller.abort(new Error("enough"));
      },
      controller.signal,
    );
    await assert.rejects(work, /enough/);
    assert.equal(read, 1);
  });

  it("of a prompt without a token, and of one that is too long, are refused", async () => {
    const good = { type: "text", text: "good" } as const;
    const read = (text: string) => states({ prompts: [good, { type: "text", text }] });
    await assert.rejects(read(""), (it) => it instanceof TillerError && it.code === "input-invalid");
    await assert.rejects(read("word ".repeat(300)), (it) => it instanceof TillerError && it.code === "prompt-too-long");
  });
});

async function states(request: Omit<HiddenStatesRequest, "model"> & Adaptation): Promise<readonly PromptStates[]> {
  return (await engine.hiddenStates({ model, ...request }, ignore, never)).prompts;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, it, i) => sum + it * b[i]!, 0);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, it) => sum + it, 0) / values.length;
}

function ignore(): void {}
