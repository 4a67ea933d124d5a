// Folders in the ONNX layout, run by transformers.js: the numbers of transformers in PyTorch (test/tiny/README.md), the engine's
// own tokens, sampling and constraints on top of them, and what is refused. Without the package a stand-in takes its place.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, before, test } from "node:test";

import { silentLog } from "../../../src/base/log.js";
import type { JsonObject } from "../../../src/base/json.js";
import { createLocalEngine, type LocalEngine } from "../../../src/engine/localEngine.js";
import type { LoadedModel } from "../../../src/engine/loadedModel.js";
import { loadOnnxFolder } from "../../../src/engine/onnxFolder/loadOnnxFolder.js";
import { openOnnxFolder } from "../../../src/engine/onnxFolder/onnxFolder.js";
import { openReader, type Reader } from "../../../src/engine/reader.js";
import { openSafetensors } from "../../../src/engine/safetensors/safetensorsFile.js";
import type { GenerateRequest, ModelSpec } from "../../../src/protocol/engine.js";
import { temporaryFolder } from "../../temporaryFolder.js";
import { editJson } from "../convert/huggingFaceFolder.js";
import { realPackage, writeStandIn } from "./standIn.js";
import { tinyLlama, writeOnnxFolder } from "./tinyOnnxFolder.js";

interface Golden {
  readonly prompts: readonly {
    readonly ids: readonly number[];
    readonly greedy: readonly number[];
    readonly greedy_margin: readonly number[];
  }[];
}

const TOLERANCE = 1e-3;
const { prompts } = JSON.parse(readFileSync(join(tinyLlama, "golden.json"), "utf8")) as Golden;
const reference = openSafetensors(join(tinyLlama, "golden.safetensors"));
const golden = (name: string) => reference.read(reference.tensors.get(name)!);
const never = new AbortController().signal;
const ignore = () => undefined;
const cpu = { device: "cpu" } as const;

let folder: string;
let engine: LocalEngine;
before(async () => {
  process.env["TILLER_TRANSFORMERS"] = realPackage ?? writeStandIn();
  folder = await writeOnnxFolder();
  engine = createLocalEngine({ log: silentLog });
});
after(() => engine.dispose());

for (const keepsFew of [false, true]) {
  const kind = keepsFew ? "a graph that gives few logits" : "a graph that gives all logits";

  test(`${kind}: the reference's logits behind every prompt, read at once or in pieces`, async () => {
    await withReader(keepsFew, async (reader) => {
      for (const [i, { ids }] of prompts.entries()) {
        for (const length of [ids.length, 3, 17]) {
          const cache = reader.newCache();
          let logits = new Float32Array(0);
          for (let from = 0; from < ids.length; from += length) {
            const part = ids.slice(from, from + length);
            logits = new Float32Array(await reader.read(cache, part, [part.length - 1]));
          }
          assertClose(logits, golden(`p${i}.last`), `prompt ${i} in pieces of ${length}`);
        }
      }
    });
  });

  test(`${kind}: the reference's logits at every position, and only of rows that were asked for`, async () => {
    await withReader(keepsFew, async (reader) => {
      const { ids } = prompts[2]!;
      const all = golden("p2.all");
      assertClose(await reader.read(reader.newCache(), ids, [...ids.keys()]), all, "all rows");
      const size = all.length / ids.length;
      const rows = [3, 11, ids.length - 1];
      const some = Float32Array.from(rows.flatMap((it) => [...all.subarray(it * size, (it + 1) * size)]));
      assertClose(await reader.read(reader.newCache(), ids, rows), some, "some rows");
      assert.equal((await reader.read(reader.newCache(), ids, [])).length, 0);
    });
  });

  test(`${kind}: the reference's text, token by token`, async () => {
    await withReader(keepsFew, async (reader) => {
      for (const { ids, greedy, greedy_margin } of prompts) {
        const cache = reader.newCache();
        let logits = await reader.read(cache, ids, [ids.length - 1]);
        const unclear = greedy_margin.findIndex((it) => it < 2 * TOLERANCE);
        for (const id of greedy.slice(0, unclear < 0 ? greedy.length : unclear)) {
          assert.equal(logits.indexOf(logits.reduce((a, b) => Math.max(a, b))), id);
          logits = await reader.read(cache, [id], [0]);
        }
      }
    });
  });
}

