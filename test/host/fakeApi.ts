// A host without a model: words for tokens, one each millisecond. What it does wrong on purpose is asked for
// in the prompt ("!exit", "!hang", "!bug", ...).

import dns from "node:dns";
import net from "node:net";

import { TillerError } from "../../src/base/error.js";
import type {
  Engine,
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  LoadEvent,
  LoadedModel,
  ModelFacts,
  ModelSpec,
  OnEvent,
  PromptInput,
  PromptStates,
  RowResult,
  Usage,
} from "../../src/protocol/engine.js";
import type { HostApi } from "../../src/protocol/host.js";
import { createComparer } from "../../src/runner/compare/createComparer.js";
import { nodeFiles } from "../../src/runner/nodeFiles.js";

/** The only model there is. */
export const fakeModel: ModelSpec = { path: "/models/fake.gguf" };

export function createFakeApi(): HostApi & { dispose(): Promise<void> } {
  const loaded = new Set<string>();

  async function load(model: ModelSpec, onEvent: OnEvent<LoadEvent>, signal: AbortSignal): Promise<LoadedModel> {
    signal.throwIfAborted();
    const facts = inspect(model.path);
    if (!loaded.has(model.path)) {
      for (const [idx, stage] of (["reading", "building", "starting"] as const).entries()) {
        onEvent({ type: "loading", stage, fraction: (idx + 1) / 3 });
        await turn();
        signal.throwIfAborted();
      }
      loaded.add(model.path);
    }
    return {
      facts,
      precision: "fast",
      contextTokens: 512,
      threads: 1,
      cache: "in-place",
      device: { device: "cpu" },
      cacheType: "float32",
      loadMs: 1,
    };
  }

  async function generate(
    request: GenerateRequest,
    onEvent: OnEvent<GenerateEvent>,
    signal: AbortSignal,
  ): Promise<GenerateResult> {
    if (signal.aborted) return { text: "", ids: [], finish: "cancelled", usage: usage(0, 0) };
    await load(request.model, onEvent, signal);
    const text = textOf(request.prompt);
    await misbehave(text);
    const promptTokens = wordsOf(text).length;
    onEvent({ type: "prefill", done: promptTokens, total: promptTokens, cached: 0 });
    let written = "";
    const ids: number[] = [];
    const result = (finish: GenerateResult["finish"]) => ({
      text: written,
      ids,
      finish,
      usage: usage(promptTokens, ids.length),
    });
    for (let i = 0; i < (request.maxTokens ?? 400); i++) {
      const word = `w${i} `;
      written += word;
      ids.push(i);
      onEvent({ type: "text", text: word });
      await turn();
      if (signal.aborted) return result("cancelled");
    }
    return result("length");
  }

  const api: HostApi & { dispose(): Promise<void> } = {
    // Votes and results on the real disk; what is written comes from the words above.
    ...createComparer({ engine: lateEngine(() => api), files: nodeFiles }),
    load: ({ model }, onEvent, signal) => load(model, onEvent, signal),
    unload: async ({ model }) => loaded.delete(model.path),
    inspect: async ({ path }) => inspect(path),
    listModels: () => Promise.resolve({ models: [], loaded: [], freeBytes: 0, totalBytes: 0 }),
    pull: () => Promise.resolve({ files: [] }),
    listAdapters: () => Promise.resolve({ adapters: [], broken: [], loaded: [] }),
    adaptation: () => Promise.resolve({}),
    route: () => Promise.reject(new Error("the fake host has no experts")),
    async hiddenStates({ model, prompts }, onEvent, signal) {
      await load(model, onEvent, signal);
      const states: PromptStates[] = [];
      for (const prompt of prompts) {
        await turn();
        signal.throwIfAborted();
        const tokenCount = wordsOf(textOf(prompt)).length;
        states.push({ tokenCount, layers: [Float32Array.of(tokenCount)] });
        onEvent({ type: "reading", done: states.length, total: prompts.length });
      }
      return { prompts: states };
    },
    async generateRows({ model, rows }, onEvent, signal) {
      const results: RowResult[] = [];
      for (const [row, request] of rows.entries()) {
        const tell = (event: GenerateEvent) => onEvent(event.type === "loading" ? event : { type: "row", row, event });
        const result: RowResult = {
          status: "done",
          result: await generate({ ...request, model }, tell, signal),
          together: 1,
        };
        results.push(result);
        onEvent({ type: "ended", row, result });
      }
      return { rows: results };
    },
    constrain: () => Promise.reject(new Error("the fake host keeps no constraints")),
    async tokenize({ model, prompt }, onEvent, signal) {
      await load(model, onEvent, signal);
      const text = textOf(prompt);
      await misbehave(text);
      const tokens = wordsOf(text);
      return { ids: tokens.map((it) => it.length), tokens, special: [], text };
    },
    generate,
    async score({ model, prompt }, onEvent, signal) {
      await load(model, onEvent, signal);
      const tokens = wordsOf(textOf(prompt));
      const logprobs = tokens.map((_, idx) => (idx === 0 ? null : -1));
      return { ids: tokens.map((it) => it.length), tokens, logprobs, top: tokens.map(() => []), perplexity: Math.E };
    },
    test: (_request, _onEvent, signal) => {
      signal.throwIfAborted();
      return Promise.resolve({ tests: [], complete: true });
    },
    async run({ text, model, maxTokens = 3 }, onEvent, signal) {
      const messages = [{ role: "user", content: text ?? "" }];
      onEvent({ type: "rendered", messages });
      onEvent({ type: "hole", name: "output" });
      const prompt = { type: "messages", messages } as const;
      const onText: OnEvent<GenerateEvent> = (it) => {
        if (it.type === "text") onEvent({ type: "text", name: "output", text: it.text });
      };
      const { text: written, finish, usage } = await generate({ model, prompt, maxTokens }, onText, signal);
      const hole = { name: "output", text: written, value: written, hidden: false, finish, usage };
      onEvent({ type: "filled", hole });
      const all = [...messages, { role: "model", content: written }];
      return { messages: all, holes: [hole], output: written, finish };
    },
    async dispose() {},
  };
  return api;
}

