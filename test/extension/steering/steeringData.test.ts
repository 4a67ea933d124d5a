// What the steering panel shows, from what happens to it: controls, costs, and what a run changed.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { AdapterFacts } from "../../../src/protocol/adapter.js";
import type { ModelFacts, Usage } from "../../../src/protocol/engine.js";
import type { FilledHole } from "../../../src/protocol/run.js";
import type { SteeringSectionId, SteeringState } from "../../../src/protocol/steering.js";
import { misfit } from "../../../src/extension/steering/misfit.js";
import { measureBefore } from "../../../src/extension/steering/measureBefore.js";
import { moved, type Moves } from "../../../src/extension/steering/moves.js";
import { figuresOf } from "../../../src/extension/steering/runFigures.js";
import {
  asWrittenKey,
  nothingWritten,
  startSteering,
  stateOf,
  steeredKey,
  withEnd,
  withEvent,
  withSteeredEnd,
  withSteeredStart,
  type SteeringData,
} from "../../../src/extension/steering/steeringData.js";

const model = {
  name: "SmolLM2 135M Instruct",
  path: "/m/SmolLM2-135M-Instruct.Q4_1.gguf",
  layers: 30,
  sizeBytes: 1e8,
} as ModelFacts;

function adapter(name: string, more: Partial<AdapterFacts> = {}): AdapterFacts {
  const form = { form: "lora", format: "peft", modules: [], parameterCount: 1e6, sizeBytes: 2e6 } as const;
  return {
    path: `/a/${name}`,
    weights: "",
    name,
    layers: 30,
    baseModel: "HuggingFaceTB/SmolLM2-135M-Instruct",
    ...form,
    ...more,
  };
}

const known = {
  model,
  adapters: [
    adapter("pirate"),
    adapter("formal-de", { baseModel: "Qwen/Qwen3-0.6B", layers: 28 }),
    adapter("gloomy-to-cheerful", { form: "control-vector" }),
  ],
};

function data(moves: Moves, more: Partial<SteeringData> = {}): SteeringData {
  return { ...startSteering("a.prompt", true, moves), known, source: "s", ...more };
}

function hole(text: string, usage: Partial<Usage> = {}, more: Partial<FilledHole> = {}): FilledHole {
  const all = { promptTokens: 20, cachedTokens: 0, completionTokens: 10, prefillMs: 5, decodeMs: 100, ...usage };
  return { name: "answer", text, value: text, hidden: false, finish: "stop", usage: all, ...more };
}

/** Both runs are over. */
function ran(moves: Moves, before: FilledHole, after: FilledHole, more: Partial<SteeringData> = {}): SteeringData {
  const own = data(moves, more);
  const asWritten = { key: asWrittenKey(own), figures: figuresOf({ holes: [before] }) };
  const figures = figuresOf({ holes: [after] });
  const measured = (after.presets ?? []).map((it) => ({ ...it, passed: false }));
  return withSteeredEnd({ ...own, asWritten }, { key: steeredKey(own), figures, before: measured });
}

const section = (state: SteeringState, id: SteeringSectionId) => state.sections.find((it) => it.id === id)!;
const cost = (state: SteeringState, id: SteeringSectionId) => section(state, id).cost?.text;
const costs = (state: SteeringState) => state.sections.map((it) => it.cost?.text);

test("without a prompt there are no controls", () => {
  const state = stateOf(startSteering(undefined, true, {}));
  assert.deepEqual([state.title, state.sections], [undefined, []]);
});

test("untouched, nothing is steered and nothing costs anything", () => {
  const state = stateOf(data({}));
  assert.equal(state.isSteered, false);
  assert.deepEqual(costs(state), Array(5).fill("no cost"));
  assert.ok(state.sections.every((it) => !it.isSteered && it.controls.every((one) => !one.changed)));
});

test("a moved control is marked, in its section alone", () => {
  const state = stateOf(data({ strength: 1.5 }));
  const changed = state.sections.flatMap((it) => it.controls.filter((one) => one.changed).map((one) => one.id));
  assert.deepEqual(changed, ["strength"]);
  assert.deepEqual(
    state.sections.filter((it) => it.isSteered).map((it) => it.id),
    ["guidance"],
  );
});

test("a seed alone steers nothing, and both runs have it", () => {
  assert.equal(stateOf(data({ seed: 3 })).isSteered, false);
  assert.notEqual(asWrittenKey(data({ seed: 3 })), asWrittenKey(data({})));
  assert.equal(asWrittenKey(data({ seed: 3, tone: "plain" })), asWrittenKey(data({ seed: 3 })));
});

