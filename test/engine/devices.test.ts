// Where a model is computed: what a device that is absent, wrong or deadly leads to. None of them may cost more than a reason.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import type { Log } from "../../src/base/log.js";
import { chooseDevice, reasonOf } from "../../src/engine/chooseDevice.js";
import { createLocalEngine } from "../../src/engine/localEngine.js";
import { probeDevice, type ProbeAnswer } from "../../src/engine/ort/deviceProbe.js";
import { temporaryFolder } from "../temporaryFolder.js";

const folder = temporaryFolder("devices");
const signal = new AbortController().signal;

test("the CPU computes what the CPU computes", async () => {
  const answer = await probeDevice("cpu");
  assert.ok(answer.kind === "right" && 0 < answer.speedup, JSON.stringify(answer));
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
    assert.match(reasonOf("webgpu", answer), /was tried in a process of its own, which failed/);
  });
}

test("an answer counts although native code prints after it, and crashes on its way out", async () => {
  const program = join(folder, "chatty.mjs");
  writeFileSync(program, 'console.log("{\\"kind\\":\\"wrong\\",\\"worst\\":3}\\n[W] bye"); process.exitCode = 1;');
  assert.deepEqual(await probeDevice("webgpu", { program }), { kind: "wrong", worst: 3 });
});

for (const [answer, pattern] of [
  [
    { kind: "absent", message: "/src/a.cc:12 f() was false. No adapter.\nmore" },
    /^webgpu is not to be had here: No adapter$/,
  ],
  [{ kind: "wrong", worst: 3 }, /computes something else than the processor \(off by 3\.0\)/],
  [{ kind: "crashed", how: "SIGSEGV" }, /which failed \(SIGSEGV\)/],
  [
    { kind: "right", speedup: 9 },
    /computes the same .*9\.0 times as fast.*cache of keys and values, which grows in place, cannot be kept on it/,
  ],
] as const satisfies readonly (readonly [ProbeAnswer, RegExp])[]) {
  test(`a device that is ${answer.kind} leaves the work to the CPU, with the reason`, async () => {
    const file = join(folder, `${answer.kind}.json`);
    const choice = await chooseDevice("webgpu", { probe: () => Promise.resolve(answer), file });
    assert.equal(choice.device, "cpu");
    assert.match(choice.reason!, pattern);
  });
}

test("a device is tried once for a machine, unless the trial crashed", async () => {
  const file = join(folder, "kept/devices.json");
  let times = 0;
  const choose = (answer: ProbeAnswer) =>
    chooseDevice("cuda", { probe: () => Promise.resolve((times++, answer)), file });
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
  for (const it of ["auto", "cpu"] as const) assert.deepEqual(await chooseDevice(it, { probe }), { device: "cpu" });
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
