/**
 * Leaves out of a prompt what `tiller.budget` says, and no more than must be: whole shots, whole turns of the history, whole
 * `{{#keep}}` blocks.
 */

import type { Budget, Droppable } from "./budget.js";
import type { RenderedMessage, RenderRequest } from "./rendered.js";
import { noShots, withoutLast, type CountTokens } from "./shots/selectShots.js";

/** What chat templates write around a message, in tokens; the known ones take no more. */
const MESSAGE_TOKENS = 8;

export type RenderMessages = (request: RenderRequest) => readonly RenderedMessage[];

/** The same request with less in it, or with all left out that may be, when even that is too long. */
export function fitBudget(
  request: RenderRequest,
  { promptTokens, drop }: Budget,
  count: CountTokens,
  renderMessages: RenderMessages,
): RenderRequest {
  if (promptTokens === undefined) return request;
  const whole = renderMessages(request);
  if (tokensOf(whole, count) <= promptTokens) return request;
  // Each step leaves out one thing more, so the first that fits is found by halving.
  const steps = drop.flatMap((it) => stepsOf(it, request, whole));
  let [low, high] = [1, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokensOf(renderMessages(after(steps, middle, request)), count) <= promptTokens) high = middle;
    else low = middle + 1;
  }
  return after(steps, high, request);
}

export function tokensOf(messages: readonly RenderedMessage[], count: CountTokens): number {
  return messages.reduce((sum, it) => sum + MESSAGE_TOKENS + count(textOf(it)), 0);
}

/** How the request looks when it is done; later steps of one kind include the earlier ones. */
type Step = (request: RenderRequest) => RenderRequest;

function stepsOf(kind: Droppable, request: RenderRequest, whole: readonly RenderedMessage[]): Step[] {
  switch (kind) {
    case "shots": {
      const shots = request.shots ?? noShots;
      return shots.shots.map((_, i) => (it) => ({ ...it, shots: withoutLast(shots, i + 1) }));
    }
    case "history":
      return turnEnds(request.history ?? []).map((end) => (it) => ({ ...it, history: request.history!.slice(end) }));
    case "keep":
      return prioritiesIn(whole).map((priority) => (it) => ({ ...it, dropUpTo: priority }));
    default:
      return kind satisfies never;
  }
}

function after(steps: readonly Step[], done: number, request: RenderRequest): RenderRequest {
  return steps.slice(0, done).reduce((it, step) => step(it), request);
}

/** Behind each turn of a conversation: where the user speaks again. The rest of a turn makes no sense without its beginning. */
function turnEnds(history: readonly RenderedMessage[]): readonly number[] {
  const ends = history.flatMap(({ role }, i) => (0 < i && role === "user" ? [i] : []));
  return history.length === 0 ? [] : [...ends, history.length];
}

function prioritiesIn(messages: readonly RenderedMessage[]): readonly number[] {
  const found = new Set(messages.flatMap(({ parts }) => parts.flatMap((it) => it.keep ?? [])));
  return [...found].sort((a, b) => a - b);
}

function textOf({ parts }: RenderedMessage): string {
  return parts.map((it) => (it.kind === "text" ? it.text : it.kind === "hole" ? (it.filled ?? "") : "")).join("");
}
