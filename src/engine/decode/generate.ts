/**
 * Writes text: read the prompt, then for each token mask, sample, show, append (DESIGN section 3, Decoding).
 */

import { TillerError } from "../../base/error.js";
import type { GenerateEvent, GenerateRequest, GenerateResult, OnEvent } from "../../protocol/engine.js";
import type { Lease } from "../cache/prefixCache.js";
import type { LoadedModel } from "../loadedModel.js";
import { createSampler, type Sampler } from "../sampling/chain.js";
import { choose } from "./choose.js";
import { constrain, withoutTokens, type Constrained } from "./constrained.js";
import { likeliest, logSumExp } from "./likeliest.js";
import { createOutput } from "./output.js";
import { preferring } from "./preferring.js";
import { prefill } from "./prefill.js";
import { checkFits, encodePrompt } from "./promptIds.js";
import { tokenText } from "./tokenText.js";

export async function generate(
  model: LoadedModel,
  request: GenerateRequest,
  onEvent: OnEvent<GenerateEvent>,
  signal: AbortSignal,
): Promise<GenerateResult> {
  const { begin = [] } = request;
  const prompt = [...encodePrompt(model, request.prompt).ids, ...begin];
  if (prompt.length === 0)
    throw new TillerError("prompt-invalid", "The prompt is empty: there is nothing to continue.");
  checkFits(prompt, model);
  const sampler = createSampler(request.sampling ?? {});
  const room = model.facts.contextTokens - prompt.length + begin.length;
  const limit = Math.min(request.maxTokens ?? room, room);
  const constraint = request.constraint && constrainedBy(model, request, sampler, limit);
  const minTokens = request.minTokens ?? 0;
  if (limit < minTokens)
    throw new TillerError(
      "constraint-invalid",
      `${minTokens} tokens are asked for, and at most ${limit} may be written.`,
    );
  const lease = model.prefixes.lease(prompt);
  try {
    const cached = lease.cache.length;
    const start = performance.now();
    const onProgress = (done: number) => onEvent({ type: "prefill", done, total: prompt.length, cached });
    onProgress(cached);
    const logits = await prefill(model, lease, prompt, { signal, onProgress });
    const prefilled = performance.now();
    const written = await (request.scores === true
      ? choose({ model, request, lease, onEvent, signal }, logits)
      : decode({ model, request, lease, prompt, limit, sampler, constraint, onEvent, signal }, logits));
    const usage = {
      promptTokens: prompt.length,
      cachedTokens: cached,
      completionTokens: written.ids.length,
      prefillMs: prefilled - start,
      decodeMs: performance.now() - prefilled,
      ...(constraint && { constraint: constraint.usage() }),
    };
    return { ...written, usage };
  } finally {
    lease.release();
  }
}

function constrainedBy(
  model: LoadedModel,
  { constraint, prefer }: GenerateRequest,
  sampler: Sampler,
  limit: number,
): Constrained {
  const start = performance.now();
  const state = model.constraint(constraint!).begin();
  const options = { state, compileMs: performance.now() - start, sampler, tokenizer: model.tokenizer, limit };
  return prefer === undefined ? constrain(options) : preferring(options, prefer);
}

interface Decoding {
  readonly model: LoadedModel;
  readonly request: GenerateRequest;
  readonly lease: Lease;
  readonly prompt: readonly number[];
  /** Tokens that may be written. */
  readonly limit: number;
  readonly sampler: Sampler;
  readonly constraint: Constrained | undefined;
  readonly onEvent: OnEvent<GenerateEvent>;
  readonly signal: AbortSignal;
}

/** `first` are the logits after the prompt, undefined when reading it was cancelled. */
async function decode(
  { model, request, lease, prompt, limit, sampler, constraint, onEvent, signal }: Decoding,
  first: Float32Array | undefined,
): Promise<Pick<GenerateResult, "text" | "ids" | "finish">> {
  const { tokenizer, decoder, embeddings } = model;
  const output = createOutput(request.stop ?? [], (text) => onEvent({ type: "text", text }));
  const { begin = [], top = 0 } = request;
  const history = prompt.slice(0, prompt.length - begin.length);
  const ids: number[] = [];
  let logits = first;
  const end = (finish: GenerateResult["finish"]) => ({ text: output.end(), ids, finish });
  /** True when the text ends behind the token. */
  const write = (id: number): boolean => {
    ids.push(id);
    history.push(id);
    const bytes = tokenizer.isSpecial(id) ? new Uint8Array(0) : tokenizer.bytes(id);
    constraint?.advance(bytes);
    return output.push(bytes);
  };
  /** The same, for tokens that the model was not asked for. */
  const writeGiven = (id: number): boolean => {
    if (0 < top) onEvent({ type: "token", token: { id, token: tokenText(tokenizer, id) }, top: [] });
    return write(id);
  };

  for (const id of begin) if (writeGiven(id)) return end("stop");
  while (logits !== undefined && !signal.aborted) {
    const left = limit - ids.length;
    const mayEnd = (request.minTokens ?? 0) <= ids.length;
    if (constraint?.isFinished() === true) return endOf(mayEnd, end);
    if (limit <= ids.length) return end("length");
    const forced = (constraint?.forced() ?? []).slice(0, limit - ids.length);
    let written = forced;
    if (forced.length === 0) {
      // The sampler may overwrite its logits, so what is reported of them is read first.
      const report = reporter(model, logits, top, constraint);
      const id: number =
        constraint?.next(logits, history, { left, mayEnd }) ??
        sampler.next(logits, history, mayEnd ? undefined : endless(model));
      if (tokenizer.eos.has(id)) return end("stop");
      if (report !== undefined) onEvent({ type: "token", ...report(id) });
      written = [id];
    }
    for (const id of written) if (forced.length === 0 ? write(id) : writeGiven(id)) return end("stop");
    if (limit <= ids.length) return end(constraint?.isFinished() === true ? "stop" : "length");
    logits = await decoder.forward(lease.cache, embeddings.lookUp(written), [written.length - 1]);
    lease.appended(written);
  }
  return end("cancelled");
}

/** A text that is complete although more was asked for. */
function endOf<T>(mayEnd: boolean, end: (finish: "stop") => T): T {
  if (mayEnd) return end("stop");
  throw new TillerError(
    "constraint-invalid",
    "The constraint ends the text before it has the tokens that are asked for.",
  );
}

/** A mask of all tokens but those that end a text. */
function endless({ tokenizer }: LoadedModel): Uint32Array {
  const mask = new Uint32Array(Math.ceil(tokenizer.vocabularySize / 32)).fill(0xffffffff);
  return withoutTokens(mask, tokenizer.eos);
}

/** Reads from the model's own logits what the event of the next token says; undefined when nobody asks. */
function reporter({ tokenizer }: LoadedModel, logits: Float32Array, top: number, constraint: Constrained | undefined) {
  if (top === 0) return undefined;
  const total = logSumExp(logits);
  const scored = (id: number, logit: number) => ({ id, token: tokenText(tokenizer, id), logprob: logit - total });
  const best = likeliest(logits, top).map((id) => ({
    ...scored(id, logits[id]!),
    removed: constraint?.allows(id) === false,
  }));
  const own = logits.slice();
  return (id: number) => ({ token: scored(id, own[id]!), top: best });
}
