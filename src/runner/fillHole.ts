/** One hole: what the model is asked for, and what its text becomes. */

import { TillerError } from "../base/error.js";
import type { Json } from "../base/json.js";
import { isFreeText } from "../lang/guide/applyGuide.js";
import { checkPresets } from "../lang/guide/checkPresets.js";
import { asksOfText, type PromptGuide } from "../lang/guide/promptGuide.js";
import type { HoleSpec } from "../lang/hole.js";
import type { Adaptation } from "../protocol/adapter.js";
import type { ChatMessage, Engine, GenerateResult, ModelSpec, OnEvent } from "../protocol/engine.js";
import type { Candidate, PresetCheck } from "../protocol/guide.js";
import type { FilledHole, RunEvent } from "../protocol/run.js";
import { chooseBest } from "./bestOf.js";
import { guidanceRequest, type RunGuidance } from "./guidance.js";
import { holeRequest, type HoleRequest, type RunLimits } from "./holeRequest.js";
import { withSpaceBefore } from "./spaceBefore.js";

export interface HoleOptions extends RunLimits {
  readonly engine: Engine;
  readonly model: ModelSpec;
  readonly adaptation: Adaptation;
  readonly guide: PromptGuide;
  /** Undefined where each token is read once. */
  readonly guidance?: RunGuidance;
}

/** Up to the hole. */
export interface HolePrompt {
  readonly messages: readonly ChatMessage[];
  /** The second reading of classifier-free guidance. */
  readonly otherwise: readonly ChatMessage[] | undefined;
}

/** Writes the hole; with `level: check` until a text is good, or the tries are used up. */
export async function fillHole(
  prompt: HolePrompt,
  hole: HoleSpec,
  options: HoleOptions,
  onEvent: OnEvent<RunEvent>,
  signal: AbortSignal,
): Promise<FilledHole> {
  const { name } = hole;
  onEvent({ type: "hole", name, hidden: hole.hidden === true });
  const filled =
    hole.level === "check"
      ? await fillChecked(prompt, hole, options, onEvent, signal)
      : typed(hole, await writeBest(prompt, hole, holeRequest(hole, options), options, onEvent, signal), prompt);
  const presets = filled.finish === "cancelled" ? undefined : presetsOf(hole, options, filled);
  const whole = presets === undefined ? filled : { ...filled, presets };
  onEvent({ type: "filled", hole: whole });
  return whole;
}

interface Written extends Omit<GenerateResult, "ids"> {
  readonly name: string;
  readonly candidates?: readonly Candidate[];
}

/** With `bestOf`, the best of several texts; each is told of, and the chosen one is told. */
async function writeBest(
  prompt: HolePrompt,
  hole: HoleSpec,
  request: HoleRequest,
  options: HoleOptions,
  onEvent: OnEvent<RunEvent>,
  signal: AbortSignal,
): Promise<Written> {
  const { bestOf } = options.guide;
  // A value that is held to a few texts has its best one already.
  if (bestOf === undefined || !isFreeText(hole)) return write(prompt, hole, request, options, onEvent, signal);
  return chooseBest(
    { bestOf, request, presetsOf: (it) => presetsOf(hole, options, it), name: hole.name, engine: options.engine },
    (one, engine, onOne) => write(prompt, hole, one, { ...options, engine }, onOne, signal),
    onEvent,
    signal,
  );
}

async function write(
  { messages, otherwise }: HolePrompt,
  { name }: HoleSpec,
  request: HoleRequest,
  options: HoleOptions,
  onEvent: OnEvent<RunEvent>,
  signal: AbortSignal,
): Promise<Written> {
  const asked = withSpaceBefore(messages.at(-1)!.content, request);
  const { engine, model, adaptation, guide, guidance } = options;
  // Scores are what the model itself thinks of the options: they are compared without guidance.
  const guided = asked.scores === true ? {} : guidanceRequest(guidance, guide, otherwise && promptOf(otherwise));
  const result = await engine.generate(
    { model, ...adaptation, prompt: promptOf(messages), heal: true, ...asked, ...guided },
    (event) => onEvent(event.type === "loading" ? event : { ...event, name }),
    signal,
  );
  return { ...result, name };
}

function typed(hole: HoleSpec, written: Written, { messages }: HolePrompt): FilledHole {
  const { text, finish, usage, scores, candidates } = written;
  const value =
    hole.level === "prefer" ? wishedValue(hole, text) : valueOf(hole, text, finish, messages.at(-1)!.content);
  const optional = { ...(scores && { scores }), ...(candidates && { candidates }) };
  return { name: hole.name, text, value, hidden: hole.hidden === true, finish, usage, ...optional };
}

