/** What changed between two comparisons: variants with their measures, and the outputs word by word. */

import type { ChangedCell, ChangedVariant, ChangesView } from "../../protocol/compareView.js";
import { h } from "../html/virtual.js";
import { chip, iconButton, link, status, type Act, type Node } from "./parts.js";

export function changesView({ title, summary, variants, cells, more }: ChangesView): Node {
  return h<Act>("section", { key: "changes", class: "section changes", "aria-labelledby": "changes-title" }, [
    h<Act>("div", { class: "head" }, [
      h<Act>("h2", { id: "changes-title", tabindex: -1 }, ["What changed"]),
      h<Act>("span", { class: "end" }, [link("With another one...", { type: "chooseChanges" })]),
      iconButton("close", "Close (Esc)", { type: "closeChanges" }),
    ]),
    h<Act>("div", { class: "body" }, [
      h<Act>("p", { class: "small" }, [`${title}. ${summary.join(" ")}`]),
      h<Act>("ul", { class: "changed-variants", "aria-label": "Variants" }, variants.map(variantView)),
      ...cells.map(cellView),
      more === 0 ? undefined : link(`Show more, ${more.toLocaleString("en")} left`, { type: "moreChanges" }),
    ]),
  ]);
}

const badges = { both: undefined, added: "added", removed: "taken away" } as const;

function variantView({ letter, label, kind, note, measures }: ChangedVariant, index: number): Node {
  const badge = badges[kind];
  return h<Act>("li", { key: `${index} ${label}` }, [
    h<Act>("div", { class: "row" }, [
      letter === "" ? undefined : chip(letter),
      h<Act>("span", { class: "name cut", title: label }, [label]),
      badge === undefined ? undefined : h<Act>("span", { class: "badge" }, [badge]),
    ]),
    note === undefined ? undefined : h<Act>("p", { class: "small muted" }, [note]),
    h<Act>(
      "dl",
      { class: "figures" },
      measures.map(({ name, text }) =>
        h<Act>("div", { key: name }, [h<Act>("dt", {}, [name]), h<Act>("dd", {}, [text])]),
      ),
    ),
  ]);
}

function cellView({ id, letter, title, where, parts, note }: ChangedCell): Node {
  const tags = { model: "span", file: "span", added: "ins", removed: "del" } as const;
  const name = `${title}, ${where}`;
  return h<Act>("article", { key: `change ${id}`, class: "card", "aria-label": name }, [
    h<Act>("header", {}, [
      chip(letter),
      h<Act>("span", { class: "name cut", title }, [title]),
      h<Act>("span", { class: "muted small grow cut", title: where }, [where]),
    ]),
    h<Act>(
      "div",
      { class: "text", tabindex: 0, role: "group", "aria-label": `Changes of ${name}` },
      parts.map((it, i) => h<Act>(tags[it.kind], { key: `${i} ${it.kind}`, class: it.kind }, [it.text])),
    ),
    note === undefined ? undefined : h<Act>("footer", {}, [status("info", note)]),
  ]);
}
