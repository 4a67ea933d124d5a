/** What guidance made of the last run: which presets were kept, and which texts the best was chosen from. */

import type { PreviewGuided } from "../../protocol/preview.js";
import { element, type Child } from "./dom.js";

export function guidedParts(guided: readonly PreviewGuided[]): readonly Child[] {
  return guided.flatMap(({ hole, presets, candidates }) => [
    presets.length === 0 ? undefined : presetTable(hole, presets),
    candidates.length === 0 ? undefined : candidateList(hole, candidates),
  ]);
}

function presetTable(hole: string, presets: PreviewGuided["presets"]): HTMLElement {
  const head = ["Asked for", "Found", ""].map((it) => element("th", { scope: "col" }, [it]));
  const rows = presets.map(({ control, target, result, passed }) =>
    element("tr", {}, [
      element("th", { scope: "row" }, [`${control}: ${target}`]),
      element("td", {}, [result]),
      element("td", { class: passed ? "kept" : "missed" }, [
        element("span", { class: "mark", "aria-hidden": "true" }, [passed ? "✓" : "✗"]),
        passed ? " kept" : " missed",
      ]),
    ]),
  );
  return element("section", { class: "section", "aria-label": `Presets of ${hole}` }, [
    element("h2", {}, [`Presets of ${hole}`]),
    element("table", { class: "presets" }, [
      element("thead", {}, [element("tr", {}, head)]),
      element("tbody", {}, rows),
    ]),
  ]);
}

function candidateList(hole: string, candidates: PreviewGuided["candidates"]): HTMLElement {
  const items = candidates.map(({ text, seed, meanLogprob, presets, chosen }) => {
    const facts = [
      `seed ${seed}`,
      `mean log-probability ${meanLogprob.toFixed(2)}`,
      ...(presets === undefined ? [] : [`presets ${presets.toFixed(2)}`]),
    ];
    return element("li", { class: `candidate ${chosen ? "chosen" : ""}` }, [
      element("div", {}, [
        chosen ? element("b", {}, ["✓ chosen "]) : undefined,
        element("span", { class: "muted" }, [facts.join(", ")]),
      ]),
      element("div", { class: "said" }, [text]),
    ]);
  });
  return element("section", { class: "section", "aria-label": `Texts that ${hole} was chosen from` }, [
    element("h2", {}, [`${hole}: best of ${candidates.length}`]),
    element("ol", { class: "candidates" }, items),
  ]);
}
