/** How likely a model finds an output. */

import { sharedLength } from "../../base/sharedLength.js";
import type { Engine, LoadEvent, ModelSpec, OnEvent } from "../../protocol/engine.js";
import type { Conversation } from "./writeCells.js";

/** The mean log-probability of the tokens behind the prompt, in nats; undefined where there is none. */
export async function likelihoodOf(
  { prompt, messages }: Conversation,
  model: ModelSpec,
  engine: Pick<Engine, "tokenize" | "score">,
  onLoad: OnEvent<LoadEvent>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const before = await engine.tokenize({ model, prompt, addGenerationPrompt: true }, onLoad, signal);
  const whole = { type: "messages", messages, continueLast: true } as const;
  const { ids, logprobs } = await engine.score({ model, prompt: whole, top: 0 }, onLoad, signal);
  // The last token of the prompt may be another one with what stands behind it.
  const from = sharedLength(before.ids, ids);
  const own = logprobs.slice(from).filter((it) => it !== null);
  return own.length === 0 ? undefined : own.reduce((sum, it) => sum + it, 0) / own.length;
}
