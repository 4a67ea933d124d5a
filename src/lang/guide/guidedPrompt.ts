/** The prompts of a guide: what the model is told, and, for a stronger guide, the same without what is emphasised. */

import type { ChatMessage, GenerateRequest, PromptInput } from "../../protocol/engine.js";
import type { ConstraintSpec } from "../../protocol/constraint.js";
import type { PlaceGuide } from "../editor/guidedPlace.js";
import { limitsOf, type Guide, type GuideLimits } from "./guide.js";
import { tones } from "./presets.js";

export type GuidedRequest = Pick<GenerateRequest, "prompt" | "guidance" | "constraint" | "stop" | "heal" | "wordBias">;

/** What is to be written: the text behind `before`, or another one in place of `selected`. */
export type GuidedText =
  { readonly kind: "continue"; readonly before: string } | { readonly kind: "replace"; readonly selected: string };

export const STRENGTH = 1.5;

const nothing: PlaceGuide = { avoid: [], bias: {} };

/** `always`: what holds whatever the guide is. */
export function guidedRequest(guide: Guide, text: GuidedText, always: PlaceGuide = nothing): GuidedRequest {
  const limits = withoutWords(limitsOf(guide), always.avoid);
  const wordBias = 0 < Object.keys(always.bias).length ? { wordBias: always.bias } : {};
  const words = tones.find((it) => it.id === guide.tone)?.words ?? guide.tone;
  const prompt = promptOf(text, words);
  const strength = guide.strength ?? STRENGTH;
  const isStronger = words !== undefined && strength !== 1;
  const guidance = { kind: "classifier-free", otherwise: promptOf(text, words && "neutral"), strength } as const;
  const { adapter } = guide;
  const adapters = adapter && [{ path: adapter.path }];
  return { prompt, heal: true, ...(adapters && { adapters }), ...limits, ...wordBias, ...(isStronger && { guidance }) };
}

/** Values of a form of their own are not text, and keep it alone. */
function withoutWords(limits: GuideLimits, avoid: readonly string[]): GuideLimits {
  const { constraint, stop = [] } = limits;
  if (avoid.length === 0) return limits;
  const without: ConstraintSpec = { kind: "text", limits: { avoid } };
  if (constraint === undefined) return { ...limits, constraint: { kind: "all", items: [without], stop } };
  if (constraint.kind !== "all") return limits;
  return { ...limits, constraint: { ...constraint, items: [...constraint.items, without] } };
}

/** Without a tone the text itself is the prompt: nothing is told, and it goes on as it began. */
function promptOf(text: GuidedText, tone: string | undefined): PromptInput {
  if (text.kind === "continue" && tone === undefined) return { type: "text", text: text.before };
  const system: ChatMessage = {
    role: "system",
    content: `You are a writer.${tone === undefined ? "" : ` Your tone is ${tone}.`}`,
  };
  if (text.kind === "replace") {
    const content = `Write this text again in other words. Answer with the new text only.\n\n${text.selected}`;
    return { type: "messages", messages: [system, { role: "user", content }] };
  }
  const told: ChatMessage = { role: "user", content: "Write the text, in this tone from now on." };
  return {
    type: "messages",
    messages: [system, told, { role: "assistant", content: text.before }],
    continueLast: true,
  };
}
