/**
 * A tiny llama as a folder in the ONNX layout, as exporters write them: config.json, tokenizer.json, and onnx/model.onnx with
 * inputs for ids, mask, positions, keys and values. Its weights are those of the reference set's GGUF file; its graph has
 * nothing in common with the engine's own.
 */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { openModelFile } from "../../../src/engine/gguf/modelFile.js";
import { GraphBuilder, type OnnxModel, type Value } from "../../../src/engine/onnx/graphBuilder.js";
import { openSafetensors } from "../../../src/engine/safetensors/safetensorsFile.js";
import { writeFolder } from "../convert/huggingFaceFolder.js";
import { projectRoot } from "../golden/goldenFiles.js";

export const tinyLlama = join(projectRoot, "test/tiny/llama-untied");

const LAYERS = 3;
const HIDDEN = 64;
const HEADS = 4;
const KV_HEADS = 2;
const HEAD = 16;
const VOCABULARY = 512;

export interface FolderOptions {
  /** Which of the names of transformers.js the graph gets: `model`, `model_q4`, ... */
  readonly graphs?: readonly string[];
  /** The graph has an input for how many logits are wanted, as newer exports do. */
  readonly keepsFew?: boolean;
  /** Logits, keys and values are half-precision numbers. */
  readonly half?: boolean;
}

export async function writeOnnxFolder(options: FolderOptions = {}): Promise<string> {
  const { graphs = ["model"], keepsFew = false, half = false } = options;
  const file = await openModelFile(join(tinyLlama, "model.gguf"));
  const folder = writeFolder(file);
  const { metadata } = file;
  const epsilon = metadata.number("llama.attention.layer_norm_rms_epsilon")!;
  const theta = metadata.number("llama.rope.freq_base")!;
  file.close();
  const weights = weightsOf(folder);
  for (const it of readdirSync(folder)) if (it.includes("safetensors")) rmSync(join(folder, it));
  mkdirSync(join(folder, "onnx"));
  const model = (made[`${keepsFew} ${half}`] ??= filesOf(decoderGraph(weights, { epsilon, theta, keepsFew, half })));
  for (const name of graphs) writeFileSync(join(folder, "onnx", `${name}.onnx`), model.bytes);
  for (const { name, data } of model.weights) writeFileSync(join(folder, "onnx", name), data);
  return folder;
}

const made: Record<string, OnnxModel> = {};

/** Slabs are large, and zero behind what is used of them: that is left out. */
function filesOf({ bytes, weights }: OnnxModel): OnnxModel {
  const used = (data: Uint8Array): Uint8Array => {
    let end = data.length;
    while (0 < end && data[end - 1] === 0) end--;
    return data.slice(0, Math.ceil(end / 4) * 4);
  };
  return { bytes, weights: weights.map(({ name, data }) => ({ name, data: used(data) })) };
}

/** [rows, columns] each, under the names of the folder. */
type Weights = ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;

function weightsOf(folder: string): Weights {
  const parts = readdirSync(folder).filter((it) => it.endsWith(".safetensors"));
  const all = parts.flatMap((part) => {
    const file = openSafetensors(join(folder, part), "model");
    const entries = [...file.tensors.values()].map(
      (it) => [it.name, { shape: it.shape, values: file.read(it) }] as const,
    );
    file.close();
    return entries;
  });
  return new Map(all);
}

interface Numbers {
  readonly epsilon: number;
  readonly theta: number;
  readonly keepsFew: boolean;
  readonly half: boolean;
}

