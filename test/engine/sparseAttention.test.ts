// Sparse attention on a small model: what is seen against its definition in plain arithmetic, however a text is cut, copied
// and taken back; and how it goes together with everything else that a request can ask for.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";

import { silentLog } from "../../src/base/log.js";
import { chosenVisibility } from "../../src/engine/attention/chosenAttention.js";
import { seenRanges, sees, visibilityOf, type Visibility } from "../../src/engine/attention/visibility.js";
import { loadModel, type LoadedModel } from "../../src/engine/loadedModel.js";
import { createLocalEngine, type LocalEngine } from "../../src/engine/localEngine.js";
import type { SlotCache } from "../../src/engine/ort/slotCache.js";
import { openReader, type Reader } from "../../src/engine/reader.js";
import type { Attention } from "../../src/protocol/attention.js";
import type { GenerateRequest } from "../../src/protocol/engine.js";
import { naiveLogits } from "./naiveLlama.js";
import { writePeftFolder } from "./peftFolder.js";
import { tinyModel, writeTinyModel, type TinyModel } from "./tinyModel.js";

const CONTEXT = 64;

/** Attention of `tinyModel()` hardly tells its keys apart: here it does, and two layers stand behind each other. */
function attentiveModel(): TinyModel {
  const model = tinyModel();
  model.metadata["llama.block_count"] = 2;
  model.tensors = model.tensors.map((it) => (/attn_[qkv]/.test(it.name) ? { ...it, bytes: scaled(it.bytes, 4) } : it));
  const first = model.tensors.filter((it) => it.name.startsWith("blk.0."));
  model.tensors.push(...first.map((it) => ({ ...it, name: it.name.replace("blk.0", "blk.1") })));
  return model;
}

function scaled(bytes: Uint8Array, by: number): Uint8Array {
  const values = new Float32Array(bytes.slice().buffer).map((it) => it * by);
  return new Uint8Array(values.buffer);
}

const patterns: Readonly<Record<string, Exclude<Attention, "auto">>> = {
  "a window of single tokens": { pattern: "streaming", sinks: 2, window: 7, chunk: 1 },
  "a window of chunks": { pattern: "streaming", sinks: 3, window: 6, chunk: 4 },
  "no sinks": { pattern: "streaming", sinks: 0, window: 5, chunk: 3 },
  "sinks of several chunks": { pattern: "streaming", sinks: 9, window: 3, chunk: 2 },
  "every third block": { pattern: "block-sparse", block: 4, local: 2, stride: 3 },
  "the last columns of each block": { pattern: "block-sparse", block: 5, local: 1, columns: 2 },
  "endless, single tokens": { pattern: "streaming", sinks: 2, window: 7, chunk: 1, endless: true },
};

const textOf = (length: number, seed = 1) => Array.from({ length }, (_, i) => 5 + ((i * i * 7 + i * 31 * seed) % 250));