/** What a text of the hole keeps of the guide; undefined where nothing was asked that can be measured. */
function presetsOf(
  hole: HoleSpec,
  { guide }: HoleOptions,
  { text, finish }: Pick<GenerateResult, "text" | "finish">,
): readonly PresetCheck[] | undefined {
  if (!isFreeText(hole) || !asksOfText(guide)) return undefined;
  const limits = { ...guide.wished, ...guide.limits, ...hole.limits };
  // A full stop that ended the text is not part of it, and yet its sentence is whole.
  const end = finish === "stop" ? (hole.stop?.find((it) => /^[.!?]$/.test(it)) ?? "") : "";
  const checks = checkPresets({ ...guide, limits }, text.trim() + end);
  return checks.length === 0 ? undefined : checks;
}

const DEFAULT_ON_FAIL = { retry: 2, then: "fail" } as const;
/** A text that failed would be written again with temperature 0. */
const RETRY_TEMPERATURE = 0.7;

async function fillChecked(
  prompt: HolePrompt,
  hole: HoleSpec,
  options: HoleOptions,
  onEvent: OnEvent<RunEvent>,
  signal: AbortSignal,
): Promise<FilledHole> {
  const { name, hidden = false, onFail: { retry, then } = DEFAULT_ON_FAIL } = hole;
  const { checkText } = await import("./checkText.js"); // needed by few prompts, and slow to read
  // What fails must not be shown as if it were the result.
  const silent = (event: RunEvent) => (event.type === "text" ? undefined : onEvent(event));
  for (let attempt = 1; ; attempt++) {
    const request = retried(holeRequest(hole, options), attempt);
    const { text: raw, finish, usage } = await writeBest(prompt, hole, request, options, silent, signal);
    const text = raw.trim();
    const checked = checkText(hole, options.outputSchema, text);
    const tell = (): void => onEvent({ type: "text", name, text: raw });
    if ("value" in checked) {
      tell();
      return { name, text: raw, value: checked.value, hidden, finish, usage, check: { attempts: attempt } };
    }
    const { problem } = checked;
    onEvent({ type: "failed", name, attempt, problem });
    const isLast = retry < attempt || finish === "cancelled";
    if (!isLast) continue;
    if (then === "fail" && finish !== "cancelled") throw failed(hole, attempt, problem, text);
    tell();
    return { name, text: raw, value: text, hidden, finish, usage, check: { attempts: attempt, problem } };
  }
}

function retried(request: HoleRequest, attempt: number): HoleRequest {
  if (attempt === 1) return request;
  const { temperature = 0, seed = 0 } = request.sampling ?? {};
  const changed = { temperature: temperature === 0 ? RETRY_TEMPERATURE : temperature, seed: seed + attempt - 1 };
  return { ...request, sampling: { ...request.sampling, ...changed } };
}

function failed({ name }: HoleSpec, attempts: number, problem: string, text: string): TillerError {
  const shown = text.length <= 200 ? text : `${text.slice(0, 200)}...`;
  return new TillerError(
    "check-failed",
    `Hole "${name}" was written ${attempts} times and failed its check each time. The last text: ${problem}.\n${shown}\n` +
      "Ask for it more clearly in the prompt, raise `onFail.retry`, or set `onFail.then: keep`.",
  );
}

/** A wish that was not kept leaves a text. */
function wishedValue({ constraint }: HoleSpec, text: string): Json {
  const trimmed = text.trim();
  if (constraint?.kind !== "json" && constraint?.kind !== "int" && constraint?.kind !== "number") return trimmed;
  try {
    return JSON.parse(trimmed) as Json;
  } catch {
    return trimmed;
  }
}

/** A hole at the beginning of the model's own message is an ordinary answer; any other continues what stands before it. */
function promptOf(messages: readonly ChatMessage[]) {
  const last = messages.at(-1)!;
  if (last.role === "assistant" && last.content === "")
    return { type: "messages", messages: messages.slice(0, -1) } as const;
  return { type: "messages", messages, continueLast: true } as const;
}

/** What the hole holds, typed. */
function valueOf({ name, constraint }: HoleSpec, text: string, finish: GenerateResult["finish"], before: string): Json {
  switch (constraint?.kind) {
    case "json":
    case "int":
    case "number":
      if (finish === "cancelled") return text;
      return JSON.parse(text) as Json; // the mask let nothing else be written
    case "choice":
      checkChoice(name, constraint.options, text, finish);
      return text;
    case "regex":
    case "grammar":
      return text;
    default:
      // A space between the author's word and the model's belongs to the sentence, not to the value.
      return /\S$/.test(before) ? text.replace(/^ +/, "") : text;
  }
}

/** What was written under a choice and is none of its options can only have been cut off. */
function checkChoice(name: string, options: readonly string[], text: string, finish: GenerateResult["finish"]): void {
  if (finish === "cancelled" || options.includes(text)) return;
  if (finish === "stop") throw new Error(`the engine broke the choice of hole "${name}" with ${JSON.stringify(text)}`);
  const message = `The context ended in the middle of hole "${name}". Shorten the prompt, or raise the context.`;
  throw new TillerError("prompt-too-long", message);
}
