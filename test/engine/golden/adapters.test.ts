// Every form of adapter, every scale and every combination against PyTorch and PEFT (test/golden/README.md): adapters.json,
// softPrompts.json, bottleneck.json, arrow.json and controlVector.json.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { route } from "../../../src/engine/decode/route.js";
import type { LoadedModel } from "../../../src/engine/loadedModel.js";
import type { Adaptation } from "../../../src/protocol/adapter.js";
import { goldenFolder, readGolden } from "./goldenFiles.js";
import { loadEmbedded, logitsAt, logSoftmax } from "./goldenModel.js";

interface GoldenOutput {
  readonly prompt: readonly number[];
  readonly ids: readonly number[];
  readonly logprobs: readonly number[];
  readonly greedy?: { readonly ids: readonly number[]; readonly margins: readonly number[] };
}

interface GoldenVector {
  readonly strength: number;
  readonly firstLayer: number;
  readonly lastLayer: number;
  readonly outputs: readonly GoldenOutput[];
}

/** One number for each expert, by layer and module, such as `3.q_proj`. */
type ByModule = Readonly<Record<string, readonly number[]>>;

interface GoldenArrow {
  readonly topK: number;
  readonly temperature: number;
  readonly experts: number;
  readonly outputs: readonly (GoldenOutput & {
    readonly routingOfLastPosition?: ByModule;
    readonly scoresOfLastPosition?: ByModule;
  })[];
}

const MEDIAN = 0.006;
const MOST = 0.05;
/** Steps whose margin (nats) is above this must choose the stored token. */
const MARGIN = 0.05;
const ROUTING = 0.001;

const vector = join(goldenFolder, "cheerful.control-vector.gguf");
const arrow = readGolden<GoldenArrow>("arrow.json");

describe("in exact mode", () => {
  let model: LoadedModel;
  before(async () => {
    model = await loadEmbedded("exact");
  });
  after(() => model.dispose());

  for (const file of ["adapters.json", "softPrompts.json", "bottleneck.json"]) {
    for (const [name, outputs] of Object.entries(readGolden<Record<string, GoldenOutput[]>>(file))) {
      it(`${name} gives the reference's probabilities and texts`, () => check(model, outputs, adaptersOf(name)));
      if (file === "softPrompts.json") continue; // nothing of a graph's hooks
      it(`${name} gives them as constants of a graph of its own as well`, async () => {
        const adapted = await model.shelf.adapted(adaptersOf(name));
        await model.decoders.fix(adapted);
        const { decoder, isFixed, release } = await model.decoders.acquire(adapted.hooks, adapted.key);
        release();
        assert.ok(isFixed);
        assert.deepEqual(decoder.hookInputs, []);
        await check(model, outputs, adaptersOf(name));
      });
    }
  }

  for (const { strength, firstLayer, lastLayer, outputs } of readGolden<GoldenVector[]>("controlVector.json")) {
    it(`a control vector of strength ${strength} in the layers ${firstLayer} to ${lastLayer} gives the reference's`, () =>
      check(model, outputs, {
        adapters: [{ path: vector, scale: strength, layers: [firstLayer, lastLayer] }],
      }));
  }

  it("a control vector of strength 0 changes no bit, and two of them add up", async () => {
    const { prompt } = arrow.outputs[0]!;
    const logits = async (...adapters: NonNullable<Adaptation["adapters"]>) =>
      (await logitsAt(model, prompt, [prompt.length - 1], { adapters }))[0]!;
    assert.deepEqual(await logits({ path: vector, scale: 0 }), await logits());
    const whole = await logits({ path: vector, scale: 1.5 });
    const parts = await logits({ path: vector, scale: 1 }, { path: vector, scale: 0.5 });
    assert.ok(whole.every((it, i) => Math.abs(it - parts[i]!) < 0.001));
  });

  it("routing gives the reference's probabilities and texts", () => check(model, arrow.outputs, routed()));

  it("routing shows the reference's weights and scores", async () => {
    let checked = 0;
    for (const { prompt, routingOfLastPosition = {}, scoresOfLastPosition = {} } of arrow.outputs) {
      const request = { model: { path: "" }, prompt: { type: "ids", ids: prompt }, ...routed() } as const;
      const { places } = await route(model, request, new AbortController().signal);
      for (const [name, weights] of Object.entries(routingOfLastPosition)) {
        const place = places.find((it) => name === `${it.layer}.${it.module.split(".").at(-1)}`);
        assert.ok(place, `${name} is not among the places`);
        weights.forEach((it, i) =>
          assert.ok(
            Math.abs(place.weights.at(-1)![i]! - it) <= ROUTING,
            `${name}: ${place.weights.at(-1)} and not ${weights}`,
          ),
        );
        scoresOfLastPosition[name]!.forEach((it, i) =>
          assert.ok(
            Math.abs(place.scores.at(-1)![i]! - it) <= 0.01 * Math.max(1, it),
            `${name}: ${place.scores.at(-1)}`,
          ),
        );
        checked++;
      }
    }
    assert.ok(0 < checked);
  });
});

async function check(model: LoadedModel, outputs: readonly GoldenOutput[], adaptation: Adaptation): Promise<void> {
  const errors: number[] = [];
  for (const { prompt, ids, logprobs, greedy } of outputs) {
    const all = [...prompt, ...(greedy?.ids ?? [])];
    const rows = [prompt.length - 1, ...(greedy?.ids ?? []).slice(1).map((_, i) => prompt.length + i)];
    const logits = await logitsAt(model, all, rows, adaptation);
    const ours = logSoftmax(logits[0]!);
    ids.forEach((id, i) => errors.push(Math.abs(ours[id]! - logprobs[i]!)));
    greedy?.ids.forEach((id, i) => {
      if (greedy.margins[i]! <= MARGIN) return;
      const best = logits[i]!.indexOf(logits[i]!.reduce((a, b) => Math.max(a, b)));
      assert.equal(best, id, `at step ${i}`);
    });
  }
  errors.sort((a, b) => a - b);
  assert.ok(errors[errors.length >> 1]! <= MEDIAN, `median ${errors[errors.length >> 1]}`);
  assert.ok(errors.at(-1)! <= MOST, `most ${errors.at(-1)}`);
}

/** `a@0.7+b@0.3` */
function adaptersOf(names: string): Adaptation {
  const adapters = names.split("+").map((it) => {
    const [name, scale = "1"] = it.split("@");
    return { path: join(goldenFolder, "adapters", name!), scale: Number(scale) };
  });
  return { adapters };
}

function routed(): Adaptation {
  const experts = Array.from({ length: arrow.experts }, (_, i) => join(goldenFolder, "adapters", `arrow-expert-${i}`));
  assert.ok(experts.every(existsSync), "the experts are missing");
  return { routing: { experts, topK: arrow.topK, temperature: arrow.temperature } };
}
