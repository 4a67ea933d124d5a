/** Best of n: a text is written several times side by side with different seeds, and the best is kept. */

import type { BestOf } from "../lang/guide/promptGuide.js";
import type { Engine, GenerateResult, OnEvent, SamplingOptions } from "../protocol/engine.js";
import type { Candidate, PresetCheck } from "../protocol/guide.js";
import type { RunEvent } from "../protocol/run.js";
import { runTogether, type GatheringSeat } from "./gather.js";
import type { HoleRequest } from "./holeRequest.js";

/** Texts that are all the likeliest would all be one. */
const CANDIDATE_TEMPERATURE = 0.7;

export interface Choosing {
  readonly bestOf: BestOf;
  readonly request: HoleRequest;
  /** The presets that a text keeps; undefined where none can be measured. */
  readonly presetsOf: (written: Pick<GenerateResult, "text" | "finish">) => readonly PresetCheck[] | undefined;
  /** Of the hole. */
  readonly name: string;
  readonly engine: Engine;
}

interface Written extends Pick<GenerateResult, "text" | "finish"> {
  readonly events: readonly RunEvent[];
  readonly candidate: Omit<Candidate, "chosen">;
}

/** One text, on the engine that is given. */
export type WriteText<W> = (request: HoleRequest, engine: Engine, onEvent: OnEvent<RunEvent>) => Promise<W>;

/**
 * By default a text is ranked by how well it keeps the presets, and among equals by the mean log-probability of its tokens. The
 * first has the prompt's own seed. Cancelled: the best of those that are whole, else what there is.
 */
export async function chooseBest<W extends Pick<GenerateResult, "text" | "finish">>(
  { bestOf, request, presetsOf, name, engine }: Choosing,
  write: WriteText<W>,
  onEvent: OnEvent<RunEvent>,
  signal: AbortSignal,
): Promise<W & { readonly candidates: readonly Candidate[] }> {
  const { n } = bestOf;
  let ended = 0;
  const tell = () => onEvent({ type: "candidate", name, number: ended + 1, of: n });

  async function one(seat: GatheringSeat, number: number): Promise<Written & { readonly result: W }> {
    const sampling = samplingOf(request.sampling ?? {}, number);
    const events: RunEvent[] = [];
    // Each text is written out of sight; how probable its tokens were is told with them.
    const asked = { ...request, sampling, top: Math.max(1, request.top ?? 0) };
    const result = await write(asked, seat.engine, (event) => {
      if (event.type === "token" || event.type === "text") events.push(event);
      else onEvent(event);
    });
    if (++ended < n) tell();
    const { text, finish } = result;
    const presets = meanScore(presetsOf(result));
    const candidate = { text, seed: sampling.seed ?? 0, meanLogprob: meanLogprob(events), presets };
    return { text, finish, events, candidate, result };
  }

  tell();
  const all = await runTogether(engine, n, signal, one);
  const whole = all.filter((it) => it.finish !== "cancelled");
  const best = (whole.length === 0 ? all : whole).reduce((a, b) => (isBetter(b, a, bestOf) ? b : a));
  for (const event of best.events) if (event.type === "text" || 0 < (request.top ?? 0)) onEvent(event);
  const candidates = all.map(({ candidate }, i) => ({ ...candidate, chosen: all[i] === best }));
  return { ...best.result, candidates };
}

function samplingOf(sampling: SamplingOptions, number: number): SamplingOptions {
  if (number === 0) return sampling;
  const { temperature = 0, seed = 0 } = sampling;
  return {
    ...sampling,
    temperature: temperature === 0 ? CANDIDATE_TEMPERATURE : temperature,
    seed: seed + number,
  };
}

function isBetter({ candidate: a }: Written, { candidate: b }: Written, { by = "presets" }: BestOf): boolean {
  const [one, other] = by === "presets" ? [a.presets ?? 0, b.presets ?? 0] : [0, 0];
  return one === other ? b.meanLogprob < a.meanLogprob : other < one;
}

function meanScore(checks: readonly PresetCheck[] | undefined): number | undefined {
  if (checks === undefined) return undefined;
  return checks.reduce((sum, it) => sum + it.score, 0) / checks.length;
}

/** Of the tokens that the model was asked for; 0 where it was asked for none. */
function meanLogprob(events: readonly RunEvent[]): number {
  const logprobs = events.flatMap((it) => (it.type === "token" ? (it.token.logprob ?? []) : []));
  return logprobs.reduce((sum, it) => sum + it, 0) / Math.max(1, logprobs.length);
}
