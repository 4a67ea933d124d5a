/** What the prompt takes of the model's context, by what it is made of. */

import type { ChatMessage, Engine, ModelSpec } from "../../protocol/engine.js";
import type { PreviewContent } from "../../protocol/language.js";
import type { PreviewBudget, PreviewMessage } from "../../protocol/preview.js";

export interface CountOptions {
  readonly engine: Pick<Engine, "tokenize">;
  readonly model: ModelSpec;
  /** Positions of the model's context. */
  readonly context: number;
  readonly signal: AbortSignal;
}

const labels = ["system", "examples", "user", "model", "tool"] as const;

/** Each kind is counted by itself; what the model's template adds around them is what the whole has more. */
export async function countBudget(
  { messages, reserve }: Pick<PreviewContent, "messages" | "reserve">,
  { engine, model, context, signal }: CountOptions,
): Promise<PreviewBudget> {
  const count = async (prompt: Parameters<Engine["tokenize"]>[0]["prompt"]) =>
    (await engine.tokenize({ model, prompt }, () => {}, signal)).ids.length;
  const whole = await count({ type: "messages", messages: messages.filter(hasText).map(chatMessage) });
  const parts: { label: string; tokens: number }[] = [];
  for (const label of labels) {
    const text = messages
      .filter((it) => labelOf(it) === label)
      .map(textOf)
      .join("\n");
    if (text !== "") parts.push({ label, tokens: await count({ type: "text", text }) });
  }
  const around = whole - parts.reduce((sum, it) => sum + it.tokens, 0);
  return { context, reserve, parts: 0 < around ? [...parts, { label: "format", tokens: around }] : parts };
}

function labelOf({ role, shot }: PreviewMessage): (typeof labels)[number] {
  return shot === undefined ? role : "examples";
}

function textOf({ parts }: PreviewMessage): string {
  return parts.map((it) => (it.kind === "text" || it.kind === "value" ? it.text : "")).join("");
}

function hasText(message: PreviewMessage): boolean {
  return textOf(message) !== "";
}

function chatMessage(message: PreviewMessage): ChatMessage {
  return { role: message.role === "model" ? "assistant" : message.role, content: textOf(message) };
}
