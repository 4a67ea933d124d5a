/**
 * Writes text: read the prompt, then for each token mask, sample, show, append (DESIGN section 3, Decoding).
 */

import { TillerError } from "../../base/error.js";
import type { GenerateEvent, GenerateRequest, GenerateResult, OnEvent } from "../../protocol/engine.js";
import type { Lease } from "../cache/prefixCache.js";
import type { LoadedModel } from "../loadedModel.js";
import { openReader, type Reader } from "../reader.js";
import { createSampler, type Sampler } from "../sampling/chain.js";
import { beginConstraint } from "./beginConstraint.js";
import type { Branch, PlainBranch } from "./branch.js";
import { choose } from "./choose.js";
import { withoutTokens, type Constrained } from "./constrained.js";
import { checkGuidance } from "./checkGuidance.js";
import { createHealing, type Healing } from "./healing.js";
import { createOutput } from "./output.js";
import { noPictures, openPictures, type OpenPictures } from "./openPictures.js";
import { isIdle } from "./idleGuidance.js";
import { openBranch } from "./openBranch.js";
import { readPrompt, type ReadPrompt } from "./readPrompt.js";
import { reporter } from "./reportToken.js";
import { attentionUsage, requestVisibility } from "./requestVisibility.js";
import { createSteering, type Steering } from "./steering.js";
import { tokenText } from "./tokenText.js";

/** `amateur`: the second model of contrastive guidance that asks for one. */
export async function generate(
  model: LoadedModel,
  request: GenerateRequest,
  onEvent: OnEvent<GenerateEvent>,
  signal: AbortSignal,
  amateur?: LoadedModel,
): Promise<GenerateResult> {
  if (request.guidance !== undefined) checkGuidance(request.guidance, model.shape.layers);
  const pictures = openRequestPictures(model, request);
  try {
    const visibility = requestVisibility(model, request, pictures);
    const reader = await openReader(model, { ...request, visibility });
    try {
      const open = (read: ReadPrompt) => openBranch(reader, model, request, read, amateur);
      return await generateBy(reader, model, request, onEvent, { signal, open, pictures });
    } finally {
      reader.release();
    }
  } finally {
    pictures.release();
  }
}

/** Those of its prompt, and of guidance's other one. Throws what `openPictures` throws, and `usage` where two models would look. */
export function openRequestPictures(model: LoadedModel, { prompt, guidance }: GenerateRequest): OpenPictures {
  const pictures = openPictures(model, [prompt, guidance?.kind === "classifier-free" ? guidance.otherwise : undefined]);
  const hasSecondModel = guidance?.kind === "contrastive" && "model" in guidance.amateur && !isIdle(guidance);
  if (pictures === noPictures || !hasSecondModel) return pictures;
  pictures.release();
  throw new TillerError(
    "usage",
    "A second model cannot look at the pictures of a prompt. Take them out, or guide by an early layer of the model itself.",
  );
}

export interface GenerateBy {
  readonly signal: AbortSignal;
  /** Opens what reads the prompt and what is written. */
  readonly open: (read: ReadPrompt) => Promise<Branch | PlainBranch>;
  readonly pictures: OpenPictures;
}

/** The same on a reader that is at hand. */
export async function generateBy(
  reader: Reader,
  model: LoadedModel,
  request: GenerateRequest,
  onEvent: OnEvent<GenerateEvent>,
  { signal, open, pictures }: GenerateBy,
): Promise<GenerateResult> {
  const read = readPrompt(model, request, reader, pictures);
  const { prompt, again, limit } = read;
  const sampler = createSampler(request.sampling ?? {});
  const healing = createHealing(again, model);
  const constraint = request.constraint && beginConstraint(model, request, { sampler, limit, healing, again });
  const branch = await open(read);
  const steering = createSteering(branch, request.wordBias ?? {}, model.tokenizer);
  try {
    const { cached } = branch;
    const start = performance.now();
    const progress = (done: number) => ({ type: "prefill", done, total: prompt.length, cached }) as const;
    const onProgress = (done: number) => onEvent(progress(done));
    onProgress(cached);
    const isSeen = await pictures.read(signal, (tiles) => onEvent({ ...progress(cached), tiles }));
    const logits = isSeen ? await branch.begin({ signal, onProgress }) : undefined;
    const prefilled = performance.now();
    const written = await (request.scores === true
      ? choose({ model, request, again, reader, lease: leaseOf(branch, steering), onEvent, signal }, logits)
      : decode(
          {
            model,
            request,
            branch,
            prompt: prompt.slice(reader.virtualIds.length),
            limit,
            sampler,
            steering,
            constraint,
            healing,
            onEvent,
            signal,
          },
          logits,
        ));
    const attention = attentionUsage(reader.visibility, {
      virtual: reader.virtualIds.length,
      prompt: prompt.length - reader.virtualIds.length,
      written: written.ids.length,
    });
    const lookup = branch.lookup?.();
    const usage = {
      promptTokens: prompt.length,
      cachedTokens: cached,
      completionTokens: written.ids.length,
      prefillMs: prefilled - start,
      decodeMs: performance.now() - prefilled,
      ...(constraint && { constraint: constraint.usage() }),
      ...(steering.isActive && { guidance: steering.usage() }),
      ...(attention && { attention }),
      ...(lookup && { lookup }),
    };
    return { ...written, usage };
  } finally {
    branch.release();
  }
}

