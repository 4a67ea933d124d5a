/** A `HostApi` is one generic call; whoever sits in front of one (client, supervisor, observer) writes only that call. */

import type { EventOf, HostApi, Method, RequestOf, ResultOf } from "../protocol/host.js";

export type Call = <M extends Method>(
  method: M,
  request: RequestOf<M>,
  onEvent: (event: EventOf<M>) => void,
  signal: AbortSignal,
) => Promise<ResultOf<M>>;

/** A new method of `HostApi` does not compile until it is added here. */
export function hostApi(call: Call): HostApi {
  return {
    load: (request, onEvent, signal) => call("load", request, onEvent, signal),
    unload: (request, onEvent, signal) => call("unload", request, onEvent, signal),
    inspect: (request, onEvent, signal) => call("inspect", request, onEvent, signal),
    listModels: (request, onEvent, signal) => call("listModels", request, onEvent, signal),
    pull: (request, onEvent, signal) => call("pull", request, onEvent, signal),
    listAdapters: (request, onEvent, signal) => call("listAdapters", request, onEvent, signal),
    route: (request, onEvent, signal) => call("route", request, onEvent, signal),
    hiddenStates: (request, onEvent, signal) => call("hiddenStates", request, onEvent, signal),
    tokenize: (request, onEvent, signal) => call("tokenize", request, onEvent, signal),
    generate: (request, onEvent, signal) => call("generate", request, onEvent, signal),
    generateRows: (request, onEvent, signal) => call("generateRows", request, onEvent, signal),
    constrain: (request, onEvent, signal) => call("constrain", request, onEvent, signal),
    score: (request, onEvent, signal) => call("score", request, onEvent, signal),
    run: (request, onEvent, signal) => call("run", request, onEvent, signal),
    adaptation: (request, onEvent, signal) => call("adaptation", request, onEvent, signal),
    test: (request, onEvent, signal) => call("test", request, onEvent, signal),
    compare: (request, onEvent, signal) => call("compare", request, onEvent, signal),
    vote: (request, onEvent, signal) => call("vote", request, onEvent, signal),
    undoVote: (request, onEvent, signal) => call("undoVote", request, onEvent, signal),
    votes: (request, onEvent, signal) => call("votes", request, onEvent, signal),
    ratings: (request, onEvent, signal) => call("ratings", request, onEvent, signal),
    comparisons: (request, onEvent, signal) => call("comparisons", request, onEvent, signal),
    openComparison: (request, onEvent, signal) => call("openComparison", request, onEvent, signal),
    diffComparisons: (request, onEvent, signal) => call("diffComparisons", request, onEvent, signal),
    answerOutside: (request, onEvent, signal) => call("answerOutside", request, onEvent, signal),
    exportComparison: (request, onEvent, signal) => call("exportComparison", request, onEvent, signal),
  };
}

/** What a call gives when it is cancelled before any host heard of it: an empty result, or the signal's reason is thrown. */
export function cancelledBeforeStart<M extends Method>(method: M, signal: AbortSignal): ResultOf<M> {
  const result = emptyResults[method];
  if (result !== undefined) return result;
  signal.throwIfAborted();
  throw new Error(`${method} was treated as cancelled, and was not`);
}

const emptyResults: { readonly [M in Method]?: ResultOf<M> } = {
  generate: {
    text: "",
    ids: [],
    finish: "cancelled",
    usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0, prefillMs: 0, decodeMs: 0 },
  },
  run: { messages: [], holes: [], output: null, finish: "cancelled" },
  test: { tests: [], complete: false },
};

/** Waits for `promise`, but no longer than until the signal: true if the promise was first. */
export async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  let stopWaiting = () => {};
  const aborted = new Promise<boolean>((resolve) => {
    stopWaiting = () => resolve(false);
    signal.addEventListener("abort", stopWaiting, { once: true });
  });
  try {
    return await Promise.race([promise.then(() => true), aborted]);
  } finally {
    signal.removeEventListener("abort", stopWaiting);
  }
}
