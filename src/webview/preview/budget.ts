/** The budget: what the prompt is made of, what is kept free for the answer, and what is left of the model's context. */

import type { PreviewBudget } from "../../protocol/preview.js";
import { element } from "./dom.js";

const SERIES = 5;

export function budgetParts({ context, reserve, parts }: PreviewBudget): readonly HTMLElement[] {
  const used = parts.reduce((sum, it) => sum + it.tokens, 0);
  const free = context - used - reserve;
  const shares = [
    ...parts.map((it, i) => ({ ...it, name: `s${(i % SERIES) + 1}` })),
    { label: "kept for the answer", tokens: reserve, name: "reserve" },
    { label: "free", tokens: Math.max(0, free), name: "rest" },
  ].filter((it) => 0 < it.tokens);
  const figures = shares.map((it) => `${it.label} ${number(it.tokens)}`).join(", ");
  const problem = free < 0 ? ` ${number(-free)} too many: shorten the prompt, or lower maxOutputTokens.` : "";
  return [
    element("h2", {}, ["Budget"]),
    element(
      "div",
      { class: "budget", role: "img", "aria-label": figures },
      shares.map(({ tokens, name }) => share(tokens, name)),
    ),
    element("p", { class: "muted" }, [`${number(used)} of ${number(context)} tokens.${problem}`]),
    element(
      "ul",
      { class: "legend" },
      shares.map(({ label, tokens, name }) =>
        element("li", {}, [element("i", { class: name }), `${label} ${number(tokens)}`]),
      ),
    ),
  ];
}

function share(tokens: number, name: string): HTMLElement {
  const made = element("i", { class: name });
  made.style.setProperty("--n", `${tokens}`);
  return made;
}

function number(value: number): string {
  return value.toLocaleString("en");
}