test("a cache that was cut back, and a copy of it, give the same", async () => {
  await withReader(false, async (reader) => {
    const { ids } = prompts[2]!;
    const cache = reader.newCache();
    await reader.read(cache, [...ids.slice(0, 23), ...prompts[3]!.ids.slice(0, 30)], []);
    cache.truncate(23);
    assert.equal(cache.length, 23);
    const copy = reader.newCache();
    copy.copyFrom(cache, 21);
    const rest = (from: number) => ids.slice(from);
    assertClose(await reader.read(cache, rest(23), [rest(23).length - 1]), golden("p2.last"), "the cache");
    assertClose(await reader.read(copy, rest(21), [rest(21).length - 1]), golden("p2.last"), "the copy");
    cache.truncate(0);
    assertClose(await reader.read(cache, ids, [ids.length - 1]), golden("p2.last"), "anew");
  });
});

test("half-precision numbers are read, cut back and copied", async () => {
  const path = await writeOnnxFolder({ half: true });
  const model = await loadOnnxFolder({ spec: { path }, defaultThreads: 1, device: cpu }, ignore);
  const reader = await openReader(model, {});
  const { ids } = prompts[2]!;
  const cache = reader.newCache();
  await reader.read(cache, [...ids.slice(0, 23), 5, 6, 7], []);
  cache.truncate(23);
  const copy = reader.newCache();
  copy.copyFrom(cache, 21);
  for (const it of [cache, copy]) {
    const rest = ids.slice(it.length);
    // Halves have 11 bits, and logits a spread of 2 to 3.
    assertClose(await reader.read(it, rest, [rest.length - 1]), golden("p2.last"), "halves", 0.03);
  }
  reader.release();
  await model.dispose();
});

test("weights in files beside the graph are counted and found", async () => {
  const path = await writeOnnxFolder();
  const { sizeBytes } = openOnnxFolder(path, "fast").weights;
  for (const name of ["model.onnx_data", "model.onnx_data_1", "model_q4.onnx_data"])
    writeFileSync(join(path, "onnx", name), "weights");
  assert.deepEqual(openOnnxFolder(path, "fast").weights, { dtype: "fp32", sizeBytes: sizeBytes + 14, dataFiles: 2 });
  assert.equal((await engine.load({ model: { path, threads: 1 } }, ignore, never)).facts.sizeBytes, sizeBytes + 14);
});

test("tokens, chat and probabilities are those of the GGUF file, side by side in one process", async () => {
  const text = { type: "text", text: "Tell me, in 42 words, why naïve cats sleep." } as const;
  const messages = { type: "messages", messages: [{ role: "user", content: "Hello <|im_end|> there" }] } as const;
  const gguf: ModelSpec = { path: join(tinyLlama, "model.gguf"), precision: "exact", threads: 1 };
  const onnx: ModelSpec = { path: folder, threads: 1 };
  for (let turn = 0; turn < 2; turn++) {
    for (const prompt of [text, messages]) {
      const [one, other] = [
        await engine.tokenize({ model: gguf, prompt }, ignore, never),
        await engine.tokenize({ model: onnx, prompt }, ignore, never),
      ];
      assert.deepEqual(other, one);
    }
    const [one, other] = [
      await engine.score({ model: gguf, prompt: text }, ignore, never),
      await engine.score({ model: onnx, prompt: text }, ignore, never),
    ];
    assert.deepEqual(other.ids, one.ids);
    other.logprobs.forEach((it, i) => assert.ok(Math.abs((it ?? 0) - (one.logprobs[i] ?? 0)) < TOLERANCE));
    assert.ok(Math.abs(other.perplexity! / one.perplexity! - 1) < TOLERANCE);
  }
});

test("sampling with a seed, stop texts, constraints and scores of options are kept", async () => {
  const prompt = { type: "text", text: "1, 2, 3," } as const;
  const sampling = { temperature: 1, seed: 7 };
  const one = await generate({ prompt, maxTokens: 12, sampling });
  assert.deepEqual((await generate({ prompt, maxTokens: 12, sampling })).ids, one.ids);
  assert.notDeepEqual((await generate({ prompt, maxTokens: 12, sampling: { ...sampling, seed: 8 } })).ids, one.ids);
  const free = await generate({ prompt, maxTokens: 12 });
  const stop = free.text.slice(2, 4);
  assert.equal(
    (await generate({ prompt, maxTokens: 12, stop: [stop] })).text,
    free.text.slice(0, free.text.indexOf(stop)),
  );
  const constraint = { kind: "regex", source: "[a-f]{3}-[0-9]{2}" } as const;
  assert.match((await generate({ prompt, constraint })).text, /^[a-f]{3}-[0-9]{2}$/);
  const choice = { kind: "choice", options: ["yes", "no", "maybe"] } as const;
  const { text, scores } = await generate({ prompt, constraint: choice, scores: true });
  assert.ok(["yes", "no", "maybe"].includes(text));
  assert.ok(Math.abs(scores!.reduce((sum, it) => sum + it.probability, 0) - 1) < 1e-6);
});

