// Run by onDevice.test.ts in a process of its own: asks the engine for all that goes through a cache, once on WebGPU and once on
// the CPU, and prints as JSON what came.
//
//     node deviceEngineChild.js MODEL ADAPTER

import { silentLog } from "../../src/base/log.js";
import { tryDevice } from "../../src/engine/chooseDevice.js";
import { createLocalEngine } from "../../src/engine/localEngine.js";
import type { ModelSpec } from "../../src/protocol/engine.js";

/** What each device gave, by what was asked for. */
export type EngineReport = Readonly<Record<"cpu" | "webgpu", Answers>>;

export interface Answers {
  /** Ids of tokens. */
  readonly texts: Readonly<Record<string, readonly number[]>>;
  readonly states: readonly (readonly number[])[];
  readonly refusal: string;
  readonly interrupted: string;
  readonly devices: readonly (string | undefined)[];
}

const [path = "", adapter = ""] = process.argv.slice(2);
const signal = new AbortController().signal;
const ignore = () => undefined;

async function ask(device: "cpu" | "webgpu"): Promise<Answers> {
  const engine = createLocalEngine({ log: silentLog });
  const model: ModelSpec = { path, device, precision: "exact" };
  const ids = (from: number, count: number) =>
    ({ type: "ids", ids: Array.from({ length: count }, (_, i) => 40 + ((from + i * 7) % 50)) }) as const;
  const prompt = ids(0, 37);
  const maxTokens = 8;
  const texts: Record<string, readonly number[]> = {};
  const write = async (name: string, request: object) => {
    const all = { model, prompt, maxTokens, ...request };
    texts[name] = (await engine.generate(all, ignore, signal)).ids;
  };
  await write("plain", {});
  await write("plain again", {});
  await write("a constraint", { constraint: { kind: "regex", source: "[a-f]{2,9}-the-[0-9]{3}" }, maxTokens: 40 });
  await write("a choice", { constraint: { kind: "choice", options: ["the cat", "the dog", "a bird"] }, scores: true });
  await write("guided", { guidance: { kind: "classifier-free", otherwise: ids(3, 20), strength: 1.5 } });
  // The second graph takes the first one's place, whose tensors the caches still hold.
  await write("an adapter", { adapters: [{ path: adapter, scale: 1 }] });
  await engine.route({ model, prompt, routing: { experts: [adapter] } }, ignore, signal).catch(ignore);
  await write("an adapter again", { adapters: [{ path: adapter, scale: 1 }] });
  const rows = [0, 1, 2].map((it) => ({ prompt: ids(it, 20 + it), maxTokens }));
  const { rows: written } = await engine.generateRows({ model, rows }, ignore, signal);
  written.forEach((it, i) => (texts[`row ${i}`] = it.status === "done" ? it.result.ids : []));
  const { prompts } = await engine.hiddenStates({ model, prompts: [prompt, ids(5, 50)], at: "mean" }, ignore, signal);
  const forgetting = { model, prompt, maxTokens, attention: { pattern: "streaming", sinks: 4, window: 16 } } as const;
  const refusal = await engine.generate(forgetting, ignore, signal).then(
    () => "",
    (error: unknown) => (error as Error).message,
  );
  await write("plain after a refusal", {});
  const { loaded } = await engine.listModels({ folders: [] }, ignore, signal);
  await engine.unload({ model }, ignore, signal);
  await write("loaded anew", {});
  const interrupted = device === "cpu" ? "" : await unloadWhile();
  await engine.dispose();
  return {
    ...{ texts, refusal, interrupted, devices: loaded.map((it) => it.device?.device) },
    states: prompts.flatMap((it) => it.layers.map((layer) => [...layer])),
  };

  /** What becomes of a request whose model is unloaded while it writes. */
  async function unloadWhile(): Promise<string> {
    let unloading: Promise<unknown> | undefined;
    const unload = () => void (unloading ??= engine.unload({ model }, ignore, signal));
    const writing = engine.generate({ model, prompt, maxTokens: 20 }, (it) => it.type === "text" && unload(), signal);
    const end = await writing.then(
      ({ finish }) => finish,
      (error: unknown) => (error as Error).message,
    );
    await unloading;
    return unloading === undefined ? "it was not unloaded" : end;
  }
}

const lacks = ["soft cap"] as const;
const speedups = [{ width: 640, times: 0.01 }];
await tryDevice("webgpu", {
  probe: () => Promise.resolve({ kind: "right", speedups, keeps: true, lacks, pieceTokens: 16 }),
});
const report: EngineReport = { cpu: await ask("cpu"), webgpu: await ask("webgpu") };
process.stdout.write(JSON.stringify(report));
