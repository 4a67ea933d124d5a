/** Earlier comparisons, and what can be done with this one. */

import type { CompareViewState } from "../../protocol/compareView.js";
import { h } from "../html/virtual.js";
import { iconButton, link, textButton, type Act, type Node } from "./parts.js";

export function exports({ results }: Pick<CompareViewState, "results">): Node | undefined {
  if (results === undefined) return undefined;
  return h<Act>("section", { key: "use", class: "section", "aria-labelledby": "use-title" }, [
    h<Act>("div", { class: "head" }, [h<Act>("h2", { id: "use-title" }, ["Use this comparison"])]),
    h<Act>("div", { class: "body" }, [
      h<Act>("div", { class: "grid2 exports" }, [
        textButton(["Copy as Markdown"], "second", { type: "copyAll" }),
        textButton(["Export Markdown"], "second", { type: "export", format: "markdown" }),
        textButton(["Export JSON"], "second", { type: "export", format: "json" }),
        textButton(["Export HTML report"], "second", { type: "export", format: "html" }),
      ]),
      link("Write these variants into the prompt", { type: "writeVariants" }),
    ]),
  ]);
}

const againstTexts = { newest: "Compare with the newest", before: "Compare with the one before" } as const;

export function history({ history: items }: Pick<CompareViewState, "history">): Node | undefined {
  if (items.length === 0) return undefined;
  return h<Act>("section", { key: "history", class: "section", "aria-labelledby": "history-title" }, [
    h<Act>("div", { class: "head" }, [h<Act>("h2", { id: "history-title" }, ["Earlier comparisons"])]),
    h<Act>(
      "ul",
      { class: "body history" },
      items.map((it) =>
        h<Act>("li", { key: it.id, class: "row" }, [
          h<Act>(
            "button",
            {
              type: "button",
              class: "link grow cut",
              "aria-current": it.isOpen ? "true" : undefined,
              on: { click: () => ({ type: "openComparison", id: it.id }) },
            },
            [it.title],
          ),
          h<Act>("span", { class: "muted small" }, [it.time]),
          it.against === undefined
            ? undefined
            : iconButton("diff", `${againstTexts[it.against]} (${it.time})`, { type: "showChanges", id: it.id }),
        ]),
      ),
    ),
  ]);
}
