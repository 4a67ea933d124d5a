// Guessing changes the time that a text takes, and nothing else: the same logits after each token, the same cache behind it.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import fc from "fast-check";

import { silentLog } from "../../../src/base/log.js";
import { PrefixCache } from "../../../src/engine/cache/prefixCache.js";
import { createBranch, type Branch } from "../../../src/engine/decode/branch.js";
import { lookupBranch } from "../../../src/engine/decode/lookup/lookupBranch.js";
import { createLocalEngine } from "../../../src/engine/localEngine.js";
import type { KvCache } from "../../../src/engine/ort/kvCache.js";
import type { Reader } from "../../../src/engine/reader.js";
import type { GenerateRequest } from "../../../src/protocol/engine.js";
import { modelPath } from "../golden/goldenModel.js";

const VOCABULARY = 6;
const CAPACITY = 60;

describe("any text", () => {
  // Steps of one token and of several, few different tokens: guesses are right, wrong, and cut off at every place.
  const token = fc.integer({ min: 0, max: VOCABULARY - 1 });
  /** A text that repeats itself, goes on so, and is broken here and there. */
  const texts = fc
    .record({
      part: fc.array(token, { minLength: 1, maxLength: 7 }),
      times: fc.integer({ min: 1, max: 3 }),
      steps: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 16 }),
      others: fc.dictionary(fc.integer({ min: 0, max: 23 }).map(String), token, { maxKeys: 3 }),
      limit: fc.integer({ min: 1, max: 60 }),
    })
    .map(({ part, times, steps, others, limit }) => {
      const idAt = (i: number) => others[i] ?? part[i % part.length]!;
      const prompt = Array.from({ length: part.length * times }, (_, i) => part[i % part.length]!);
      let at = 0;
      // Most steps are of one token, as of a model that is asked for each.
      const sizes = steps.map((it) => Math.max(1, it - 9));
      return { prompt, limit, steps: sizes.map((size) => Array.from({ length: size }, () => idAt(at++))) };
    });

  it("has the logits and the cache that it has without guesses", async () => {
    let guesses = 0;
    await fc.assert(
      fc.asyncProperty(texts, async ({ prompt, steps, limit }) => {
        const plain = fakeReader();
        const looking = fakeReader();
        const options = { precision: "fast", vocabularySize: VOCABULARY, limit } as const;
        const other = lookupBranch(looking.reader, prompt, options);
        assert.deepEqual(await logits(other, steps), await logits(createBranch(plain.reader, prompt), steps));
        assert.deepEqual(looking.known(), plain.known());
        assert.ok(looking.mostRead() <= CAPACITY);
        guesses += other.lookup!().acceptedTokens;
      }),
      { numRuns: 400 },
    );
    assert.ok(100 < guesses, `${guesses} guesses were right`);
  });

  it("takes fewer steps where it repeats itself, and not many more tokens where it does not", async () => {
    const looking = fakeReader();
    const repeating = Array.from({ length: 30 }, (_, i) => [i % 3]);
    const branch = lookupBranch(looking.reader, [0, 1, 2, 0, 1, 2], { ...small, limit: 40 });
    await logits(branch, repeating);
    const { steps, draftedTokens, acceptedTokens } = branch.lookup!();
    assert.equal(steps + acceptedTokens, 30);
    assert.ok(steps <= 10, `${steps} steps`);
    assert.ok(draftedTokens - acceptedTokens <= 15);
  });

  it("is guessed no further than it may become", async () => {
    const looking = fakeReader();
    const prompt = Array.from({ length: 12 }, (_, i) => i % 2);
    const branch = lookupBranch(looking.reader, prompt, { ...small, limit: 4 });
    await logits(branch, [[0], [1], [0], [1]]);
    assert.ok(looking.mostRead() <= prompt.length + 4);
  });
});

const small = { precision: "fast", vocabularySize: VOCABULARY } as const;

async function logits(branch: Branch, steps: readonly (readonly number[])[]): Promise<readonly number[][]> {
  const { signal } = new AbortController();
  const all = [[...(await branch.begin({ signal }))!]];
  for (const ids of steps) all.push([...(await branch.append(ids))]);
  branch.release();
  return all;
}