/** An engine that is there when it is asked. */
function lateEngine(engine: () => Engine): Engine {
  return {
    load: (...all) => engine().load(...all),
    unload: (...all) => engine().unload(...all),
    inspect: (...all) => engine().inspect(...all),
    listAdapters: (...all) => engine().listAdapters(...all),
    route: (...all) => engine().route(...all),
    listModels: (...all) => engine().listModels(...all),
    hiddenStates: (...all) => engine().hiddenStates(...all),
    tokenize: (...all) => engine().tokenize(...all),
    generate: (...all) => engine().generate(...all),
    generateRows: (...all) => engine().generateRows(...all),
    constrain: (...all) => engine().constrain(...all),
    score: (...all) => engine().score(...all),
  };
}

function inspect(path: string): ModelFacts {
  if (path !== fakeModel.path)
    throw new TillerError("model-not-found", `There is no file ${path}. Choose another one.`);
  return {
    path,
    name: "Fake",
    architecture: "fake",
    sizeBytes: 1,
    parameterCount: 1,
    layers: 1,
    hiddenSize: 1,
    feedForwardSize: 1,
    heads: 1,
    kvHeads: 1,
    headSize: 1,
    vocabularySize: 1,
    contextLength: 512,
    tensorTypes: { F32: 1 },
    tokenizer: "words",
    hasChatTemplate: true,
  };
}

async function misbehave(text: string): Promise<void> {
  if (text.includes("!bug")) throw new RangeError("the fake was told to");
  if (text.includes("!exit")) process.exit(3);
  if (text.includes("!hang")) for (;;);
  if (text.includes("!connect")) net.connect(9, "127.0.0.1").on("error", () => {});
  if (text.includes("!lookup")) dns.lookup("localhost", () => {});
  if (text.includes("!listen"))
    await new Promise<void>((resolve) => net.createServer().listen(0, "127.0.0.1", resolve));
  if (text.includes("!print")) {
    console.error("a line of native code");
    await turn();
  }
}

function textOf(prompt: PromptInput): string {
  if (prompt.type === "text") return prompt.text;
  if (prompt.type === "ids") return prompt.ids.join(" ");
  return prompt.messages.map((it) => it.content).join("\n");
}

/** Each with the spaces after it. */
function wordsOf(text: string): string[] {
  return text.match(/\S+\s*|^\s+/g) ?? [];
}

function usage(promptTokens: number, completionTokens: number): Usage {
  return { promptTokens, cachedTokens: 0, completionTokens, prefillMs: 1, decodeMs: 1 };
}

/** Lets messages in: a cancel can be read only here. As slow as a fast model, or a cancel would always come too late. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
