// Where a model is computed: what a device that is absent, wrong or deadly leads to. None of them may cost more than a reason.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import type { Log } from "../../src/base/log.js";
import { chooseDevice, describeAnswer, tryDevice } from "../../src/engine/chooseDevice.js";
import type { DeviceNeeds } from "../../src/engine/deviceNeeds.js";
import { createLocalEngine } from "../../src/engine/localEngine.js";
import { probeDevice, type ProbeAnswer, type RightAnswer } from "../../src/engine/ort/deviceProbe.js";
import { temporaryFolder } from "../temporaryFolder.js";

const folder = temporaryFolder("devices");
const signal = new AbortController().signal;

test("the CPU computes what the CPU computes, and keeps nothing on a device", async () => {
  const answer = await probeDevice("cpu");
  assert.ok(answer.kind === "right" && answer.speedups.every((it) => 0 < it.times), JSON.stringify(answer));
  const { speedups, ...found } = answer;
  assert.deepEqual(found, { kind: "right", keeps: false, lacks: [] });
  assert.deepEqual(
    speedups.map((it) => it.width),
    [640, 2048],
  );
});

test("a device that nobody has is absent, and the runtime says why", async () => {
  const answer = await probeDevice("dml-of-tomorrow");
  assert.ok(answer.kind === "absent" && answer.message !== "", JSON.stringify(answer));
});

for (const [title, script, how] of [
  ["aborts", "process.abort()", /SIGABRT|exit code/],
  ["ends without a word", "", /exit code 0/],
  ["fails after nonsense", 'console.log("{}\\nnull\\nhello"); process.exit(7)', /exit code 7/],
  ["never answers", "setInterval(() => {}, 1000)", /no answer within 0\.5 s/],
] as const) {
  test(`a probe that ${title} costs nothing but its reason`, async () => {
    const program = join(folder, `${title.replaceAll(" ", "-")}.mjs`);
    writeFileSync(program, script);
    const timeoutMs = title === "never answers" ? 500 : 10_000;
    const answer = await probeDevice("webgpu", { program, timeoutMs });
    assert.ok(answer.kind === "crashed", JSON.stringify(answer));
    assert.match(answer.how, how);
    assert.match(describeAnswer("webgpu", answer), /was tried in a process of its own, which failed/);
  });
}

test("an answer counts although native code prints after it, and crashes on its way out", async () => {
  const program = join(folder, "chatty.mjs");
  writeFileSync(
    program,
    'console.log("{\\"kind\\":\\"wrong\\",\\"what\\":\\"x\\",\\"worst\\":3}\\n[W] bye"); process.exitCode = 1;',
  );
  assert.deepEqual(await probeDevice("webgpu", { program }), { kind: "wrong", what: "x", worst: 3 });
});

const plain: DeviceNeeds = { hiddenSize: 1024, attention: [], cacheType: "float32", forgets: false };
const right: RightAnswer = {
  kind: "right",
  speedups: [
    { width: 640, times: 0.8 },
    { width: 2048, times: 9 },
  ],
  keeps: true,
  lacks: ["soft cap"],
};

for (const [title, answer, needs, pattern] of [
  [
    "is absent",
    { kind: "absent", message: "/src/a.cc:12 f() was false. No adapter.\nmore" },
    plain,
    /^webgpu is not to be had here: No adapter$/,
  ],
  [
    "is wrong",
    { kind: "wrong", what: "attention", worst: 3 },
    plain,
    /computes something else than the processor \(attention is off by 3\.0\)/,
  ],
  ["crashed", { kind: "crashed", how: "SIGSEGV" }, plain, /which failed \(SIGSEGV\)/],
  [
    "cannot keep the cache",
    { ...right, keeps: false },
    plain,
    /the same .*9\.0 times as fast with layers of 2048\), but keys and values cannot be kept on it/,
  ],
  [
    "lacks what the model needs",
    right,
    { ...plain, attention: ["window", "soft cap"] },
    /^webgpu computes attention with a soft cap otherwise than the processor, and this model has it$/,
  ],
  [
    "cannot keep small integers",
    right,
    { ...plain, cacheType: "int8" },
    /^a cache of 8-bit integers cannot be kept on webgpu$/,
  ],
  ["cannot forget", right, { ...plain, forgets: true }, /^the cache of sparse attention cannot be kept on webgpu$/],
] as const satisfies readonly (readonly [string, ProbeAnswer, DeviceNeeds, RegExp])[]) {
  test(`a device that ${title} leaves the work to the CPU, with the reason`, async () => {
    const file = join(folder, `${title}.json`);
    const { choice } = await chooseDevice("webgpu", needs, { probe: () => Promise.resolve(answer), file });
    assert.equal(choice.device, "cpu");
    assert.match(choice.reason!, pattern);
  });
}

test("a device that was asked for is used where it is right, however slow, in pieces that come out right", async () => {
  const choose = async (answer: ProbeAnswer, name: string) => {
    const options = { probe: () => Promise.resolve(answer), file: join(folder, name) };
    const { choice, pieceTokens } = await chooseDevice("webgpu", plain, options);
    return [choice, pieceTokens];
  };
  assert.deepEqual(await choose(right, "asked.json"), [{ device: "webgpu" }, undefined]);
  assert.deepEqual(await choose({ ...right, pieceTokens: 16 }, "pieces.json"), [{ device: "webgpu" }, 16]);
});