describe("what is seen", () => {
  const tiny = attentiveModel();
  let model: LoadedModel;
  before(async () => {
    const spec = { path: writeTinyModel(tiny), precision: "exact" } as const;
    model = await loadModel({ spec, cacheKind: "in-place", defaultThreads: 1 }, () => undefined);
  });
  after(() => model.dispose());

  const visibility = (attention: Exclude<Attention, "auto">) => visibilityOf(attention, CONTEXT)!;

  async function withReader<T>(visibility: Visibility | undefined, use: (reader: Reader) => Promise<T>): Promise<T> {
    const reader = await openReader(model, { visibility });
    try {
      return await use(reader);
    } finally {
      reader.release();
    }
  }

  /** Logits after each token, read in pieces of these sizes, over and over. */
  async function logitsOf(
    reader: Reader,
    ids: readonly number[],
    pieces: readonly number[],
    cache = reader.newCache(),
  ): Promise<number[][]> {
    const all: number[][] = [];
    for (let from = 0, i = 0; from < ids.length; i++) {
      const piece = ids.slice(from, from + pieces[i % pieces.length]!);
      const rows = piece.map((_, row) => row);
      const logits = await reader.read(cache, piece, rows);
      const size = logits.length / piece.length;
      rows.forEach((row) => all.push([...logits.subarray(row * size, (row + 1) * size)]));
      from += piece.length;
    }
    return all;
  }

  for (const [name, attention] of Object.entries(patterns)) {
    it(`is what the definition says: ${name}`, async () => {
      const ids = textOf(CONTEXT);
      const seen = visibility(attention);
      const isEndless = seen.endlessSinks !== undefined;
      const expected = naiveLogits(tiny, ids, { sees: (i, j) => sees(seen, i, j), countsSeen: isEndless });
      const dense = naiveLogits(tiny, ids, { sees: () => true });
      for (const pieces of [[64], [1], [3, 5, 2]]) {
        const found = await withReader(seen, (reader) => logitsOf(reader, ids, pieces));
        assert.ok(furthest(found, expected) < 1e-4, `off by ${furthest(found, expected)} in pieces of ${pieces}`);
      }
      assert.ok(0.01 < furthest(dense, expected), "otherwise this shows nothing");
    });
  }

  it("is everything when the window is longer than the text", async () => {
    const ids = textOf(CONTEXT);
    const dense = await withReader(undefined, (reader) => logitsOf(reader, ids, [16]));
    for (const endless of [false, true]) {
      const seen = visibility({ pattern: "streaming", sinks: 2, window: 58, chunk: 5, endless });
      const streamed = await withReader(seen, (reader) => logitsOf(reader, ids.slice(0, 60), [16]));
      assert.ok(furthest(streamed, dense.slice(0, 60)) < 1e-5);
    }
  });

  it("does not depend on what a cache held before, was copied from, or went back from", async () => {
    const seen = visibility(patterns["a window of chunks"]!);
    await withReader(seen, async (reader) => {
      const ids = textOf(40);
      const expected = await logitsOf(reader, ids, [40]);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 39 }), fc.integer({ min: 0, max: 39 }), async (read, back) => {
          const cache = reader.newCache();
          await logitsOf(reader, textOf(read, 2), [7], cache);
          cache.truncate(0);
          await logitsOf(reader, ids.slice(0, read), [7], cache);
          const copy = reader.newCache();
          copy.copyFrom(cache, Math.min(back, read));
          cache.truncate(Math.min(back, read));
          for (const it of [cache, copy]) {
            assert.ok(it.length === 0 || it.length === Math.min(back, read));
            const rest = await logitsOf(reader, ids.slice(it.length), [5], it);
            assert.ok(furthest(rest, expected.slice(expected.length - rest.length)) < 1e-4);
          }
        }),
        { numRuns: 30 },
      );
    });
  });

  it("goes back within a chunk without forgetting anything", async () => {
    await withReader(visibility(patterns["a window of chunks"]!), async (reader) => {
      const cache = reader.newCache();
      await logitsOf(reader, textOf(35), [35], cache);
      cache.truncate(33);
      assert.equal(cache.length, 33);
      cache.truncate(31);
      assert.equal(cache.length, 0, "what chunk 28 to 31 saw is gone");
    });
  });

  it("is the same far beyond the context when positions are counted inside of the cache, in constant memory", async () => {
    const ids = textOf(5 * CONTEXT);
    const endless = { pattern: "streaming", sinks: 2, window: 9, chunk: 1, endless: true } as const;
    const seen = visibility(endless);
    const expected = naiveLogits(tiny, ids, { sees: (i, j) => sees(seen, i, j), countsSeen: true });
    await withReader(seen, async (reader) => {
      const cache = reader.newCache() as SlotCache;
      const found = await logitsOf(reader, ids, [1, 4], cache);
      assert.ok(furthest(found, expected) < 1e-4, `off by ${furthest(found, expected)}`);
      assert.equal(cache.slots, 2 + 8 + 1);
      assert.ok(cache.slotsUsed <= cache.slots);
    });
  });

  it("in chunks, positions inside of the cache are those that its chunk begins with", async () => {
    // By definition: the sinks come right before the window that the chunk began with, and all else keeps its distance.
    const ids = textOf(3 * CONTEXT);
    const seen = visibility({ pattern: "streaming", sinks: 2, window: 9, chunk: 4, endless: true });
    const expected = naiveLogits(tiny, ids, { sees: (i, j) => sees(seen, i, j), countsSeen: true });
    const found = await withReader(seen, (reader) => logitsOf(reader, ids, [6]));
    assert.ok(furthest(found, expected) < 1e-4, `off by ${furthest(found, expected)}`);
  });

  it("is told as ranges that hold just the positions that are seen", () => {
    for (const attention of Object.values(patterns)) {
      const seen = visibility(attention);
      for (const [position, limit] of [
        [40, 41],
        [63, 30],
        [0, 1],
      ] as const) {
        const inside = (j: number) => seenRanges(seen, position, limit).some(([from, to]) => from <= j && j < to);
        for (let j = 0; j < limit; j++) assert.equal(inside(j), sees(seen, position, j));
      }
    }
  });
});

