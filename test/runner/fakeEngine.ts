/** An engine that writes what a test tells it to, piece by piece, and remembers what it was asked. */

import type { Engine, GenerateRequest, GenerateResult } from "../../src/protocol/engine.js";

export interface Reply {
  /** Pieces, as they would be streamed. */
  readonly text: string | readonly string[];
  readonly finish?: GenerateResult["finish"];
  readonly scores?: GenerateResult["scores"];
}

export interface FakeEngine extends Engine {
  readonly requests: readonly GenerateRequest[];
}

export function fakeEngine(replies: readonly (string | Reply)[]): FakeEngine {
  const requests: GenerateRequest[] = [];
  const left = [...replies];
  const refuse = () => Promise.reject(new Error("the runner only generates"));
  return {
    requests,
    load: refuse,
    unload: refuse,
    inspect: refuse,
    listAdapters: refuse,
    route: refuse,
    tokenize: refuse,
    constrain: refuse,
    generateRows: refuse,
    score: refuse,
    async generate(request, onEvent, signal) {
      requests.push(request);
      const next = left.shift();
      if (next === undefined) throw new Error("the test has no reply for this hole");
      const reply: Reply = typeof next === "string" ? { text: next } : next;
      const { text, finish = "stop", scores } = reply;
      const pieces = typeof text === "string" ? [text] : text;
      let written = "";
      onEvent({ type: "prefill", done: 1, total: 1, cached: 0 });
      for (const piece of pieces) {
        if (signal.aborted) break;
        written += piece;
        onEvent({ type: "text", text: piece });
        await Promise.resolve();
      }
      const end = signal.aborted ? "cancelled" : finish;
      return { text: written, ids: [], finish: end, usage, ...(scores && { scores }) };
    },
  };
}

export const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1, prefillMs: 1, decodeMs: 1 };
