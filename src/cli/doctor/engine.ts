/** The engine: does the native runtime load, does the cache work in place, does the embedded model write, how fast. */

import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";

import { silentLog } from "../../base/log.js";
import { createLocalEngine } from "../../engine/localEngine.js";
import { describeAnswer, isWorthwhile, tryDevice, type OtherDevice } from "../../engine/chooseDevice.js";
import { runtimeFacts } from "../../engine/ort/runtime.js";
import { devices as knownDevices } from "../../protocol/device.js";
import type { ModelSpec } from "../../protocol/engine.js";
import { sizeText } from "../../base/sizeText.js";
import { finding, type Finding } from "./finding.js";
import { graphicsSigns } from "./machine.js";

const EMBEDDED_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
const TOKENS = 24;

/** In the order in which they depend on each other. `model`: the embedded one. */
export async function engineFindings(model: ModelSpec, signal: AbortSignal): Promise<Finding[]> {
  const engine = createLocalEngine({ log: silentLog });
  try {
    return [
      await finding("onnxruntime", async () => ({
        status: "ok",
        detail: `${runtimeFacts().version}, native code loads`,
      })),
      await finding("devices", async () => ({ status: "ok", detail: await devices() })),
      await finding("cache", async () => {
        const { kind, reason } = await engine.cacheTest();
        if (kind === "in-place") return { status: "ok", detail: "keys and values are appended in place" };
        return { status: "warning", detail: `copied with every token, which is slow: ${reason}` };
      }),
      await finding("embedded model", () => embedded(model.path)),
      await finding("speed", async () => {
        const { facts, threads, loadMs } = await engine.load({ model }, () => {}, signal);
        const prompt = { type: "text", text: "The quick brown fox jumps over the lazy dog. ".repeat(20) } as const;
        const { usage } = await engine.generate({ model, prompt, maxTokens: TOKENS }, () => {}, signal);
        const reading = Math.round((usage.promptTokens * 1000) / usage.prefillMs);
        const writing = Math.round((usage.completionTokens * 1000) / usage.decodeMs);
        const detail = `${facts.name}: loads in ${(loadMs / 1000).toFixed(1)} s, reads ${reading} and writes ${writing} tokens/s with ${threads} threads`;
        return { status: "ok", detail };
      }),
    ];
  } finally {
    await engine.dispose();
  }
}

/** Each device that the runtime was built with is tried anew, in a process of its own; `auto` goes by what came of it. */
async function devices(): Promise<string> {
  const others = runtimeFacts().backends.flatMap(({ name }) => (name === "cpu" ? [] : deviceNamed(name)));
  const found: string[] = [];
  let fast: string | undefined;
  for (const it of others) {
    const answer = await tryDevice(it);
    found.push(describeAnswer(it, answer));
    if (isWorthwhile(answer)) fast = it;
    else if (answer.kind === "right" && answer.keeps) found.push(`--device ${it} uses it`);
  }
  const signs = graphicsSigns();
  const seen =
    signs.length === 0 ? "no sign of a graphics processor on this machine" : `this machine shows ${signs.join(", ")}`;
  const by = fast === undefined ? "models run on the CPU" : `models that gain by it run on ${fast}, others on the CPU`;
  return [by, ...found, seen].join("; ");
}

function deviceNamed(name: string): OtherDevice[] {
  return knownDevices.filter((it) => it !== "auto" && it !== "cpu").filter((it) => it === name);
}

async function embedded(path: string): Promise<Omit<Finding, "name">> {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) {
    return { status: "failed", detail: `${path} is not there; install Tiller again, or name a model with --model` };
  }
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  const found = hash.digest("hex");
  if (found === EMBEDDED_SHA256) return { status: "ok", detail: `${path}, ${sizeText(size)}, sha256 as it should be` };
  return {
    status: "failed",
    detail: `${path} is damaged: its sha256 is ${found}, not ${EMBEDDED_SHA256}; install Tiller again`,
  };
}
