/**
 * Writes text: read the prompt, then for each token mask, sample, show, append (DESIGN section 3, Decoding).
 */

import { TillerError } from "../../base/error.js";
import type { ConstraintSpec } from "../../protocol/constraint.js";
import type { GenerateEvent, GenerateRequest, GenerateResult, OnEvent } from "../../protocol/engine.js";
import type { Lease } from "../cache/prefixCache.js";
import type { LoadedModel } from "../loadedModel.js";
import { createSampler, type Sampler } from "../sampling/chain.js";
import { constrain, type Constrained } from "./constrained.js";
import { likeliest, logSumExp } from "./likeliest.js";
import { createOutput } from "./output.js";
import { prefill } from "./prefill.js";
import { checkFits, encodePrompt } from "./promptIds.js";
import { tokenText } from "./tokenText.js";

export async function generate(
  model: LoadedModel,
  request: GenerateRequest,
  onEvent: OnEvent<GenerateEvent>,
  signal: AbortSignal,
): Promise<GenerateResult> {
  const { ids: prompt } = encodePrompt(model, request.prompt);
  if (prompt.length === 0)
    throw new TillerError("prompt-invalid", "The prompt is empty: there is nothing to continue.");
  checkFits(prompt, model);
  const sampler = createSampler(request.sampling ?? {});
  const room = model.facts.contextTokens - prompt.length;
  const limit = Math.min(request.maxTokens ?? room, room);
  const constraint = request.constraint && constrainedBy(model, request.constraint, sampler, limit);
  const lease = model.prefixes.lease(prompt);
  try {
    const cached = lease.cache.length;
    const start = performance.now();
    const onProgress = (done: number) => onEvent({ type: "prefill", done, total: prompt.length, cached });
    onProgress(cached);
    const logits = await prefill(model, lease, prompt, { signal, onProgress });
    const prefilled = performance.now();
    const written = await decode(
      { model, request, lease, prompt, limit, sampler, constraint, onEvent, signal },
      logits,
    );
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

function constrainedBy(model: LoadedModel, spec: ConstraintSpec, sampler: Sampler, limit: number): Constrained {
  const start = performance.now();
  const state = model.constraint(spec).begin();
  const compileMs = performance.now() - start;
  return constrain({ state, compileMs, sampler, tokenizer: model.tokenizer, limit });
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
  const history = [...prompt];
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

  while (logits !== undefined && !signal.aborted) {
    if (constraint?.isFinished() === true) return end("stop");
    if (limit <= ids.length) return end("length");
    let written = (constraint?.forced() ?? []).slice(0, limit - ids.length);
    if (written.length === 0) {
      // The sampler may overwrite its logits, so what is reported of them is read first.
      const report = reporter(model, logits, request.top ?? 0);
      const id: number = constraint?.next(logits, history, limit - ids.length) ?? sampler.next(logits, history);
      if (tokenizer.eos.has(id)) return end("stop");
      if (report !== undefined) onEvent({ type: "token", ...report(id) });
      written = [id];
    }
    for (const id of written) if (write(id)) return end("stop");
    if (limit <= ids.length) return end(constraint?.isFinished() === true ? "stop" : "length");
    logits = await decoder.forward(lease.cache, embeddings.lookUp(written), [written.length - 1]);
    lease.appended(written);
  }
  return end("cancelled");
}

/** Reads from the model's own logits what the event of the next token says; undefined when nobody asks. */
function reporter({ tokenizer }: LoadedModel, logits: Float32Array, top: number) {
  if (top === 0) return undefined;
  const total = logSumExp(logits);
  const scored = (id: number, logit: number) => ({ id, token: tokenText(tokenizer, id), logprob: logit - total });
  const best = likeliest(logits, top).map((id) => scored(id, logits[id]!));
  const own = logits.slice();
  return (id: number) => ({ token: scored(id, own[id]!), top: best });
}
