// Guidance by experts, by contrast and by words, on small models whose text is nonsense: what the logits become, against the
// formulas written out on what the models say alone. Classifier-free guidance has reference numbers: golden/guidance.test.ts.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { silentLog } from "../../src/base/log.js";
import { createLocalEngine, type LocalEngine } from "../../src/engine/localEngine.js";
import type {
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  Guidance,
  TokenEvent,
} from "../../src/protocol/engine.js";
import { writePeftFolder } from "./peftFolder.js";
import { tinyModel, writeTinyModel, type TinyModel } from "./tinyModel.js";

const prompt = { type: "ids", ids: [40, 50, 60, 70] } as const;
const VOCABULARY = 261;

/** Two layers; without the second one it is `tinyModel()`. */
function twoLayers(): TinyModel {
  const model = tinyModel();
  model.metadata["llama.block_count"] = 2;
  const second = model.tensors.filter((it) => it.name.startsWith("blk.0."));
  model.tensors.push(...second.map((it) => ({ ...it, name: it.name.replace("blk.0", "blk.1") })));
  return model;
}

describe("guidance", () => {
  let engine: LocalEngine;
  const one = { path: writeTinyModel(tinyModel()), precision: "exact" } as const;
  const two = { path: writeTinyModel(twoLayers()), precision: "exact" } as const;
  const adapter = { path: writePeftFolder() };
  before(() => (engine = createLocalEngine({ log: silentLog })));
  after(() => engine.dispose());

  async function run(request: Partial<GenerateRequest>): Promise<{ result: GenerateResult; tokens: TokenEvent[] }> {
    const tokens: TokenEvent[] = [];
    const onEvent = (event: GenerateEvent) => void (event.type === "token" && tokens.push(event));
    const whole = { model: one, prompt, maxTokens: 1, top: VOCABULARY, ...request };
    return { result: await engine.generate(whole, onEvent, new AbortController().signal), tokens };
  }

  /** Log-probabilities of all tokens behind the prompt. */
  async function logprobs(request: Partial<GenerateRequest>): Promise<number[]> {
    const { tokens } = await run(request);
    const all = Array<number>(VOCABULARY).fill(NaN);
    for (const it of tokens[0]!.top) all[it.id] = it.logprob;
    return all;
  }

  const normalised = (scores: readonly number[]): number[] => {
    const total = Math.log(scores.reduce((sum, it) => sum + Math.exp(it), 0));
    return scores.map((it) => it - total);
  };

  function checkClose(actual: readonly number[], expected: readonly number[]): void {
    actual.forEach((it, i) => assert.ok(Math.abs(it - expected[i]!) < 1e-4, `${i}: ${it}, expected ${expected[i]}`));
  }

  for (const strength of [0.5, 1, 2])
    it(`contrasts a model with its first layer at strength ${strength}`, async () => {
      const guidance: Guidance = { kind: "contrastive", amateur: { layers: 1 }, strength, plausibility: 0 };
      const [all, early] = [await logprobs({ model: two }), await logprobs({ model: one })];
      const expected = normalised(all.map((it, i) => it - strength * early[i]!));
      checkClose(await logprobs({ model: two, guidance }), expected);
    });

  it("contrasts two models with the same tokens", async () => {
    const guidance: Guidance = { kind: "contrastive", amateur: { model: one }, plausibility: 0 };
    const [all, early] = [await logprobs({ model: two }), await logprobs({ model: one })];
    checkClose(await logprobs({ model: two, guidance }), normalised(all.map((it, i) => it - early[i]!)));
    const whole = await run({ model: two, guidance, maxTokens: 8 });
    const layers = await run({ model: two, guidance: { ...guidance, amateur: { layers: 1 } }, maxTokens: 8 });
    assert.deepEqual(whole.result.ids, layers.result.ids);
  });

  it("does not choose what the model itself finds implausible, unless a constraint leaves nothing else", async () => {
    const guidance: Guidance = { kind: "contrastive", amateur: { layers: 1 }, strength: 2, plausibility: 0.9 };
    const alone = await logprobs({ model: two });
    const { tokens } = await run({ model: two, guidance, maxTokens: 1 });
    const best = Math.max(...alone);
    assert.ok(best + Math.log(0.9) <= alone[tokens[0]!.token.id]!);
    const constraint = { kind: "choice", options: ["zz"] } as const;
    assert.equal((await run({ model: two, guidance, constraint, maxTokens: 9 })).result.text, "zz");
  });

  it("goes towards an expert and away from an anti-expert", async () => {
    const base = await logprobs({});
    const pulled = await logprobs({ adapters: [adapter] });
    const difference = pulled.map((it, i) => it - base[i]!);
    assert.ok(0.05 < Math.max(...difference.map(Math.abs)), "the adapter has an effect");
    const along = (strength: number) => normalised(base.map((it, i) => it + strength * difference[i]!));
    const expert = [adapter];
    checkClose(await logprobs({ guidance: { kind: "experts", expert, strength: 2 } }), along(2));
    checkClose(await logprobs({ guidance: { kind: "experts", antiExpert: expert, strength: 2 } }), along(-2));
    const half = [{ ...adapter, scale: 0.5 }];
    const between = await logprobs({ adapters: half });
    checkClose(
      await logprobs({ guidance: { kind: "experts", expert, antiExpert: half, strength: 1.5 } }),
      normalised(base.map((it, i) => it + 1.5 * (pulled[i]! - between[i]!))),
    );
  });

  it("is not there at all where it has no strength", async () => {
    const plain = await run({ model: two, maxTokens: 8 });
    const none: Guidance[] = [
      { kind: "contrastive", amateur: { layers: 1 }, strength: 0 },
      { kind: "experts", expert: [adapter], strength: 0 },
      { kind: "classifier-free", otherwise: { type: "ids", ids: [1, 2] }, strength: 1 },
    ];
    for (const guidance of none) {
      const { result, tokens } = await run({ model: two, guidance, maxTokens: 8 });
      assert.deepEqual(tokens, plain.tokens);
      assert.equal(result.usage.guidance, undefined);
    }
  });

  it("reads what both prompts begin with once", async () => {
    const common = Array.from({ length: 20 }, (_, i) => 30 + i);
    const ids = [...common, 90, 91];
    const other = { type: "ids", ids: [...common, 92] } as const;
    const guidance: Guidance = { kind: "classifier-free", otherwise: other, strength: 2 };
    const guided = await run({ prompt: { type: "ids", ids }, guidance });
    assert.deepEqual([guided.result.usage.cachedTokens, guided.result.usage.guidance!.sharedTokens], [0, 20]);
    // And the formula holds on what was shared.
    const [wanted, unwanted] = [await logprobs({ prompt: { type: "ids", ids } }), await logprobs({ prompt: other })];
    const expected = normalised(wanted.map((it, i) => unwanted[i]! + 2 * (it - unwanted[i]!)));
    for (const it of guided.tokens[0]!.top) assert.ok(Math.abs(it.logprob - expected[it.id]!) < 1e-4);
  });

  it("reads a prompt that nobody has read before, also behind early layers", async () => {
    const ids = Array.from({ length: 9 }, (_, i) => 100 + i);
    const guidance: Guidance = { kind: "contrastive", amateur: { layers: 1 } };
    const { result } = await run({ model: two, prompt: { type: "ids", ids }, guidance, maxTokens: 2 });
    assert.deepEqual([result.usage.cachedTokens, result.usage.guidance!.readings], [0, 2]);
  });

  it("tells of each token what it was before, and how many have changed", async () => {
    const guidance: Guidance = { kind: "contrastive", amateur: { layers: 1 }, strength: 2, plausibility: 0 };
    const { result, tokens } = await run({ model: two, guidance, maxTokens: 8, top: 3 });
    const { readings, askedTokens, changedTokens } = result.usage.guidance!;
    assert.deepEqual([readings, askedTokens], [2, tokens.length]);
    assert.equal(tokens.filter((it) => it.changed === true).length, changedTokens);
    assert.ok(0 < changedTokens);
    for (const { top, changed } of tokens) {
      const before = [...top].sort((a, b) => b.unguided! - a.unguided!)[0]!;
      assert.equal(before.id !== top[0]!.id, changed);
    }
    const alone = await logprobs({ model: two });
    for (const it of tokens[0]!.top) assert.ok(Math.abs(it.unguided! - alone[it.id]!) < 1e-4);
  });

  const wrong: Record<string, Partial<GenerateRequest>> = {
    "a strength that is no number": { guidance: { kind: "experts", expert: [adapter], strength: NaN } },
    "a strength beyond all use": { guidance: { kind: "experts", expert: [adapter], strength: 1e9 } },
    "a negative strength": { guidance: { kind: "classifier-free", otherwise: prompt, strength: -1 } },
    "a plausibility above 1": {
      guidance: { kind: "contrastive", amateur: { layers: 1 }, plausibility: 1.5 },
      model: two,
    },
    "a layer that is the last": { guidance: { kind: "contrastive", amateur: { layers: 2 } }, model: two },
    "half a layer": { guidance: { kind: "contrastive", amateur: { layers: 0.5 } }, model: two },
    "neither expert nor anti-expert": { guidance: { kind: "experts", strength: 1 } },
    "guidance of another kind": { guidance: { kind: "magic" } as unknown as Guidance },
    "a bias that is no number": { wordBias: { the: NaN } },
    "a bias of infinity": { wordBias: { the: Infinity } },
    "a bias of nothing": { wordBias: { " ": 1 } },
    "scores of a choice under guidance": {
      guidance: { kind: "experts", expert: [adapter], strength: 1 },
      constraint: { kind: "choice", options: ["a", "b"] },
      scores: true,
    },
  };
  for (const [title, request] of Object.entries(wrong))
    it(`refuses ${title}`, () => assert.rejects(run(request), { code: "usage" }));

  it("refuses a second model with other tokens", async () => {
    const other = tinyModel();
    (other.metadata["tokenizer.ggml.tokens"] as string[])[0] = "<|other|>";
    const guidance: Guidance = { kind: "contrastive", amateur: { model: { path: writeTinyModel(other) } } };
    await assert.rejects(run({ guidance }), { code: "usage" });
  });

  it("refuses another prompt that is longer than the context, and says which one", async () => {
    const otherwise = { type: "ids", ids: Array<number>(70).fill(40) } as const;
    const guidance: Guidance = { kind: "classifier-free", otherwise, strength: 2 };
    await assert.rejects(run({ guidance }), { code: "prompt-too-long", message: /other prompt has 70 tokens/ });
  });

  it("writes no end of nonsense at the largest strengths, and never NaN", async () => {
    const otherwise = { type: "ids", ids: [41, 51] } as const;
    const strong: Guidance[] = [
      { kind: "classifier-free", otherwise, strength: 100 },
      { kind: "experts", expert: [adapter], strength: 100 },
      { kind: "contrastive", amateur: { layers: 1 }, strength: 2, plausibility: 1 },
    ];
    for (const guidance of strong) {
      const { tokens } = await run({ model: guidance.kind === "experts" ? one : two, guidance, maxTokens: 8 });
      assert.ok(0 < tokens.length);
      for (const { token, top } of tokens)
        for (const { logprob, unguided } of [token, ...top])
          assert.ok(!Number.isNaN(logprob) && !Number.isNaN(unguided));
    }
  });

  describe("by words", () => {
    const letters = (text: string) => [...text].map((it) => it.charCodeAt(0));
    const isWritten = async (text: string, bias: number) => {
      const { result } = await run({ wordBias: { [text]: bias }, maxTokens: 12, top: 0 });
      return result.text.includes(text);
    };

    it("adds a bias to the tokens that begin the word, behind a space too, and to no others", async () => {
      const [before, after] = [await logprobs({}), await logprobs({ wordBias: { x: 3 } })];
      const { ids } = await engine.tokenize(
        { model: one, prompt: { type: "text", text: "xX " } },
        () => undefined,
        new AbortController().signal,
      );
      const expected = normalised(before.map((it, id) => (ids.includes(id) ? it + 3 : it)));
      checkClose(after, expected);
    });

    it("pulls a word in as a whole", async () => {
      assert.equal(await isWritten("qzj", 0.001), false);
      assert.equal(await isWritten("qzj", 50), true);
    });

    it("puts a negative bias on the end of a word alone", async () => {
      const [before, after] = [await logprobs({}), await logprobs({ wordBias: { qz: -50 } })];
      checkClose(after, before);
      const { result } = await run({ wordBias: { q: 50, qq: -100 }, maxTokens: 6 });
      assert.doesNotMatch(result.text, /qq/i);
    });

    it("counts as guidance that reads each token once", async () => {
      const { result, tokens } = await run({ wordBias: { x: 50 }, maxTokens: 2, top: 2 });
      assert.deepEqual(result.usage.guidance?.readings, 1);
      assert.equal(tokens[0]!.changed, true);
      assert.ok(letters("xX ").length === 3 && tokens[0]!.token.unguided! < tokens[0]!.token.logprob!);
    });
  });
});