test("what the file says is the first choice, and can be taken away", () => {
  const written = {
    ...nothingWritten,
    guide: { tone: "like a pirate", length: { words: { max: 40 } }, language: "de" },
  };
  const { controls } = section(stateOf(data({}, { written })), "style");
  const options = (id: string) => {
    const control = controls.find((it) => it.id === id);
    assert.ok(control?.kind === "choice");
    return control.options.slice(0, 2).map((it) => it.label);
  };
  assert.deepEqual(options("tone"), ["like a pirate (as written)", "none"]);
  assert.deepEqual(options("language"), ["German (as written)", "none"]);
  assert.deepEqual(options("length"), ["at most 40 words (as written)", "none"]);
  assert.deepEqual(options("audience"), ["as written", "children"]);
});

test("known vectors are sliders between both their ends, adapters only where they are used", () => {
  const state = stateOf(data({ "vector:gloomy-to-cheerful": 0.4 }));
  const [vector] = section(state, "vectors").controls;
  assert.ok(vector?.kind === "slider");
  assert.deepEqual([vector.poles, vector.text, vector.min, vector.max], [["gloomy", "cheerful"], "+0.40", -1, 1]);
  assert.deepEqual(
    section(state, "adapters").controls.map((it) => it.id),
    ["adapter:formal-de"],
  );
  assert.deepEqual(
    section(stateOf(data({ "adapter:pirate": 1 })), "adapters").controls.map((it) => [it.id, it.kind]),
    [
      ["adapter:pirate", "slider"],
      ["adapter:formal-de", "refused"],
    ],
  );
});

test("an adapter made for another model is shown with the reason", () => {
  const why = misfit(adapter("x", { baseModel: "Qwen/Qwen3-0.6B", layers: 28 }), model);
  assert.equal(why?.reason, "made for Qwen3-0.6B");
  assert.match(why.detail, /28 layers, and SmolLM2 135M Instruct has 30/);
  assert.equal(misfit(adapter("x"), model), undefined);
  assert.equal(
    misfit(adapter("x", { baseModel: "me/my-smol-finetune" }), model),
    undefined,
    "a relative of the same depth",
  );
  assert.equal(misfit(adapter("x", { layers: 12 }), model), undefined, "some layers of the right model");
  assert.notEqual(misfit(adapter("x", { layers: 31 }), model), undefined, "more layers than there are");
});

test("what is emphasised has the language's own strength, until the slider says another", () => {
  const strength = (moves: Moves) => {
    const [control] = section(stateOf(data(moves)), "guidance").controls;
    assert.ok(control?.kind === "slider");
    return [control.value, control.changed];
  };
  assert.deepEqual(strength({ negative: "vague" }), [1.5, false]);
  assert.deepEqual(strength({ negative: "vague", strength: 1 }), [1, true]);
  assert.deepEqual(moved({ negative: "vague" }, "strength", 1, nothingWritten), { negative: "vague", strength: 1 });
  assert.deepEqual(moved({ negative: "vague" }, "strength", 1.5, nothingWritten), { negative: "vague" });
});

test("the text as written is measured by the presets of the steered one", () => {
  const avoid = { control: "avoid", target: "sorry", result: "none of 1 found", score: 1, passed: true } as const;
  const asWritten = figuresOf({ holes: [hole("I am Sorry. So sorry.")] });
  const steered = figuresOf({ holes: [hole("Hi.", {}, { presets: [avoid] })] });
  const guide = { avoid: ["sorry"], length: { sentences: { max: 1 } }, tone: null };
  const checks = measureBefore(guide, asWritten, steered);
  assert.deepEqual(
    checks.map((it) => [it.control, it.passed]),
    [["avoid", false]],
  );
});

test("a slider reaches as far as the file's own value", () => {
  const written = { ...nothingWritten, guide: { strength: 7 }, adapters: [{ name: "pirate", scale: -3 }] };
  const state = stateOf(data({}, { written }));
  const ends = (id: SteeringSectionId) => {
    const [control] = section(state, id).controls;
    assert.ok(control?.kind === "slider");
    return [control.min, control.max, control.value];
  };
  assert.deepEqual(ends("guidance"), [1, 7, 7]);
  assert.deepEqual(ends("adapters"), [-3, 2, -3]);
});

// ------------------------------------------------------------------------------------------------ costs

test("style costs the tokens that the prompt has more, as measured", () => {
  const state = stateOf(ran({ tone: "friendly" }, hole("Hi."), hole("Hi!", { promptTokens: 34 })));
  assert.equal(cost(state, "style"), "+14 tokens");
});

test("where only guidance was moved, its time is measured", () => {
  const guidance = { readings: 2, sharedTokens: 0, askedTokens: 41, changedTokens: 9 };
  const state = stateOf(ran({ strength: 1.5 }, hole("Hi."), hole("Hi!", { decodeMs: 140, guidance })));
  const { text, isHigh, reason } = section(state, "guidance").cost!;
  assert.deepEqual([text, isHigh], ["×1.4 time", true]);
  assert.match(reason, /^Measured/);
  assert.match(section(state, "guidance").note!, /^Changed 9 of 41 tokens/);
});