/** Its logits tell all tokens before them; its cache, all that are in it. */
function fakeReader() {
  let most = 0;
  class Cache implements KvCache {
    ids: number[] = [];
    readonly capacity = CAPACITY;
    get length() {
      return this.ids.length;
    }
    get room() {
      return CAPACITY - this.ids.length;
    }
    truncate(length: number): void {
      this.ids.length = Math.min(this.ids.length, length);
    }
    copyFrom(other: KvCache, length: number): void {
      this.ids = (other as Cache).ids.slice(0, length);
    }
    fill(): void {}
    dispose(): void {}
  }
  const cache = new Cache();
  const prefixes = new PrefixCache({ newCache: () => cache, slots: 1 });
  const after = (ids: readonly number[]) => {
    const hash = ids.reduce((sum, id) => (sum * 31 + id + 1) % 65_521, 7);
    return Array.from({ length: VOCABULARY }, (_, i) => (hash * (i + 3)) % 1009);
  };
  const reader: Pick<Reader, "lease" | "read"> = {
    lease: (ids) => prefixes.lease(ids),
    read(_, ids, rows) {
      const from = cache.ids.length;
      cache.ids.push(...ids);
      most = Math.max(most, cache.ids.length);
      return Promise.resolve(Float32Array.from(rows.flatMap((row) => after(cache.ids.slice(0, from + row + 1)))));
    },
  };
  return { reader: reader as Reader, known: () => cache.ids, mostRead: () => most };
}

describe("the embedded model, in exact arithmetic", () => {
  const engine = createLocalEngine({ log: silentLog });
  after(() => engine.dispose());
  const model = { path: modelPath, contextTokens: 1024, precision: "exact" } as const;
  const code = "const least = Math.min(...values);\nconst most = Math.max(...values);\nreturn { least, most };\n";
  const copying = { type: "text", text: `${code}\nThe same once more:\n\n${code.slice(0, 20)}` } as const;
  const cases: Readonly<Record<string, Omit<GenerateRequest, "model">>> = {
    "the likeliest text": { prompt: copying, maxTokens: 40 },
    "a drawn text": { prompt: copying, maxTokens: 40, sampling: { temperature: 0.8, topP: 0.95, seed: 3 } },
    "a text with penalties": { prompt: copying, maxTokens: 40, sampling: { frequencyPenalty: 0.2 } },
    "a text up to a stop": { prompt: copying, maxTokens: 40, stop: ["return"] },
    "a healed text": { prompt: copying, maxTokens: 40, heal: true },
    "a constrained text": {
      prompt: copying,
      maxTokens: 60,
      constraint: { kind: "regex", source: "[a-z .;=(){},\\n]{20,90}" },
    },
    "a text with biased words": { prompt: copying, maxTokens: 30, wordBias: { most: 2 } },
  };
  for (const [title, request] of Object.entries(cases)) {
    it(`writes ${title} as without guesses`, async () => {
      const write = (more: Partial<GenerateRequest>) =>
        engine.generate({ ...request, ...more, model, top: 2 }, (it) => events.push(it), new AbortController().signal);
      let events: unknown[] = [];
      const plain = await write({});
      const told = events.filter(isToken).map(tokenOf);
      events = [];
      const looking = await write({ promptLookup: true });
      assert.deepEqual(looking.ids, plain.ids);
      assert.deepEqual([looking.text, looking.finish], [plain.text, plain.finish]);
      const asTold = events.filter(isToken).map(tokenOf);
      assert.equal(asTold.length, told.length);
      // Kernels for one token and for several round differently in the sixth digit.
      for (const [i, it] of asTold.entries()) assert.ok(Math.abs(it - told[i]!) < 1e-3, `${it} and ${told[i]}`);
      assert.equal(plain.usage.lookup, undefined);
      assert.ok(0 < looking.usage.lookup!.acceptedTokens, JSON.stringify(looking.usage.lookup));
    });
  }

  it("reads on from what was written as if nothing had been guessed", async () => {
    const ask = (more: Partial<GenerateRequest>) =>
      engine.generate(
        { prompt: copying, maxTokens: 25, ...more, model },
        () => undefined,
        new AbortController().signal,
      );
    const { ids } = await ask({ promptLookup: true });
    const known = await engine.tokenize({ model, prompt: copying }, () => undefined, new AbortController().signal);
    const prompt = { type: "ids", ids: [...known.ids, ...ids] } as const;
    const next = await ask({ prompt });
    assert.ok(next.usage.promptTokens - next.usage.cachedTokens <= 2, "what was written is known");
    await engine.unload({ model }, () => undefined, new AbortController().signal);
    assert.deepEqual((await ask({ prompt })).ids, next.ids);
  });

  it("guesses nothing where attention forgets, and says so by leaving it out", async () => {
    const attention = { pattern: "streaming", sinks: 4, window: 32, chunk: 8 } as const;
    const request = { prompt: copying, maxTokens: 10, attention, promptLookup: true, model };
    const { usage } = await engine.generate(request, () => undefined, new AbortController().signal);
    assert.equal(usage.lookup, undefined);
  });
});

const isToken = (event: unknown): event is { type: "token"; token: { id: number; logprob?: number } } =>
  (event as { type: string }).type === "token";
const tokenOf = ({ token }: { token: { logprob?: number } }) => token.logprob ?? 0;
