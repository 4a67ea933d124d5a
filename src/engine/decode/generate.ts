/**
 * Writes text: read the prompt, then for each token mask, sample, show, append (DESIGN section 3, Decoding).
 */

import { TillerError } from "../../base/error.js";
import type { ConstraintState } from "../../constraint/constraint.js";
import type { ConstraintSpec } from "../../protocol/constraint.js";
import type { GenerateEvent, GenerateRequest, GenerateResult, OnEvent, PromptInput } from "../../protocol/engine.js";
import type { Lease } from "../cache/prefixCache.js";
import type { LoadedModel } from "../loadedModel.js";
import { openReader, type Reader } from "../reader.js";
import { createSampler, type Sampler } from "../sampling/chain.js";
import type { Branch, PlainBranch } from "./branch.js";
import { choose } from "./choose.js";
import { constrain, withoutTokens, type Constrained } from "./constrained.js";
import { checkGuidance } from "./checkGuidance.js";
import { createHealing, healedConstraint, takeBack, type Healing, type OpenPrompt } from "./healing.js";
import { likeliest, logSumExp } from "./likeliest.js";
import { createOutput } from "./output.js";
import { preferring } from "./preferring.js";
import { noPictures, openPictures, type OpenPictures } from "./openPictures.js";
import { checkFits, encodePrompt, type EncodedPrompt } from "./promptIds.js";
import { isIdle, openBranch } from "./openBranch.js";
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
  const hasSecondModel = guidance?.kind === "contrastive" && "model" in guidance.amateur && !isIdle({ guidance });
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
  const constraint = request.constraint && constrainedBy(model, request, { sampler, limit, healing, again });
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

export interface ReadPrompt {
  /** What the model reads before it is asked, `begin` included. */
  readonly prompt: readonly number[];
  /** The same of guidance's other prompt; undefined where it is not read. */
  readonly otherwise: readonly number[] | undefined;
  /** The end of the prompt's text, which is written again. */
  readonly again: string;
  /** Tokens that may be written, `begin` included. */
  readonly limit: number;
}

function readPrompt(
  model: LoadedModel,
  request: GenerateRequest,
  { virtualIds, visibility }: Pick<Reader, "virtualIds" | "visibility">,
  pictures: OpenPictures,
): ReadPrompt {
  const isEndless = visibility?.endlessSinks !== undefined;
  const { heal = false, begin = [], maxTokens, minTokens = 0 } = request;
  const { ids, text: again, images } = openPrompt(model, request.prompt, heal, pictures);
  const prompt = [...virtualIds, ...ids, ...begin];
  if (prompt.length === virtualIds.length)
    throw new TillerError("prompt-invalid", "The prompt is empty: there is nothing to continue.");
  const other = otherPrompt(model, request, again, pictures);
  const otherwise = other && [...virtualIds, ...other];
  if (otherwise !== undefined && !isEndless) checkOtherFits(otherwise.length, model);
  // At worst, each byte that is written again takes a token. Both branches grow alike.
  const read = Math.max(prompt.length, otherwise?.length ?? 0) + Buffer.byteLength(again);
  if (!isEndless) checkFits(read, model, images);
  const { contextTokens } = model.facts;
  const room = contextTokens - read + begin.length;
  const limit = isEndless ? (maxTokens ?? contextTokens) : Math.min(maxTokens ?? room, room);
  if (minTokens <= limit) return { prompt, otherwise, again, limit };
  throw new TillerError(
    "constraint-invalid",
    `${minTokens} tokens are asked for, and at most ${limit} may be written.`,
  );
}

function openPrompt(
  model: LoadedModel,
  prompt: PromptInput,
  heal: boolean,
  pictures: OpenPictures,
): OpenPrompt & Pick<EncodedPrompt, "images"> {
  const { ids, images = [] } = encodePrompt(model, prompt, { pictures });
  return { images, ...(heal ? takeBack(ids, prompt, model) : { ids, text: "" }) };
}

/** With strength 1 guidance changes nothing, and its other prompt is not read. */
function otherPrompt(
  model: LoadedModel,
  { guidance, heal = false, begin = [] }: GenerateRequest,
  again: string,
  pictures: OpenPictures,
): readonly number[] | undefined {
  if (guidance?.kind !== "classifier-free" || isIdle({ guidance })) return undefined;
  const { ids, text } = openPrompt(model, guidance.otherwise, heal, pictures);
  if (text === again) return [...ids, ...begin];
  throw new TillerError("usage", "Both prompts of guidance must end alike: the text goes on from both.");
}

function checkOtherFits(tokens: number, { facts }: LoadedModel): void {
  if (tokens < facts.contextTokens) return;
  const message =
    `Guidance's other prompt has ${tokens} tokens, and this model's context holds ${facts.contextTokens}, the answer ` +
    "included. Shorten what the text is to be led away from.";
  throw new TillerError("prompt-too-long", message);
}

interface Beginning {
  readonly sampler: Sampler;
  readonly limit: number;
  readonly healing: Healing;
  /** What is written again first. */
  readonly again: string;
}

function constrainedBy(
  model: LoadedModel,
  { constraint, prefer, written = "" }: GenerateRequest,
  { again, ...beginning }: Beginning,
): Constrained {
  const start = performance.now();
  const state = begin(model, constraint!, { again, written });
  const options = { state, compileMs: performance.now() - start, tokenizer: model.tokenizer, ...beginning };
  return prefer === undefined ? constrain(options) : preferring(options, prefer);
}

/** What is written again stands before the constraint's text, or is the end of what was `written` of it. */
function begin(
  model: LoadedModel,
  constraint: ConstraintSpec,
  { again, written }: { readonly again: string; readonly written: string },
): ConstraintState {
  const isInside = again.length <= written.length;
  const before = isInside ? "" : again.slice(0, again.length - written.length);
  const state = model.constraint(healedConstraint(before, constraint)).begin();
  const read = new TextEncoder().encode(isInside ? written.slice(0, written.length - again.length) : "");
  if (!state.takes(read))
    throw new TillerError("constraint-invalid", "What stands there already breaks the constraint.");
  state.advance(read);
  return state;
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

interface Reported {
  readonly top: number;
  readonly constraint: Constrained | undefined;
  readonly steering: Steering;
  /** Of the token, what the prompt's end had already. */
  readonly skippedBytes: number;
}

/** Reads from the model's own logits what the event of the next token says; undefined when nobody asks. */
function reporter(
  { tokenizer }: LoadedModel,
  logits: Float32Array,
  { top, constraint, steering, skippedBytes }: Reported,
) {
  if (top === 0) return undefined;
  const total = logSumExp(logits);
  const unguided = steering.unguided();
  const scored = (id: number, logit: number) => ({
    id,
    token: tokenText(tokenizer, id, skippedBytes),
    logprob: logit - total,
    ...(unguided && { unguided: unguided.logprob(id) }),
  });
  const best = likeliest(logits, top).filter((id) => logits[id] !== -Infinity);
  // What guidance has changed is seen beside what would have been.
  if (unguided?.changed === true && !best.includes(unguided.best)) best.push(unguided.best);
  const alternatives = best.map((id) => ({ ...scored(id, logits[id]!), removed: constraint?.allows(id) === false }));
  const own = logits.slice();
  const changed = unguided && { changed: unguided.changed };
  return (id: number) => ({ token: scored(id, own[id]!), top: alternatives, ...changed });
}
