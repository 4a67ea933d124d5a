/// <reference lib="dom" />
/** A strip that stands for the prompt: bright where the answer saw it, dimmed where it was forgotten. */

import type { PreviewSeen } from "../../protocol/preview.js";
import { element } from "./dom.js";

export interface Stretch {
  readonly tokens: number;
  readonly seen: boolean;
}

/** The whole prompt, from its beginning to its end. */
export function stretchesOf({ promptTokens, ranges }: PreviewSeen): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    if (at < from) stretches.push({ tokens: from - at, seen: false });
    stretches.push({ tokens: to - from, seen: true });
    at = to;
  }
  if (at < promptTokens) stretches.push({ tokens: promptTokens - at, seen: false });
  return stretches;
}

export function seenPrompt(seen: PreviewSeen): HTMLElement {
  const stretches = stretchesOf(seen);
  const number = (value: number) => value.toLocaleString("en");
  const visible = stretches.reduce((sum, it) => sum + (it.seen ? it.tokens : 0), 0);
  const words = `${seen.pattern} attention: the answer saw ${number(visible)} of the prompt's ${number(seen.promptTokens)} tokens`;
  const parts = stretches.map(({ tokens, seen: isSeen }) => {
    const made = element("i", { class: isSeen ? "seen" : "dimmed" });
    made.style.setProperty("--n", `${tokens}`);
    return made;
  });
  return element("div", { class: "seen-prompt" }, [
    element("div", { class: "strip", role: "img", "aria-label": words }, parts),
    element("p", { class: "muted", "aria-hidden": "true" }, [`${words}.`]),
  ]);
}