function decoderGraph(weights: Weights, { epsilon, theta, keepsFew, half }: Numbers) {
  const graph = new GraphBuilder();
  const ids = graph.input("input_ids", "int64", ["batch_size", "sequence_length"]);
  const mask = graph.input("attention_mask", "int64", ["batch_size", "total_sequence_length"]);
  const positions = graph.input("position_ids", "int64", ["batch_size", "sequence_length"]);
  const kept = keepsFew ? graph.input("num_logits_to_keep", "int64", []) : undefined;
  const kind = half ? "float16" : "float32";
  graph.output("logits", kind, ["batch_size", "kept", VOCABULARY]);

  const constant = (name: string, values: Float32Array, shape: readonly number[]) =>
    graph.constant(name, "float32", shape, values);
  const vector = (name: string) => constant(name, weights.get(name)!.values, weights.get(name)!.shape);
  /** For products from the left: [columns, rows]. */
  const matrix = (name: string): Value => {
    const { shape, values } = weights.get(name)!;
    const [rows, columns] = shape as [number, number];
    const turned = Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
    return constant(name, turned, [columns, rows]);
  };
  const stored = (x: Value) => (half ? graph.node("Cast", [x], { attributes: { to: 10 } }) : x);
  const whole = (x: Value) => (half ? graph.node("Cast", [x], { attributes: { to: 1 } }) : x);
  const linear = (x: Value, name: string) => graph.node("MatMul", [x, matrix(name)]);
  const norm = (x: Value, name: string) => {
    const squares = graph.node("ReduceMean", [graph.node("Mul", [x, x]), graph.integers([-1])]);
    const size = graph.node("Sqrt", [graph.node("Add", [squares, graph.float(epsilon)])]);
    return graph.node("Mul", [graph.node("Div", [x, size]), vector(name)]);
  };
  const perm = { attributes: { perm: [0, 2, 1, 3] } };
  const heads = (x: Value, count: number) =>
    graph.node("Transpose", [graph.node("Reshape", [x, graph.integers([0, 0, count, HEAD])])], perm);

  // cos and sin [batch, 1, sequence, head]
  const frequencies = Float32Array.from({ length: HEAD }, (_, i) => theta ** ((-2 * (i % (HEAD / 2))) / HEAD));
  const floatPositions = graph.node("Cast", [positions], { attributes: { to: 1 } });
  const angles = graph.node("Mul", [
    graph.node("Unsqueeze", [floatPositions, graph.integers([1, 3])]),
    constant("frequencies", frequencies, [HEAD]),
  ]);
  const [cos, sin] = [graph.node("Cos", [angles]), graph.node("Sin", [angles])];
  const turned = (x: Value) => {
    const left = graph.fresh("left");
    const right = graph.fresh("right");
    graph.nodeInto("Split", [x], [left, right], { attributes: { axis: -1, num_outputs: 2 } });
    const swapped = graph.node("Concat", [graph.node("Neg", [right]), left], { attributes: { axis: -1 } });
    return graph.node("Add", [graph.node("Mul", [x, cos]), graph.node("Mul", [swapped, sin])]);
  };

  // 0 for what is seen, [batch, 1, sequence, total]
  const total = graph.node("Shape", [mask], { attributes: { start: 1 } });
  const all = graph.node("Range", [graph.integers([0], []), graph.node("Squeeze", [total]), graph.integers([1], [])]);
  const later = graph.node("Greater", [all, graph.node("Unsqueeze", [positions, graph.integers([1, 3])])]);
  const hidden = graph.node("Where", [later, graph.float(-1e9), graph.float(0)]);

  let x = graph.node("Gather", [vector("model.embed_tokens.weight"), ids]);
  for (let layer = 0; layer < LAYERS; layer++) {
    const own = (name: string) => `model.layers.${layer}.${name}.weight`;
    const input = norm(x, own("input_layernorm"));
    const query = turned(heads(linear(input, own("self_attn.q_proj")), HEADS));
    const joined = (what: "key" | "value", now: Value) => {
      const dims = (length: string) => ["batch_size", KV_HEADS, length, HEAD];
      const past = graph.input(`past_key_values.${layer}.${what}`, kind, dims("past_sequence_length"));
      const present = graph.output(`present.${layer}.${what}`, kind, dims("total_sequence_length"));
      graph.nodeInto("Concat", [past, stored(now)], [present], { attributes: { axis: 2 } });
      // Each head is shared by neighbours.
      const groups = graph.node(
        "Concat",
        [graph.integers([1, KV_HEADS, HEADS / KV_HEADS]), total, graph.integers([HEAD])],
        {
          attributes: { axis: 0 },
        },
      );
      const spread = graph.node("Expand", [graph.node("Unsqueeze", [whole(present), graph.integers([2])]), groups]);
      return graph.node("Reshape", [spread, graph.integers([1, HEADS, -1, HEAD])]);
    };
    const key = joined("key", turned(heads(linear(input, own("self_attn.k_proj")), KV_HEADS)));
    const value = joined("value", heads(linear(input, own("self_attn.v_proj")), KV_HEADS));
    const products = graph.node("MatMul", [
      query,
      graph.node("Transpose", [key], { attributes: { perm: [0, 1, 3, 2] } }),
    ]);
    const scaled = graph.node("Mul", [products, graph.float(1 / Math.sqrt(HEAD))]);
    const shares = graph.node("Softmax", [graph.node("Add", [scaled, hidden])], { attributes: { axis: -1 } });
    const seen = graph.node("Transpose", [graph.node("MatMul", [shares, value])], perm);
    const joinedHeads = graph.node("Reshape", [seen, graph.integers([0, 0, HIDDEN])]);
    x = graph.node("Add", [x, linear(joinedHeads, own("self_attn.o_proj"))]);
    const fed = norm(x, own("post_attention_layernorm"));
    const gate = linear(fed, own("mlp.gate_proj"));
    const gated = graph.node("Mul", [gate, graph.node("Sigmoid", [gate])]);
    const raised = graph.node("Mul", [gated, linear(fed, own("mlp.up_proj"))]);
    x = graph.node("Add", [x, linear(raised, own("mlp.down_proj"))]);
  }
  if (kept !== undefined) {
    // The last so many; 0 means all, which a slice from -0 gives as well.
    const from = graph.node("Reshape", [graph.node("Neg", [kept]), graph.integers([1])]);
    x = graph.node("Slice", [x, from, graph.integers([Number.MAX_SAFE_INTEGER]), graph.integers([1])]);
  }
  const logits = linear(norm(x, "model.norm.weight"), "lm_head.weight");
  graph.nodeInto("Identity", [stored(logits)], ["logits"]);
  return graph.build();
}
