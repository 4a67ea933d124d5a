/** What was measured of each variant, what judges said, and how far they agree with the votes. */

import type { MeasuresView } from "../../protocol/compareView.js";
import { h } from "../html/virtual.js";
import { chip, link, status, type Act, type Node } from "./parts.js";

export function measures({ columns, rows, judges, agreements, problems, canJudge, isJudged }: MeasuresView): Node {
  const kind = (i: number): string => (columns[i]!.isWide ? "num wide" : "num");
  return h<Act>("section", { key: "measures", class: "section", "aria-labelledby": "measures-title" }, [
    h<Act>("div", { class: "head" }, [
      h<Act>("h2", { id: "measures-title" }, ["Measures"]),
      h<Act>("span", { class: "end" }, [
        canJudge ? link(isJudged ? "Judge again" : "Judge these outputs", { type: "judge" }) : undefined,
      ]),
    ]),
    h<Act>("div", { class: "body" }, [
      h<Act>("table", { class: "measures" }, [
        h<Act>("thead", {}, [
          h<Act>("tr", {}, [
            h<Act>("th", { scope: "col" }, ["Variant"]),
            ...columns.map(({ name, what }, i) =>
              h<Act>("th", { key: name, scope: "col", class: kind(i), title: what }, [name]),
            ),
          ]),
        ]),
        h<Act>(
          "tbody",
          {},
          rows.map(({ letter, label, cells }) =>
            h<Act>("tr", { key: letter }, [
              h<Act>("td", {}, [
                h<Act>("span", { class: "row" }, [
                  chip(letter),
                  h<Act>("span", { class: "cut wideonly", title: label }, [label]),
                ]),
              ]),
              ...cells.map((it, i) => h<Act>("td", { key: columns[i]!.name, class: kind(i) }, [it])),
            ]),
          ),
        ),
      ]),
      ...problems.map((it) =>
        h<Act>("p", { key: `problem ${it}`, class: "small", role: "alert" }, [
          status("bad", `Not all was judged: ${it}`),
        ]),
      ),
      judges === undefined ? undefined : h<Act>("p", { key: "judges", class: "small muted" }, [judges]),
      ...agreements.map((it) => h<Act>("p", { key: it, class: "small" }, [status("info", it)])),
    ]),
  ]);
}
