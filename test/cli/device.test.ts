// A device from the command line: the doctor tries it, and what it found is what a model is computed by.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { deviceEnvironment, noDevice } from "../engine/softwareDevice.js";
import { projectRoot, Workplace } from "./tiller.js";

const tiller = new Workplace();
const skip = noDevice ?? false;
const model = join(projectRoot, "test/tiny/llama-untied/model.gguf");
const prompt = "A text of more than thirty-two tokens, so that it is read in several pieces.";

test(
  "what the doctor finds of a device is kept, and a model is computed on it when it is asked for",
  { skip },
  async () => {
    const env = deviceEnvironment();
    const doctor = await tiller.run(["doctor", "--json"], { env });
    const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; detail: string }[] };
    const found = checks.find((it) => it.name === "devices")!.detail;
    assert.match(found, /^models run on the CPU; webgpu computes the same as the processor \(0\.\d+ times as fast /);
    assert.match(found, /; --device webgpu uses it; /);
    const kept = readFileSync(join(tiller.folder, ".tiller/devices.json"), "utf8");

    const write = (device: string, of = model) =>
      tiller.run(
        ["generate", "--model", of, "--device", device, "--precision", "exact", "--max-tokens", "8", "-p", prompt],
        { env },
      );
    const [onDevice, onCpu, auto] = [await write("webgpu"), await write("cpu"), await write("auto")];
    assert.deepEqual([onDevice.code, onCpu.code, auto.code], [0, 0, 0], onDevice.stderr);
    assert.equal(onDevice.stdout, onCpu.stdout);
    assert.equal(auto.stdout, onCpu.stdout);
    assert.doesNotMatch(onDevice.stderr, /warning/);
    assert.equal(readFileSync(join(tiller.folder, ".tiller/devices.json"), "utf8"), kept, "nothing is tried again");
    assert.equal(
      readFileSync(join(tiller.folder, ".tiller/devices.starts.json"), "utf8"),
      "{}\n",
      "and all starts were survived",
    );

    const int8 = await tiller.run(
      ["generate", "--model", model, "--device", "webgpu", "--cache", "int8", "--max-tokens", "2", "-p", prompt],
      { env },
    );
    assert.equal(int8.code, 0);
    assert.match(int8.stderr, /warning: the processor computes: a cache of 8-bit integers cannot be kept on webgpu/);
  },
);