describe("auto", () => {
  const choose = (promptTokens: number, attention?: Attention, setting?: Attention) =>
    chosenVisibility({ attention, setting, promptTokens: () => promptTokens, contextTokens: 8192 })?.pattern;
  const streaming = { pattern: "streaming" } as const;

  it("sees everything of a prompt of up to 2,048 tokens, and then what the model's setting says", () => {
    assert.equal(choose(2048, "auto", streaming), undefined);
    assert.equal(choose(2049, "auto", streaming), "streaming");
    assert.equal(choose(2049, undefined, streaming), "streaming");
    assert.equal(choose(8000), undefined);
  });

  it("yields to what the request asks for", () => {
    assert.equal(choose(10, streaming), "streaming");
    assert.equal(choose(8000, { pattern: "dense" }, streaming), undefined);
  });

  it("finds a wrong setting also where it is not used", () => {
    assert.throws(() => choose(10, "auto", { pattern: "streaming", sinks: -1 }), { code: "usage" });
  });
});

describe("a request with sparse attention", () => {
  let engine: LocalEngine;
  const model = { path: writeTinyModel(attentiveModel()), precision: "exact" } as const;
  before(() => (engine = createLocalEngine({ log: silentLog })));
  after(() => engine.dispose());

  const { signal } = new AbortController();
  const window = { pattern: "streaming", sinks: 2, window: 6, chunk: 4 } as const;
  const prompt = (length: number) => ({ type: "ids", ids: textOf(length) }) as const;
  const generate = (request: Partial<GenerateRequest>) =>
    engine.generate({ model, prompt: prompt(40), maxTokens: 8, ...request }, () => undefined, signal);
  const scoreOf = (attention: Attention, length = 40) =>
    engine.score({ model, prompt: prompt(length), attention }, () => undefined, signal);
  const endless = { ...window, endless: true };

  it("says which parts of the prompt its answer saw", async () => {
    const { usage } = await generate({ attention: window, minTokens: 8 });
    assert.deepEqual(usage.attention, {
      pattern: "streaming",
      attended: [
        [0, 2],
        [31, 40],
      ],
      // The eighth token is written by position 46, whose chunk begins at 44.
      attendedAtEnd: [
        [0, 2],
        [39, 40],
      ],
    });
    assert.equal((await generate({})).usage.attention, undefined);
  });

  it("writes the same whether or not its prompt was known, and reads only what is new", async () => {
    const first = await generate({ attention: window, prompt: prompt(30) });
    const ids = [...textOf(30), ...first.ids];
    const on = await generate({ attention: window, prompt: { type: "ids", ids } });
    assert.ok(29 <= on.usage.cachedTokens, `${on.usage.cachedTokens}`);
    await engine.unload({ model }, () => undefined, signal);
    const anew = await generate({ attention: window, prompt: { type: "ids", ids } });
    assert.equal(anew.usage.cachedTokens, 0);
    assert.deepEqual(anew.ids, on.ids);
  });

  it("takes nothing from a request that saw something else", async () => {
    await generate({ attention: window });
    const other = await generate({ attention: { ...window, window: 7 } });
    assert.equal(other.usage.cachedTokens, 0);
    assert.equal((await generate({ attention: "auto" })).usage.cachedTokens, 0);
  });

  it("scores a text as it reads it", async () => {
    const [dense, sparse, wide] = [
      await scoreOf("auto"),
      await scoreOf(window),
      await scoreOf({ ...window, window: 60 }),
    ];
    assert.notEqual(sparse.perplexity, dense.perplexity);
    assert.ok(Math.abs(wide.perplexity! / dense.perplexity! - 1) < 1e-5);
  });

  it("can be endless: the prompt and the answer are longer than the context", async () => {
    const { ids, usage } = await generate({ attention: endless, prompt: prompt(100), maxTokens: 200, minTokens: 200 });
    assert.equal(ids.length, 200);
    assert.equal(usage.promptTokens, 100);
    assert.equal((await scoreOf(endless, 150)).logprobs.length, 150);
  });

  it("is refused beyond the context when positions are those of the text", async () => {
    await assert.rejects(generate({ attention: window, prompt: prompt(100) }), { code: "prompt-too-long" });
  });

  it("can be guided: each reading forgets alike", async () => {
    const guided = (attention: Attention, strength: number) =>
      generate({
        attention,
        guidance: { kind: "classifier-free", strength, otherwise: { type: "ids", ids: textOf(40, 3) } },
      });
    const [one, other] = [await guided(window, 3), await guided({ ...window, window: 60 }, 3)];
    const dense = await guided("auto", 3);
    assert.deepEqual(other.ids, dense.ids, "with a window longer than the text it is the same");
    assert.equal(one.usage.guidance?.readings, 2);
    // Two readings of one prompt are one, however much they are apart.
    const same = await generate({
      attention: window,
      guidance: { kind: "classifier-free", strength: 3, otherwise: prompt(40) },
    });
    assert.deepEqual(same.ids, (await generate({ attention: window })).ids);
  });

  it("compares the options of a choice without losing what it saw", async () => {
    const choice = (attention: Attention) =>
      generate({ attention, scores: true, constraint: { kind: "choice", options: ["abcdefgh", "xy", "abcd"] } });
    const [wide, dense] = [await choice({ ...window, window: 60 }), await choice("auto")];
    wide.scores!.forEach(({ probability }, i) =>
      assert.ok(Math.abs(probability - dense.scores![i]!.probability) < 1e-5),
    );
    const narrow = await choice(window);
    assert.deepEqual((await choice(window)).scores, narrow.scores);
  });

  it("works with adapters, and refuses those that put keys in front by their name", async () => {
    const one = { path: writeTinyModel(tinyModel()), precision: "exact" } as const;
    const adapters = [{ path: writePeftFolder() }];
    const wide = await generate({ model: one, attention: { ...window, window: 60 }, adapters });
    assert.deepEqual(wide.ids, (await generate({ model: one, adapters })).ids);
    const narrow = await generate({ model: one, attention: window, adapters });
    assert.equal(narrow.usage.attention?.pattern, "streaming");
    const prefix = writePeftFolder({
      config: {
        peft_type: "PREFIX_TUNING",
        num_virtual_tokens: 2,
        token_dim: 16,
        num_layers: 1,
        prefix_projection: false,
      },
      tensors: { prompt_embeddings: { shape: [2, 32], values: Array<number>(64).fill(0.1) } },
    });
    const refused = generate({ model: one, attention: window, adapters: [{ path: prefix }] });
    await assert.rejects(refused, { code: "usage", message: /prefix tuning cannot be used with sparse attention/ });
  });

  const wrong: readonly (readonly [string, Attention, RegExp])[] = [
    ["a window of 0", { pattern: "streaming", window: 0 }, /window of streaming attention: a whole number from 1/],
    ["half a sink", { pattern: "streaming", sinks: 0.5 }, /sinks of streaming attention/],
    ["an endless window above the context", { pattern: "streaming", endless: true }, /looks at 1343 positions at once/],
    ["a stride and columns", { pattern: "block-sparse", stride: 2, columns: 2 }, /not at both/],
    ["more columns than a block has", { pattern: "block-sparse", block: 8, columns: 9 }, /from 1 to 8, not 9/],
    ["an unknown pattern", { pattern: "sideways" } as unknown as Attention, /no attention pattern "sideways"/],
  ];
  for (const [name, attention, message] of wrong)
    it(`is refused with ${name}`, () => assert.rejects(generate({ attention }), { code: "usage", message }));
});

function furthest(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, row, i) => row.reduce((m, it, k) => Math.max(m, Math.abs(it - b[i]![k]!)), most), 0);
}
