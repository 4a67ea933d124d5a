/** The page's state after an update. Messages that did not change stay the same objects, so that their elements can stay. */

import type { PreviewState, PreviewUpdate } from "../../protocol/preview.js";

type StateUpdate = Exclude<PreviewUpdate, { readonly type: "text" }>;

/** Undefined when the update is about a state that this page does not have: it must ask for the whole. */
export function withUpdate(before: PreviewState | undefined, update: StateUpdate): PreviewState | undefined {
  if (update.type === "state") return update.state;
  if (before?.version !== update.since) return undefined;
  const { keptFirst, keptLast, between } = update.messages;
  const last = before.messages.slice(before.messages.length - keptLast);
  return { ...update.state, messages: [...before.messages.slice(0, keptFirst), ...between, ...last] };
}