test("a device that took two processes with it when a model was started is left alone until it is tried anew", async () => {
  const options = { probe: () => Promise.resolve(right), file: join(folder, "deadly.json") };
  const starts = join(folder, "deadly.starts.json");
  const choose = () => chooseDevice("webgpu", plain, options);
  /** As if the process that began had ended: there is none with this number. */
  const die = () => writeFileSync(starts, readFileSync(starts, "utf8").replace(/"pid":\d+/, '"pid":999999999'));
  (await choose()).begin!()();
  assert.equal(readFileSync(starts, "utf8"), "{}\n", "a start that was survived is forgotten");
  (await choose()).begin!();
  die();
  const second = await choose();
  assert.equal(second.choice.device, "webgpu", "the user may have ended one");
  second.begin!();
  assert.equal((await choose()).choice.device, "webgpu", "while it lives, it has not died");
  die();
  const { choice } = await choose();
  assert.equal(choice.device, "cpu");
  assert.match(
    choice.reason!,
    /^webgpu took the process with it the last 2 times .*; tiller doctor gives it another chance$/,
  );
  const wide = { ...plain, hiddenSize: 4096 };
  assert.equal((await chooseDevice("auto", wide, options)).choice.device, "cpu");
  await tryDevice("webgpu", options);
  assert.equal((await choose()).choice.device, "webgpu");
  assert.equal((await chooseDevice("auto", wide, options)).choice.device, "webgpu");
});

test("auto takes what is known to be clearly faster for a model of that width, and tries nothing", async () => {
  const file = join(folder, "auto.json");
  const probe = () => Promise.reject(new Error("it was tried"));
  const auto = async (needs: DeviceNeeds) => (await chooseDevice("auto", needs, { probe, file })).choice;
  const cpu = { device: "cpu" };
  const wide = { ...plain, hiddenSize: 4096 };
  assert.deepEqual(await auto(wide), cpu, "nothing is known");
  const keep = (answer: ProbeAnswer) => tryDevice("webgpu", { probe: () => Promise.resolve(answer), file });
  await keep(right);
  assert.deepEqual(await auto(wide), { device: "webgpu" });
  assert.deepEqual(await auto(plain), cpu, "0.8 times as fast with narrow layers");
  assert.deepEqual(await auto({ ...wide, attention: ["soft cap"] }), cpu);
  assert.deepEqual(await auto({ ...wide, cacheType: "int8" }), cpu);
  for (const [times, device] of [
    [1.49, "cpu"],
    [1.5, "webgpu"],
  ] as const) {
    await keep({ ...right, speedups: [{ width: 640, times }] });
    assert.equal((await auto(wide)).device, device, `${times} times as fast`);
  }
  await keep({ ...right, keeps: false });
  assert.deepEqual(await auto(wide), cpu);
  await keep(right);
  await keep({ kind: "crashed", how: "SIGSEGV" });
  assert.deepEqual(await auto(wide), cpu, "a trial that crashed takes back what an earlier one found");
});

test("a device is tried once for a machine, unless the trial crashed", async () => {
  const file = join(folder, "kept/devices.json");
  let times = 0;
  const choose = (answer: ProbeAnswer) =>
    chooseDevice("cuda", plain, { probe: () => Promise.resolve((times++, answer)), file });
  const crashed = { kind: "crashed", how: "SIGABRT" } as const;
  await choose(crashed);
  await choose(crashed);
  assert.deepEqual([times, existsSync(file)], [2, false]);
  const first = await choose({ kind: "absent", message: "no library" });
  const again = await choose(crashed);
  assert.deepEqual([times, again], [3, first]);
  assert.equal(Object.keys(JSON.parse(readFileSync(file, "utf8")) as object).length, 1);
  writeFileSync(file, "damaged");
  await choose({ kind: "absent", message: "no library" });
  assert.equal(times, 4);
});

test("without a wish nothing is tried, and the CPU needs no reason", async () => {
  const probe = () => Promise.reject(new Error("it was tried"));
  const file = join(folder, "none.json");
  for (const it of ["auto", "cpu"] as const)
    assert.deepEqual(await chooseDevice(it, plain, { probe, file }), { choice: { device: "cpu" } });
});

test("a model whose device cannot be had runs on the CPU with the same text, and says why where it is looked at", async () => {
  const home = process.env["HOME"];
  process.env["HOME"] = folder; // what is found out is kept there
  const lines: string[] = [];
  const log: Log = { write: (level, message) => lines.push(`${level}: ${message}`) };
  const engine = createLocalEngine({ log });
  after(() => engine.dispose());
  const path = join(import.meta.dirname, "../../../test/tiny/llama-untied/model.gguf");
  const prompt = { type: "text", text: "a" } as const;
  const write = async (device: "cpu" | "cuda") =>
    (await engine.generate({ model: { path, device }, prompt, maxTokens: 8 }, () => {}, signal)).text;
  assert.equal(await write("cuda"), await write("cpu"));
  const { device } = await engine.load({ model: { path, device: "cuda" } }, () => {}, signal);
  assert.ok(device.device === "cpu" && device.reason !== undefined);
  assert.ok(lines.includes(`warn: the processor computes: ${device.reason}`), lines.join("\n"));
  const { loaded } = await engine.listModels({ folders: [] }, () => {}, signal);
  assert.deepEqual(
    loaded.map((it) => it.device?.reason),
    [device.reason, undefined],
  );
  process.env["HOME"] = home;
});
