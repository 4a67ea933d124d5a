// Models computed by WebGPU, against the CPU. The driver is one in software, and everything runs in processes of its own: native
// code that crashes there is a failure here and not the end of the tests.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { loadModel } from "../../src/engine/loadedModel.js";
import type { ProbeAnswer } from "../../src/engine/ort/deviceProbe.js";
import { testCache } from "../../src/engine/ort/selfTest.js";
import { temporaryFolder } from "../temporaryFolder.js";
import type { DeviceReport } from "./deviceChild.js";
import type { EngineReport } from "./deviceEngineChild.js";
import type { FastReport } from "./deviceFastChild.js";
import type { HooksReport } from "./deviceHooksChild.js";
import { noDevice, runOnDevice } from "./softwareDevice.js";

const root = join(import.meta.dirname, "../../..");
const own = join(root, "test/tiny");
const outside = process.env["TILLER_TINY"] ?? join(root, "../shared/models/tiny");
const skip = noDevice ?? false;
/** In float32, of logits of about 10. */
const TOLERANCE = 1e-4;

const adapter = join(own, "lora-f32/adapter.gguf");
const cases: readonly (readonly [title: string, model: string, adapter?: string])[] = [
  ["float weights", join(own, "llama-untied/model.gguf")],
  ["packed weights with residual columns", join(own, "llama-q5_1/model.gguf")],
  ["a mixture of experts", join(own, "olmoe/model.gguf")],
  ["a LoRA adapter", join(own, "llama-untied/model.gguf"), adapter],
  ["layers that see a window", join(outside, "gemma3/model.gguf")],
  ["short convolutions", join(outside, "lfm2/model.gguf")],
];

for (const [title, path, lora] of cases) {
  const missing = existsSync(path) ? false : `there is no ${path}; set TILLER_TINY`;
  test(`WebGPU gives the CPU's logits and text: ${title}`, { skip: skip || missing }, async () => {
    const child = join(import.meta.dirname, "deviceChild.js");
    const { code, signal, stdout, stderr } = await runOnDevice([child, path, ...(lora === undefined ? [] : [lora])]);
    assert.deepEqual([code, signal], [0, null], stderr);
    const { worst, largest, texts, locations, cached, facts } = JSON.parse(stdout) as DeviceReport;
    for (const [name, it] of Object.entries(worst)) assert.ok(it <= TOLERANCE, `${name}: off by ${it}`);
    assert.equal(Object.keys(worst).length, 9);
    assert.ok(1 < largest, "the logits say something");
    assert.deepEqual(texts.webgpu, texts.cpu);
    assert.deepEqual(locations, ["gpu-buffer"], "keys and values never leave the device");
    assert.equal(cached, 25, "a second request knows the beginning that it shares");
    assert.deepEqual(facts, { device: "webgpu", cache: "device" });
  });
}

test("WebGPU answers every kind of request as the CPU does, and its process ends well", { skip }, async () => {
  const child = join(import.meta.dirname, "deviceEngineChild.js");
  const model = join(own, "llama-untied/model.gguf");
  const home = temporaryFolder("device-home");
  const { code, signal, stdout, stderr } = await runOnDevice([child, model, adapter], { HOME: home });
  assert.deepEqual([code, signal], [0, null], stderr);
  const { cpu, webgpu } = JSON.parse(stdout) as EngineReport;
  assert.deepEqual([cpu.devices, webgpu.devices], [["cpu"], ["webgpu"]]);
  assert.deepEqual(webgpu.texts, cpu.texts);
  assert.equal(Object.values(cpu.texts).filter((it) => 0 < it.length).length, 12);
  assert.equal(webgpu.states.length, cpu.states.length);
  cpu.states.forEach((expected, i) => {
    const worst = expected.reduce((most, it, k) => Math.max(most, Math.abs(it - webgpu.states[i]![k]!)), 0);
    assert.ok(worst <= TOLERANCE, `hidden states ${i} are off by ${worst}`);
  });
  assert.equal(cpu.refusal, "");
  assert.match(webgpu.refusal, /kept in place, and on webgpu they cannot be\. .*\(device: cpu\)\.$/);
  // A model that is unloaded while it writes goes when the text is whole.
  assert.equal(webgpu.interrupted, "length");
});

test("in fast mode, WebGPU is as near to exact numbers as the CPU is", { skip }, async () => {
  const child = join(import.meta.dirname, "deviceFastChild.js");
  const { code, stdout, stderr } = await runOnDevice([child, join(own, "llama-mxfp4/model.gguf")]);
  assert.equal(code, 0, stderr);
  const { cpu, webgpu } = JSON.parse(stdout) as FastReport;
  assert.ok(0 < cpu && cpu < 0.02 && 0 < webgpu && webgpu <= 1.5 * cpu, stdout);
});

test("adapters of every kind act on WebGPU as on the CPU", { skip }, async () => {
  const child = join(import.meta.dirname, "deviceHooksChild.js");
  const { code, signal, stdout, stderr } = await runOnDevice([child, join(own, "llama-untied/model.gguf")]);
  assert.deepEqual([code, signal], [0, null], stderr);
  const { worst, change } = JSON.parse(stdout) as HooksReport;
  for (const [name, it] of Object.entries(worst)) assert.ok(it <= TOLERANCE, `${name}: off by ${it}`);
  for (const name of ["low ranks", "scales", "routing", "bottlenecks", "steering"])
    assert.ok(0.01 < change[name]!, `${name} act: ${change[name]}`);
  assert.equal(Object.keys(worst).length, 7);
});

test("a trial finds what the software driver computes rightly, and what not", { skip }, async () => {
  const probe = join(import.meta.dirname, "../../src/engine/ort/probeProcess.js");
  const { code, stdout, stderr } = await runOnDevice([probe, "webgpu"]);
  assert.equal(code, 0, stderr);
  const { speedups, ...found } = JSON.parse(stdout) as Extract<ProbeAnswer, { kind: "right" }>;
  // It has 4 lanes, and the runtime's kernel for long pieces takes steps of 8.
  assert.deepEqual(found, { kind: "right", keeps: true, lacks: ["soft cap"], pieceTokens: 16 });
  assert.ok(speedups.length === 1 && speedups[0]!.times < 1, "software is slower than the CPU");
});

test("a device that cannot take the model leaves it to the CPU, with the reason", async () => {
  const spec = { path: join(own, "llama-untied/model.gguf") };
  const chooseDevice = () => Promise.resolve({ choice: { device: "of tomorrow" as "webgpu" } });
  const { kind } = await testCache();
  const model = await loadModel({ spec, cacheKind: kind, defaultThreads: 1, chooseDevice }, () => undefined);
  const { device, cache } = model.facts;
  await model.dispose();
  assert.equal(cache, kind);
  assert.equal(device.device, "cpu");
  assert.match(device.reason!, /^of tomorrow could not take the model: .*[^.\n]$/);
});
