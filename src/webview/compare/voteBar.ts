/** Which of two outputs is better. */

import type { VoteChoice } from "../../protocol/compare.js";
import type { VoteView } from "../../protocol/compareView.js";
import { h } from "../html/virtual.js";
import { keyHint, link, plural, status, textButton, type Act, type Node } from "./parts.js";

export function voteBar(vote: VoteView): Node {
  switch (vote.kind) {
    case "open":
      return openVote(vote);
    case "voted": {
      const next =
        vote.left === 0
          ? h<Act>("p", { class: "muted small" }, ["That was the last pair."])
          : textButton([`Next pair, ${vote.left} left`, keyHint("⏎")], "wide", { type: "nextPair" }, { id: "next" });
      return h<Act>("div", { key: "vote", class: "votebar voted" }, [
        h<Act>("div", { class: "row", role: "status" }, [
          h<Act>("span", { class: "grow" }, [status("ok", vote.text)]),
          link("Undo", { type: "undo" }, "undo"),
        ]),
        next,
      ]);
    }
    case "saving":
      return h<Act>("div", { key: "vote", class: "votebar" }, [
        h<Act>("p", { class: "muted small" }, ["Writing the vote"]),
      ]);
    case "none":
      return h<Act>("div", { key: "vote", class: "votebar row" }, [
        h<Act>("p", { class: "muted small grow" }, [vote.reason]),
        vote.canUndo ? link("Undo the last vote", { type: "undo" }, "undo") : undefined,
      ]);
    default:
      return vote satisfies never;
  }
}

function openVote({ left, right, blind, canSwap, count }: Extract<VoteView, { readonly kind: "open" }>): Node {
  const button = (key: string, label: string, choice: VoteChoice, name: string) =>
    textButton([keyHint(key), label], "second", { type: "vote", choice }, { title: `${name} (${key})` });
  const question = blind
    ? "Which output is better?"
    : ["Which is better, ", h<Act>("b", {}, [left]), " or ", h<Act>("b", {}, [right]), "? "];
  return h<Act>("div", { key: "vote", class: "votebar", role: "group", "aria-label": "Vote" }, [
    h<Act>("div", { class: "row small" }, [
      h<Act>("span", { class: "ask" }, [
        ...(typeof question === "string" ? [question] : question),
        canSwap ? link("Other pair", { type: "otherPair" }) : undefined,
      ]),
      h<Act>("span", { class: "muted end" }, [count]),
    ]),
    h<Act>("div", { class: "votes" }, [
      button("1", left, "left", blind ? "Left is better" : `${left} is better`),
      button("2", right, "right", blind ? "Right is better" : `${right} is better`),
      button("3", "Tie", "tie", "Tie"),
      button("4", "Both bad", "both-bad", "Both are bad"),
    ]),
  ]);
}

export function votesText(count: number): string {
  return plural(count, "vote");
}
