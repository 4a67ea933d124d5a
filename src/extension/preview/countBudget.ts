/** What the prompt takes of the model's context, by what it is made of. */

import type { ChatMessage, Engine, ImageTokens, MessageImage, ModelSpec } from "../../protocol/engine.js";
import type { PreviewContent } from "../../protocol/language.js";
import type { PreviewBudget, PreviewMessage } from "../../protocol/preview.js";

export interface CountOptions {
  readonly engine: Pick<Engine, "tokenize">;
  readonly model: ModelSpec;
  /** Positions of the model's context. */
  readonly context: number;
  /** Whether the model reads pictures; those that it does not read take nothing. */
  readonly vision: boolean;
  readonly signal: AbortSignal;
}

export interface Counted {
  readonly budget: PreviewBudget;
  /** Of each picture that is sent, in the order of the prompt. */
  readonly pictures: readonly ImageTokens[];
}

const labels = ["system", "examples", "user", "model", "tool"] as const;

/** Each kind is counted by itself; what the model's template adds around them is what the whole has more. */
export async function countBudget(
  { messages, reserve }: Pick<PreviewContent, "messages" | "reserve">,
  { engine, model, context, vision, signal }: CountOptions,
): Promise<Counted> {
  const count = (prompt: Parameters<Engine["tokenize"]>[0]["prompt"]) =>
    engine.tokenize({ model, prompt }, () => {}, signal);
  const sent = messages.map((it) => chatMessage(it, vision)).filter((it) => it.content !== "" || it.images);
  const { ids, images: pictures = [] } = await count({ type: "messages", messages: sent });
  const parts: { label: string; tokens: number }[] = [];
  for (const label of labels) {
    const text = messages
      .filter((it) => labelOf(it) === label)
      .map(textOf)
      .join("\n");
    if (text !== "") parts.push({ label, tokens: (await count({ type: "text", text })).ids.length });
  }
  const shown = pictures.reduce((sum, it) => sum + it.count, 0);
  if (0 < shown) parts.push({ label: "pictures", tokens: shown });
  const around = ids.length - parts.reduce((sum, it) => sum + it.tokens, 0);
  if (0 < around) parts.push({ label: "format", tokens: around });
  return { budget: { context, reserve, parts }, pictures };
}

function labelOf({ role, shot }: PreviewMessage): (typeof labels)[number] {
  return shot === undefined ? role : "examples";
}

function textOf({ parts }: Pick<PreviewMessage, "parts">): string {
  return parts.map((it) => (it.kind === "text" || it.kind === "value" ? it.text : "")).join("");
}

function chatMessage({ role, parts }: PreviewMessage, vision: boolean): ChatMessage {
  const images = parts.flatMap((it, i): readonly MessageImage[] => {
    if (it.kind !== "media" || it.picture.kind === "problem" || !vision) return [];
    const { picture } = it;
    const source = picture.kind === "file" ? { path: picture.path } : { base64: picture.base64 };
    return [{ at: textOf({ parts: parts.slice(0, i) }).length, source }];
  });
  const said = { role: role === "model" ? "assistant" : role, content: textOf({ parts }) };
  return images.length === 0 ? said : { ...said, images };
}
