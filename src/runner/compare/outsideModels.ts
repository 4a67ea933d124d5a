/**
 * Models that are asked for by whoever listens to the comparison. To runs they are models of the engine; what such a model
 * cannot keep is refused by its name, and a constraint is checked when the text is there.
 */

import { randomUUID } from "node:crypto";

import { TillerError } from "../../base/error.js";
import type {
  Engine,
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  ModelSpec,
  OnEvent,
  RowResult,
  SamplingOptions,
} from "../../protocol/engine.js";
import { isOutside, outsideName, type OutsideAnswer, type OutsideRequest } from "../../protocol/outside.js";

export interface OutsideModels {
  /** The engine with them. Without `asker` nobody can be asked, and they are refused. */
  engineFor(asker: Asker | undefined): Engine;
  /** What a model wrote. An answer to what is not asked any more is left alone. */
  answer(answer: OutsideAnswer): void;
}

export interface Asker {
  ask(request: OutsideRequest): void;
  /** No more of the answer is needed. */
  enough(ask: string): void;
}

interface Open {
  take(answer: OutsideAnswer): void;
}

export function createOutsideModels(engine: Engine): OutsideModels {
  const open = new Map<string, Open>();

  function engineFor(asker: Asker | undefined): Engine {
    return {
      ...engine,
      load: (request, onEvent, signal) =>
        isOutside(request.model.path) ? refused(request.model, "load") : engine.load(request, onEvent, signal),
      unload: (request, onEvent, signal) =>
        isOutside(request.model.path) ? Promise.resolve(false) : engine.unload(request, onEvent, signal),
      tokenize: (request, onEvent, signal) =>
        isOutside(request.model.path)
          ? refused(request.model, "count tokens, as limits in tokens ask for")
          : engine.tokenize(request, onEvent, signal),
      score: (request, onEvent, signal) =>
        isOutside(request.model.path)
          ? refused(request.model, "tell how likely a text is")
          : engine.score(request, onEvent, signal),
      generate: (request, onEvent, signal) =>
        isOutside(request.model.path)
          ? write(request, asker, onEvent, signal)
          : engine.generate(request, onEvent, signal),
      async generateRows({ model, rows }, onEvent, signal) {
        if (!isOutside(model.path)) return engine.generateRows({ model, rows }, onEvent, signal);
        const write1 = async (request: GenerateRequest, row: number): Promise<RowResult> => {
          const tell = (event: GenerateEvent) => event.type !== "loading" && onEvent({ type: "row", row, event });
          const result = await rowOf(write(request, asker, tell, signal));
          onEvent({ type: "ended", row, result });
          return result;
        };
        return { rows: await Promise.all(rows.map((it, row) => write1({ ...it, model }, row))) };
      },
    };
  }

  async function write(
    request: GenerateRequest,
    asker: Asker | undefined,
    onEvent: OnEvent<GenerateEvent>,
    signal: AbortSignal,
  ): Promise<GenerateResult> {
    const { model, prompt, maxTokens, sampling = {}, stop = [] } = request;
    if (asker === undefined) throw outOfReach(model);
    refuse(request);
    const { temperature, topP } = sampling;
    const messages = prompt.type === "messages" ? prompt.messages : [];
    const ask = randomUUID();
    const start = performance.now();
    let firstMs: number | undefined;
    const text = stoppedText(stop, (it) => {
      firstMs ??= performance.now() - start;
      onEvent({ type: "text", text: it });
    });
    let end: Pick<GenerateResult, "finish"> & { readonly promptTokens: number; readonly tokens: number };
    try {
      end = await new Promise((resolve, reject) => {
        const stopped = (finish: "stop" | "cancelled") => {
          asker.enough(ask);
          resolve({ finish, promptTokens: 0, tokens: 0 });
        };
        if (signal.aborted) return resolve({ finish: "cancelled", promptTokens: 0, tokens: 0 });
        signal.addEventListener("abort", () => stopped("cancelled"), { once: true });
        open.set(ask, {
          take(answer) {
            if (answer.kind === "done") resolve(answer);
            else if (answer.kind === "failed") reject(new TillerError("model-unsupported", answer.message));
            else if (text.add(answer.text)) stopped("stop");
          },
        });
        asker.ask({
          ...{ ask, path: model.path, messages },
          ...(maxTokens !== undefined && { maxTokens }),
          ...(temperature !== undefined && { temperature }),
          ...(topP !== undefined && { topP }),
        });
      });
    } finally {
      open.delete(ask);
    }
    text.end();
    const ms = performance.now() - start;
    const { finish, promptTokens, tokens } = end;
    const usage = {
      ...{ promptTokens, cachedTokens: 0, completionTokens: tokens },
      ...{ prefillMs: firstMs ?? ms, decodeMs: ms - (firstMs ?? ms) },
    };
    const written = { text: text.whole(), ids: [], finish, usage };
    return finish === "cancelled" ? written : checked(written, request);
  }

  return { engineFor, answer: (answer) => open.get(answer.ask)?.take(answer) };
}