test("a known beginning is not read again, and changes nothing", async () => {
  const path = await writeOnnxFolder();
  const model = { path, threads: 1 };
  const prompt = (text: string) => ({ type: "text", text }) as const;
  const long = "All of this is known already, word by word. ";
  const first = await engine.generate({ model, prompt: prompt(`${long}And`), maxTokens: 5 }, ignore, never);
  const second = await engine.generate({ model, prompt: prompt(`${long}But`), maxTokens: 5 }, ignore, never);
  const again = await engine.generate({ model, prompt: prompt(`${long}And`), maxTokens: 5 }, ignore, never);
  assert.equal(first.usage.cachedTokens, 0);
  assert.ok(10 < second.usage.cachedTokens && 10 < again.usage.cachedTokens);
  assert.deepEqual(again.ids, first.ids);
});

test("guidance by another prompt costs a second reading and is kept", async () => {
  const prompt = { type: "text", text: "The sea is" } as const;
  const otherwise = { type: "text", text: "The hill is" } as const;
  const plain = await generate({ prompt, maxTokens: 8 });
  const guidance = (strength: number) => ({ kind: "classifier-free", otherwise, strength }) as const;
  assert.deepEqual((await generate({ prompt, maxTokens: 8, guidance: guidance(1) })).ids, plain.ids);
  const away = await generate({ prompt, maxTokens: 8, guidance: guidance(3) });
  assert.equal(away.usage.guidance?.readings, 2);
  assert.notDeepEqual(away.ids, plain.ids);
});

for (const [what, ask, message] of [
  [
    "adapters",
    () => generate({ adapters: [{ path: join(tinyLlama, "../lora-f32/adapter.gguf") }] }),
    /adapters cannot be had/,
  ],
  [
    "sparse attention",
    () => generate({ attention: { pattern: "streaming", sinks: 1, window: 2 } }),
    /sparse attention cannot/,
  ],
  [
    "an early exit",
    () => generate({ guidance: { kind: "contrastive", amateur: { layers: 1 } } }),
    /early exits cannot be had/,
  ],
  [
    "hidden states",
    () => engine.hiddenStates({ model: { path: folder }, prompts: [{ type: "text", text: "Hi" }] }, ignore, never),
    /hidden states cannot be had/,
  ],
  ["an 8-bit cache", () => load({ cache: "int8" }), /8-bit integers cannot be had/],
  ["a window", () => load({ slidingWindow: true }), /sliding window .*cannot be had/],
  ["more context than it was trained for", () => load({ contextTokens: 513 }), /1 to 512 tokens/],
  [
    "routing",
    () => engine.route({ model: { path: folder }, prompt: { type: "text", text: "Hi" } }, ignore, never),
    /no mixture of experts/,
  ],
] as const)
  test(`${what} is refused by name`, async () => {
    await assert.rejects((async () => void (await ask()))(), { code: "usage", message });
  });

for (const [what, change, code, message] of [
  [
    "an encoder with a decoder",
    (it) => ({ ...it, is_encoder_decoder: true }),
    "model-unsupported",
    /encoder with a decoder/,
  ],
  ["a model that sees", (it) => ({ ...it, vision_config: {} }), "model-unsupported", /more than text/],
  [
    "a config without a number",
    ({ num_hidden_layers: _, ...it }) => it,
    "model-corrupt",
    /no number "num_hidden_layers"/,
  ],
  [
    "another vocabulary than the graph's",
    (it) => ({ ...it, vocab_size: 520 }),
    "model-corrupt",
    /do not belong together/,
  ],
] as const satisfies readonly (readonly [string, (it: JsonObject) => JsonObject, string, RegExp])[])
  test(`${what} is refused`, async () => {
    const path = await writeOnnxFolder();
    editJson(path, "config.json", change);
    const request = { model: { path, threads: 1 }, prompt: { type: "text", text: "Hi" }, maxTokens: 1 } as const;
    await assert.rejects(engine.generate(request, ignore, never), { code, message });
  });

test("a graph that is damaged is refused, and the next call works", async () => {
  const path = await writeOnnxFolder();
  writeFileSync(join(path, "onnx/model.onnx"), "no graph");
  await assert.rejects(engine.load({ model: { path } }, ignore, never), {
    code: "model-unsupported",
    message: /transformers\.js cannot run .* \(fp32\)/,
  });
  assert.equal((await generate({ maxTokens: 2 })).ids.length, 2);
});

test("a folder without a graph, or without a tokenizer, is refused with what is missing", async () => {
  const path = await writeOnnxFolder({ graphs: ["decoder"] });
  await assert.rejects(engine.load({ model: { path } }, ignore, never), {
    code: "model-not-found",
    message: /has no model\.onnx.*there is decoder\.onnx/,
  });
  renameSync(join(path, "onnx/decoder.onnx"), join(path, "onnx/model.onnx"));
  rmSync(join(path, "tokenizer.json"));
  await assert.rejects(engine.load({ model: { path } }, ignore, never), {
    code: "model-not-found",
    message: /tokenizer\.json/,
  });
  rmSync(join(path, "onnx"), { recursive: true });
  await assert.rejects(engine.load({ model: { path } }, ignore, never), { code: "file-unreadable" });
});

