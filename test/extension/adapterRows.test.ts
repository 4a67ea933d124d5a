// What the Adapters view says of an adapter, by what it is, whether it is in memory and whether the open prompt uses it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { adapterRows } from "../../src/extension/adapters/adapterRows.js";
import type { AdapterFacts } from "../../src/protocol/adapter.js";

const pirate: AdapterFacts = {
  path: "/a/pirate",
  weights: "/a/pirate/adapter_model.safetensors",
  name: "pirate",
  form: "lora",
  format: "peft",
  baseModel: "SmolLM2",
  rank: 8,
  modules: ["q_proj", "v_proj"],
  layers: 30,
  parameterCount: 921_600,
  sizeBytes: 1_850_000,
  description: "Answers in pirate speech.",
};
const rowOf = (facts: AdapterFacts, used = new Map(), loaded = new Set<string>()) =>
  adapterRows({ adapters: [facts], broken: [] }, { used, loaded })[0]!;

test("an adapter is shown with its form, rank and size, and what it was trained on in the tooltip", () => {
  const row = rowOf(pirate);
  assert.equal(row.description, "LoRA of rank 8 · 1.9 MB");
  assert.deepEqual([row.state, row.icon], ["unused", "circle-outline"]);
  assert.deepEqual(row.tooltip, [
    "**pirate** (not loaded)",
    "Answers in pirate speech.",
    "Trained on `SmolLM2`",
    "LoRA of rank 8 on `q_proj`, `v_proj` of 30 layers; 921,600 parameters, 1.9 MB",
    "`/a/pirate`",
  ]);
});

test("an adapter of the open prompt is shown with its scale", () => {
  const row = rowOf(pirate, new Map([["/a/pirate", { name: "pirate", scale: 0.1 + 0.2 }]]));
  assert.equal(row.description, "scale 0.3 · LoRA of rank 8 · 1.9 MB");
  assert.deepEqual([row.state, row.icon], ["used", "check"]);
  assert.match(row.spoken, /used by the open prompt/);
});

test("an adapter in memory says so, to eyes and to ears", () => {
  const row = rowOf(pirate, new Map(), new Set(["/a/pirate"]));
  assert.equal(row.icon, "circle-filled");
  assert.match(row.spoken, /in memory/);
});

test("forms without a rank are named by what they have", () => {
  const { rank: _, ...rest } = pirate;
  const kind = (facts: Partial<AdapterFacts>) => rowOf({ ...rest, ...facts }).description.split(" · ")[0];
  assert.equal(kind({ form: "ia3" }), "IA3");
  assert.equal(kind({ form: "prefix-tuning", virtualTokens: 4 }), "prefix tuning of 4 positions");
  assert.equal(kind({ form: "bottleneck", rank: 16 }), "bottleneck of width 16");
  assert.equal(rowOf({ ...pirate, format: "gguf" }).description, "LoRA of rank 8 · 1.9 MB · GGUF");
});

test("what an adapter's README says is shown as text, and loads nothing", () => {
  const { tooltip } = rowOf({ ...pirate, description: "![x](https://example.com/x.png) <b>*loud*</b>" });
  assert.equal(tooltip[1], "\\!\\[x\\]\\(https\\://example.com/x.png\\) \\<b\\>\\*loud\\*\\</b\\>");
});

test("an adapter that cannot be used stands there with the reason, and has no commands", () => {
  const broken = [{ path: "/a/b", name: "b", problem: "It is a pickle file." }];
  const [row] = adapterRows({ adapters: [], broken }, { used: new Map(), loaded: new Set() });
  assert.deepEqual([row!.state, row!.icon, row!.tooltip], ["broken", "warning", ["It is a pickle file."]]);
});
