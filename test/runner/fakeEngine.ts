/** An engine that writes what a test tells it to, piece by piece, and remembers what it was asked. */

import type {
  Engine,
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  LoadedModel,
  RowResult,
} from "../../src/protocol/engine.js";

export interface Reply {
  /** Pieces, as they would be streamed. */
  readonly text: string | readonly string[];
  readonly finish?: GenerateResult["finish"];
  readonly scores?: GenerateResult["scores"];
  /** Of each piece, as a token; told when it is asked for. */
  readonly logprob?: number;
}

export interface FakeEngine extends Engine {
  readonly requests: readonly GenerateRequest[];
}

export function fakeEngine(replies: readonly (string | Reply)[]): FakeEngine {
  const requests: GenerateRequest[] = [];
  const left = [...replies];
  const refuse = () => Promise.reject(new Error("the runner only generates"));
  const engine: FakeEngine = {
    requests,
    load: ({ model: { path } }) => Promise.resolve({ ...loaded, facts: { ...loaded.facts, path } }),
    unload: refuse,
    inspect: refuse,
    listModels: refuse,
    listAdapters: refuse,
    route: refuse,
    hiddenStates: refuse,
    tokenize: refuse,
    constrain: refuse,
    /** The rows one after the other. */
    async generateRows({ model, rows }, onEvent, signal) {
      const results: RowResult[] = [];
      for (const [row, request] of rows.entries()) {
        const tell = (event: GenerateEvent) => onEvent(event.type === "loading" ? event : { type: "row", row, event });
        const result = await engine.generate({ ...request, model }, tell, signal);
        results.push({ status: "done", result, together: rows.length });
        onEvent({ type: "ended", row, result: results[row]! });
      }
      return { rows: results };
    },
    score: refuse,
    async generate(request, onEvent, signal) {
      requests.push(request);
      const next = left.shift();
      if (next === undefined) throw new Error("the test has no reply for this hole");
      const reply: Reply = typeof next === "string" ? { text: next } : next;
      const { text, finish = "stop", scores, logprob } = reply;
      const pieces = typeof text === "string" ? [text] : text;
      let written = "";
      onEvent({ type: "prefill", done: 1, total: 1, cached: 0 });
      for (const piece of pieces) {
        if (signal.aborted) break;
        written += piece;
        if (0 < (request.top ?? 0) && logprob !== undefined)
          onEvent({ type: "token", token: { id: 0, token: piece, logprob }, top: [] });
        onEvent({ type: "text", text: piece });
        await Promise.resolve();
      }
      const end = signal.aborted ? "cancelled" : finish;
      return { text: written, ids: [], finish: end, usage, ...(scores && { scores }) };
    },
  };
  return engine;
}

export const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1, prefillMs: 1, decodeMs: 1 };

/** It reads text only. */
const loaded: LoadedModel = {
  facts: {
    path: "",
    name: "Fake",
    architecture: "llama",
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
    tensorTypes: {},
    tokenizer: "gpt2",
    hasChatTemplate: true,
  },
  precision: "fast",
  contextTokens: 512,
  threads: 1,
  cache: "in-place",
  cacheType: "float32",
  loadMs: 1,
  device: { device: "cpu" },
};
