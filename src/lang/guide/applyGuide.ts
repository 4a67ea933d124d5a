/** Puts a guide into a rendered prompt: what the model is told, what its holes must keep, and what a second reading leaves out. */

import type { TextLimits } from "../../protocol/constraint.js";
import type { HoleSpec } from "../hole.js";
import type { RenderedMessage, RenderedPart } from "../rendered.js";
import { guideText } from "./guideText.js";
import type { PromptGuide } from "./promptGuide.js";
import type { Reading } from "./reading.js";

export interface GuideOptions {
  readonly guide: PromptGuide;
  readonly reading: Reading;
  /** The body or the guide says what is emphasised; otherwise that is what the guide tells, or else the instructions. */
  readonly isMarked: boolean;
}

export function applyGuide(
  messages: readonly RenderedMessage[],
  { guide, reading, isMarked }: GuideOptions,
): readonly RenderedMessage[] {
  const told = guideText(guide);
  const limited = messages.map((it) => withLimits(it, guide.limits));
  if (reading === "wanted") return withTold(limited, told);
  const dropsInstructions = guide.emphasize === "instructions" || (!isMarked && told === "");
  const rest = dropsInstructions ? limited.filter((it) => !isInstruction(it)) : limited;
  // What the guide tells stays in both readings where something else is emphasised.
  return withTold(rest, guide.negative ?? (isMarked && !dropsInstructions ? told : ""));
}

/** A message of the system that stands in the file itself. */
function isInstruction({ role, shot, metadata }: RenderedMessage): boolean {
  return role === "system" && shot === undefined && metadata?.["purpose"] !== "history";
}

/** At the end of the first message of the system; one is added at the front where there is none. */
function withTold(messages: readonly RenderedMessage[], told: string): readonly RenderedMessage[] {
  if (told === "") return messages;
  const at = messages.findIndex(isInstruction);
  if (at < 0) return [{ role: "system", parts: [{ kind: "text", text: told, told: true }] }, ...messages];
  const before = messages[at]!;
  const part: RenderedPart = { kind: "text", text: `${separator(before)}${told}`, told: true };
  return messages.map((it, i) => (i === at ? { ...before, parts: [...before.parts, part] } : it));
}

function separator({ parts }: RenderedMessage): string {
  const last = parts.at(-1);
  const ends = last?.kind === "text" ? (/\n*$/.exec(last.text)?.[0].length ?? 0) : 0;
  return "\n".repeat(Math.max(0, 2 - ends));
}

function withLimits(message: RenderedMessage, limits: TextLimits): RenderedMessage {
  if (Object.keys(limits).length === 0) return message;
  return {
    ...message,
    parts: message.parts.map((it) => (it.kind === "hole" ? { ...it, hole: limitedHole(it.hole, limits) } : it)),
  };
}

/** Holes of free text keep the guide's limits too; what the hole says itself stands over them, and lists are joined. */
export function limitedHole(hole: HoleSpec, limits: TextLimits): HoleSpec {
  if (!isFreeText(hole) || Object.keys(limits).length === 0) return hole;
  const own = hole.limits ?? {};
  const joined = (key: "include" | "avoid") => {
    const all = [...(limits[key] ?? []), ...(own[key] ?? [])];
    return all.length === 0 ? {} : { [key]: [...new Set(all)] };
  };
  return { ...hole, limits: { ...limits, ...own, ...joined("include"), ...joined("avoid") } };
}

export function isFreeText({ constraint }: HoleSpec): boolean {
  return constraint === undefined || constraint.kind === "text";
}