test("where the package is missing, too old or broken, it is said how to get it", async () => {
  const path = await writeOnnxFolder();
  const now = process.env["TILLER_TRANSFORMERS"]!;
  const checkMessage = async (place: string, message: RegExp) => {
    process.env["TILLER_TRANSFORMERS"] = place;
    await assert.rejects(engine.load({ model: { path } }, ignore, never), { code: "model-unsupported", message });
  };
  await checkMessage(
    temporaryFolder("empty"),
    /not installed\. .*npm install --prefix ".*\.tiller" @huggingface\/transformers/,
  );
  await checkMessage(writeStandIn("3.7.1"), /3\.7\.1 is too old: version 4/);
  const broken = writeStandIn();
  writeFileSync(join(broken, "node_modules/@huggingface/transformers/index.cjs"), "require('no-such-runtime')");
  await checkMessage(broken, /cannot be loaded: Cannot find module 'no-such-runtime'/);
  process.env["TILLER_TRANSFORMERS"] = now;
  await engine.load({ model: { path } }, ignore, never);
});

test("nothing asks the network, also where a file is missing", async () => {
  const path = await writeOnnxFolder();
  const { fetch } = globalThis;
  let asked = 0;
  globalThis.fetch = () => Promise.reject(new Error(`asked ${++asked} times`));
  try {
    await engine.load({ model: { path } }, ignore, never);
    writeFileSync(join(path, "onnx/model.onnx"), "no graph");
    await assert.rejects(engine.load({ model: { path, threads: 2 } }, ignore, never), { code: "model-unsupported" });
  } finally {
    globalThis.fetch = fetch;
  }
  assert.equal(asked, 0);
});

test("the number format follows the precision, from those that are there", async () => {
  const graphs = ["model", "model_fp16", "model_quantized", "model_q4"];
  const path = await writeOnnxFolder({ graphs });
  const dtype = (precision: "fast" | "exact") => openOnnxFolder(path, precision).weights.dtype;
  assert.deepEqual([dtype("fast"), dtype("exact")], ["q4", "fp32"]);
  rmSync(join(path, "onnx/model_q4.onnx"));
  rmSync(join(path, "onnx/model.onnx"));
  assert.deepEqual([dtype("fast"), dtype("exact")], ["q8", "fp16"]);
});

test("folders of models hold such folders too, and they are listed with what they take", async () => {
  const parent = temporaryFolder("models");
  renameSync(await writeOnnxFolder(), join(parent, "tiny-onnx"));
  mkdirSync(join(parent, "notes"));
  const { models } = await engine.listModels({ folders: [parent], files: [folder], contextTokens: 64 }, ignore, never);
  assert.deepEqual(
    models.map((it) => [it.name, it.facts?.architecture, it.facts?.layers, it.problem]),
    [
      [basename(folder), "llama", 3, undefined],
      ["tiny-onnx", "llama", 3, undefined],
    ],
  );
  assert.equal(models[1]!.memory!.cacheBytes, 2 * 4 * 2 * 3 * 2 * 16 * 64);
  assert.equal(dirname(models[1]!.path), parent);
});

async function withReader(keepsFew: boolean, use: (reader: Reader) => Promise<void>): Promise<void> {
  const path = keepsFew ? await writeOnnxFolder({ keepsFew }) : folder;
  const model: LoadedModel = await loadOnnxFolder({ spec: { path }, defaultThreads: 1, device: cpu }, ignore);
  const reader = await openReader(model, {});
  try {
    await use(reader);
  } finally {
    reader.release();
    await model.dispose();
  }
}

function generate(request: Partial<Omit<GenerateRequest, "model">>) {
  const prompt = { type: "text", text: "Hello" } as const;
  return engine.generate({ prompt, ...request, model: { path: folder, threads: 1 } }, ignore, never);
}

function load(spec: Partial<ModelSpec>) {
  return engine.load({ model: { path: folder, ...spec } }, ignore, never);
}

function assertClose(found: Float32Array, expected: Float32Array, what: string, tolerance = TOLERANCE): void {
  assert.equal(found.length, expected.length);
  const most = expected.reduce((most, it, k) => Math.max(most, Math.abs(it - found[k]!)), 0);
  assert.ok(most <= tolerance && found.every((it) => Number.isFinite(it)), `${what} is off by ${most}`);
  if (process.env["TILLER_SHOW"] !== undefined) console.log(what, most);
}