test("where several things were moved, readings are told and the rest is estimated, and says so", () => {
  const moves = { strength: 1.5, "adapter:pirate": 1, "vector:gloomy-to-cheerful": 0.5 };
  const guidance = { readings: 2, sharedTokens: 0, askedTokens: 4, changedTokens: 1 };
  const state = stateOf(ran(moves, hole("Hi."), hole("Hi!", { decodeMs: 150, guidance })));
  assert.deepEqual(costs(state), ["no cost", "2 readings", "≈ ×1.01 time", "≈ ×1.02 time", "no cost"]);
  for (const id of ["vectors", "adapters"] as const) assert.match(section(state, id).cost!.reason, /^Estimated/);
  assert.equal(state.result?.rows.find((it) => it.isSum)?.steered, "×1.5 time");
});

test("costs of an older run are not told for what is set now", () => {
  const before = ran({ tone: "friendly" }, hole("Hi."), hole("Hi!", { promptTokens: 34 }));
  const state = stateOf({ ...before, moves: { tone: "plain" } });
  assert.equal(cost(state, "style"), undefined);
  assert.equal(state.result?.isOld, true);
});

const candidate = { text: "Hi!", seed: 0, meanLogprob: -1, presets: undefined, chosen: true };

test("best of 4 costs four texts until it was measured", () => {
  assert.equal(cost(stateOf(data({ bestOf: 4 })), "sampling"), "4 texts");
  const state = stateOf(
    ran({ bestOf: 4 }, hole("Hi."), hole("Hi!", { decodeMs: 105 }, { candidates: [candidate, candidate] })),
  );
  assert.equal(cost(state, "sampling"), "×2.1 time");
  assert.match(section(state, "sampling").cost!.reason, /^Estimated/);
});

// ------------------------------------------------------------------------------------------------ a run

test("what changed is shown by words, with the speed of both runs and the cost of all", () => {
  const presets = [
    { control: "tone", target: "friendly", result: "friendly, 0.81", score: 0.81, passed: true },
    { control: "length", target: "1 sentence", result: "2 sentences", score: 0.5, passed: false },
  ] as const;
  const state = stateOf(
    ran({ tone: "friendly" }, hole("We hear you."), hole("We like you.", { decodeMs: 150 }, { presets })),
  );
  assert.deepEqual(state.result?.holes, [
    {
      name: "answer",
      parts: [
        { kind: "same", text: "We " },
        { kind: "removed", text: "hear" },
        { kind: "added", text: "like" },
        { kind: "same", text: " you." },
      ],
    },
  ]);
  assert.deepEqual(
    state.result.rows.map((it) => [it.label, it.asWritten, it.steered]),
    [
      ["Speed, tok/s", "100", "67"],
      ["Tokens written", "10", "10"],
      ["Presets kept", "0 of 2", "1 of 2"],
      ["Cost of all", "", "×1.5 time"],
    ],
  );
  assert.deepEqual(
    section(state, "style").checks.map((it) => it.passed),
    [true, false],
  );
});

test("while it is written, the text grows, hidden holes stay hidden, and a text that failed begins anew", () => {
  let state = withSteeredStart(data({ tone: "plain" }));
  for (const event of [
    { type: "hole", name: "thought", hidden: true },
    { type: "text", name: "thought", text: "hm" },
    { type: "hole", name: "answer" },
    { type: "text", name: "answer", text: "No" },
    { type: "failed", name: "answer", attempt: 1, problem: "no" },
    { type: "text", name: "answer", text: "Ye" },
    { type: "text", name: "answer", text: "s" },
  ] as const)
    state = withEvent(state, "steered", event);
  const { result, run } = stateOf(state);
  assert.equal(run.kind, "steered");
  assert.deepEqual(result, {
    isWriting: true,
    isOld: false,
    holes: [{ name: "answer", parts: [{ kind: "same", text: "Yes" }] }],
    rows: [],
  });
});

test("a run that fails says why, and what was shown before stays", () => {
  const before = ran({ tone: "plain" }, hole("a"), hole("b"));
  const state = stateOf(withEnd(withSteeredStart(before), { kind: "failed", message: "No memory." }));
  assert.deepEqual(state.run, { kind: "failed", message: "No memory." });
  assert.equal(state.result?.isWriting, false);
  assert.equal(state.result.holes[0]?.parts.length, 2);
});

test("two texts that are too short for a time say so", () => {
  const short = hole("a", { completionTokens: 1 });
  const state = stateOf(ran({ tone: "plain" }, short, short));
  assert.equal(state.result?.rows.at(-1)?.steered, "too short to tell");
});
