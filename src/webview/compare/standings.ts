/** Ratings with their intervals: no winner is named whose interval overlaps. */

import type { StandingRow, StandingsView } from "../../protocol/compareView.js";
import { h } from "../html/virtual.js";
import { chip, link, plural, status, type Act, type Node } from "./parts.js";

export function standings({ rows, votes, ties, from, to, open, warnings }: StandingsView): Node {
  const head = (text: string, more: Readonly<Record<string, string>> = {}) =>
    h<Act>("th", { scope: "col", ...more }, [text]);
  return h<Act>("section", { key: "standings", class: "section", "aria-labelledby": "standings-title" }, [
    h<Act>("div", { class: "head" }, [
      h<Act>("h2", { id: "standings-title" }, ["Standings"]),
      h<Act>("span", { class: "muted small end" }, [
        `${plural(votes, "vote")}${ties === 0 ? "" : `, ${plural(ties, "tie")}`}`,
      ]),
    ]),
    h<Act>("div", { class: "body" }, [
      h<Act>("table", { class: "stand" }, [
        h<Act>("thead", {}, [
          h<Act>("tr", {}, [
            head("Variant"),
            head("Rating", { class: "num", title: "Bradley-Terry rating, 1000 is the mean" }),
            head("95 % interval", { class: "wide" }),
            head("W–L–T", { class: "num", title: "wins, losses, ties" }),
          ]),
        ]),
        h<Act>(
          "tbody",
          {},
          rows.map((it) => row(it, from, to)),
        ),
      ]),
      ...open.map(({ text, left, right }) =>
        h<Act>("p", { key: `open ${left} ${right}`, class: "small" }, [
          status("info", text),
          " ",
          link("Vote on these", { type: "votePair", left, right }),
        ]),
      ),
      ...warnings.map((it) => h<Act>("p", { key: it, class: "small" }, [status("warn", it)])),
    ]),
  ]);
}

function row(
  { key, letter, label, rating, interval, wins, losses, ties }: StandingRow,
  from: number,
  to: number,
): Node {
  const [low, high] = interval.map(Math.round) as [number, number];
  const at = (value: number) => `${((100 * (value - from)) / Math.max(1, to - from)).toFixed(1)}%`;
  const series = letter === "" ? "X" : letter;
  return h<Act>("tr", { key }, [
    h<Act>("td", {}, [
      h<Act>("span", { class: "row" }, [
        letter === "" ? undefined : chip(letter),
        h<Act>("span", { class: letter === "" ? "cut" : "cut wideonly", title: label }, [label]),
      ]),
    ]),
    h<Act>("td", { class: "num" }, [String(Math.round(rating))]),
    h<Act>("td", {}, [
      h<Act>(
        "div",
        {
          class: `ci ${series}`,
          role: "img",
          "aria-label": `${low} to ${high}`,
          title: `${low} to ${high}`,
          style: { "--zero": at(1000), "--lo": at(interval[0]), "--mid": at(rating), "--hi": at(interval[1]) },
        },
        [h<Act>("i"), h<Act>("b")],
      ),
    ]),
    h<Act>("td", { class: "num" }, [`${wins}–${losses}–${ties}`]),
  ]);
}