/** What is told is certain: never the beginning of a stop text. */
function stoppedText(stops: readonly string[], tell: (text: string) => void) {
  let all = "";
  let told = 0;
  let isStopped = false;
  const held = Math.max(0, ...stops.map((it) => it.length - 1));
  const tellUntil = (end: number): void => {
    if (told < end) tell(all.slice(told, end));
    told = Math.max(told, end);
  };
  return {
    /** True when a stop text has ended it. */
    add(text: string): boolean {
      if (isStopped) return true;
      all += text;
      const ends = stops.map((it) => all.indexOf(it, Math.max(0, told - held))).filter((it) => 0 <= it);
      isStopped = 0 < ends.length;
      if (isStopped) all = all.slice(0, Math.min(...ends));
      tellUntil(isStopped ? all.length : all.length - held);
      return isStopped;
    },
    end: () => tellUntil(all.length),
    whole: () => all,
  };
}

/** A text that has not the form that was asked for is no result; one that was only a wish is one. */
async function checked(written: GenerateResult, request: GenerateRequest): Promise<GenerateResult> {
  const { constraint, prefer, model } = request;
  if (constraint === undefined) return written;
  const { checkConstraint } = await import("../checkText.js"); // slow to read
  const candidates = [withoutFence(written.text), written.text];
  const results = candidates.map((text) => ({ text, verdict: checkConstraint(constraint, text) }));
  const good = results.find((it) => "value" in it.verdict);
  const usage = (kept: boolean) => ({
    ...written.usage,
    constraint: { forcedTokens: 0, compileMs: 0, maskMs: 0, legalMass: [], kept },
  });
  if (good !== undefined) return { ...written, text: good.text, usage: usage(true) };
  if (prefer !== undefined) return { ...written, usage: usage(false) };
  const { problem } = results[0]!.verdict as { readonly problem: string };
  throw new TillerError(
    "check-failed",
    `${nameOf(model)} cannot be held to a form, so what it wrote was checked, and ${problem}. Ask for the form in the prompt, or run it again.\n${short(written.text)}`,
  );
}

/** Models like to put values into a block of Markdown. */
function withoutFence(text: string): string {
  return /^```\w*\s*\n([^]*?)\n?```$/.exec(text.trim())?.[1] ?? text.trim();
}

function short(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}...`;
}

/** Those that every chat model has. */
const known: readonly (keyof SamplingOptions)[] = ["temperature", "topP", "seed"];

/** Before anything is sent: the first thing that it cannot keep. Seeds alone are let go, because each request has one. */
function refuse(request: GenerateRequest): void {
  const { prompt, adapters = [], wordBias = {}, top = 0, attention = "auto", sampling = {} } = request;
  const others = Object.keys(sampling).filter((it) => !known.includes(it as keyof SamplingOptions));
  const continues = prompt.type !== "messages" || prompt.continueLast === true;
  const images = prompt.type === "messages" && prompt.messages.some((it) => 0 < (it.images?.length ?? 0));
  const wanted: readonly (readonly [boolean, string])[] = [
    [0 < adapters.length || request.routing !== undefined, "use adapters"],
    [request.guidance !== undefined, "be guided (`tiller.guide`)"],
    [0 < Object.keys(wordBias).length, "be biased towards words (`tiller.guide`)"],
    [request.scores === true, "tell how likely each option is (`scores`)"],
    [request.begin !== undefined || 0 < top, "tell of its tokens"],
    [request.minTokens !== undefined, "be kept from ending (`tokens.min`)"],
    [attention !== "auto", "attend to a part of the prompt (`tiller.attention`)"],
    [continues, "go on in the middle of its own message: let the hole stand at the message's beginning"],
    [images, "be shown pictures from here"],
    [0 < others.length, `keep \`${others.join("`, `")}\``],
  ];
  const first = wanted.find(([isWanted]) => isWanted);
  if (first !== undefined) throw cannot(request.model, first[1]);
}

function cannot(model: ModelSpec, what: string): TillerError {
  return new TillerError(
    "model-unsupported",
    `${nameOf(model)} belongs to another extension and cannot ${what}. Compare it without that, or with a model on this machine.`,
  );
}

function refused(model: ModelSpec, what: string): Promise<never> {
  return Promise.reject(cannot(model, what));
}

function outOfReach(model: ModelSpec): TillerError {
  return new TillerError(
    "model-unsupported",
    `${nameOf(model)} belongs to an extension of VS Code, and can be asked from the Compare view alone.`,
  );
}

function nameOf({ path }: ModelSpec): string {
  return outsideName(path)?.id ?? path;
}

async function rowOf(writing: Promise<GenerateResult>): Promise<RowResult> {
  try {
    return { status: "done", result: await writing, together: 1 };
  } catch (error) {
    if (!(error instanceof TillerError)) throw error;
    return { status: "failed", code: error.code, message: error.message };
  }
}