function leaseOf(branch: Branch | PlainBranch, { isActive }: Steering): Lease {
  if (!isActive && "lease" in branch) return branch.lease;
  throw new TillerError("usage", "The options of a choice are not scored under guidance. Leave out one of both.");
}

interface Decoding {
  readonly model: LoadedModel;
  readonly request: GenerateRequest;
  readonly branch: Branch;
  readonly prompt: readonly number[];
  /** Tokens that may be written. */
  readonly limit: number;
  readonly sampler: Sampler;
  readonly steering: Steering;
  readonly constraint: Constrained | undefined;
  readonly healing: Healing;
  readonly onEvent: OnEvent<GenerateEvent>;
  readonly signal: AbortSignal;
}

/** `first` are the logits after the prompt, undefined when reading it was cancelled. */
async function decode(
  { model, request, branch, prompt, limit, sampler, steering, constraint, healing, onEvent, signal }: Decoding,
  first: Float32Array | undefined,
): Promise<Pick<GenerateResult, "text" | "ids" | "finish">> {
  const { tokenizer } = model;
  const onText = (text: string) => onEvent({ type: "text", text });
  const output = createOutput(request.stop ?? [], onText, healing.remaining().length);
  const { begin = [], top = 0 } = request;
  const history = prompt.slice(0, prompt.length - begin.length).map((id) => model.tokenOf(id));
  const ids: number[] = [];
  /** Of the ids, those that write more than the prompt's end again. */
  let counted = 0;
  let logits = first;
  const end = (finish: GenerateResult["finish"]) => ({ text: output.end(), ids, finish });
  /** True when the text ends behind the token. */
  const write = (id: number): boolean => {
    ids.push(id);
    history.push(id);
    counted += 1 - healing.repeated([id]);
    const bytes = tokenizer.isSpecial(id) ? new Uint8Array(0) : tokenizer.bytes(id);
    constraint?.advance(bytes);
    healing.advance(bytes);
    steering.advance(id, bytes);
    return output.push(bytes);
  };
  /** The same, for tokens that the model was not asked for. */
  const writeGiven = (id: number): boolean => {
    const token = { id, token: tokenText(tokenizer, id, healing.remaining().length) };
    if (0 < top) onEvent({ type: "token", token, top: [] });
    return write(id);
  };

  for (const id of begin) if (writeGiven(id)) return end("stop");
  while (logits !== undefined && !signal.aborted) {
    const left = limit - counted;
    const mayEnd = (request.minTokens ?? 0) <= counted;
    if (constraint?.isFinished() === true) return endOf(mayEnd, end);
    if (left <= 0) return end("length");
    const given = constraint?.forced() ?? [];
    const forced = given.slice(0, left + healing.repeated(given));
    let written = forced;
    if (forced.length === 0) {
      steering.apply(logits);
      healing.narrow(logits);
      // The sampler may overwrite its logits, so what is reported of them is read first.
      const skippedBytes = healing.remaining().length;
      const report = reporter(model, logits, { top, constraint, steering, skippedBytes });
      const id: number =
        constraint?.next(logits, history, { left, mayEnd }) ??
        sampler.next(logits, history, mayEnd ? undefined : endless(model));
      if (tokenizer.eos.has(id)) return end("stop");
      if (report !== undefined) onEvent({ type: "token", ...report(id) });
      written = [id];
    }
    for (const id of written) if (forced.length === 0 ? write(id) : writeGiven(id)) return end("stop");
    if (limit <= counted) return end(constraint?.isFinished() === true ? "stop" : "length");
    logits = await branch.append(written);
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
