/** The whole page, from its state. */

import type { CompareViewState } from "../../protocol/compareView.js";
import { isOutside } from "../../protocol/outside.js";
import { h, type Child } from "../html/virtual.js";
import { changesView } from "./changesView.js";
import { exports, history } from "./historyView.js";
import { icon } from "./icons.js";
import { measures } from "./measures.js";
import { outputs } from "./outputs.js";
import { link, status, type Act, type Node } from "./parts.js";
import { runBar } from "./runBar.js";
import { setupView } from "./setupView.js";
import { standings } from "./standings.js";
import { voteBar } from "./voteBar.js";

/** `spoken` is what a screen reader is told of the run. */
export function compareView(state: CompareViewState, spoken: string): readonly Node[] {
  const { run, notice } = state;
  return [
    h<Act>("main", { class: "compare" }, [
      h<Act>("div", { key: "spoken", class: "sr", role: "status", "aria-live": "polite" }, [spoken]),
      setupView(state),
      runBar(state),
      notice === undefined
        ? undefined
        : h<Act>(
            "div",
            { key: "notice", class: `notice ${notice.kind}`, role: notice.kind === "error" ? "alert" : "status" },
            [status(notice.kind === "error" ? "bad" : "info", notice.text)],
          ),
      run.kind === "failed" ? failure(run.message) : undefined,
      ...(state.changes === undefined ? outcome(state) : [changesView(state.changes)]),
      history(state),
    ]),
  ];
}

function outcome(state: CompareViewState): readonly Child<Act>[] {
  const { results, run, measures: measured, standings: rated } = state;
  return [
    results === undefined && run.kind !== "failed" ? empty(state) : undefined,
    results === undefined ? undefined : outputs(results),
    results?.vote === undefined ? undefined : voteBar(results.vote),
    measured === undefined ? undefined : measures(measured),
    h<Act>("div", { key: "two-up", class: "two-up" }, [
      rated === undefined ? undefined : standings(rated),
      exports(state),
    ]),
  ];
}

function failure(message: string): Node {
  return h<Act>("section", { key: "failure", class: "pad" }, [
    h<Act>("div", { class: "notice err", role: "alert" }, [
      icon("error"),
      h<Act>("div", { class: "grow" }, [
        h<Act>("strong", {}, ["Nothing was run"]),
        h<Act>("p", {}, [message]),
        h<Act>("div", { class: "acts" }, [link("Show Log", { type: "showLog" })]),
      ]),
    ]),
  ]);
}

function empty({ prompt, run, setup }: CompareViewState): Node {
  if (run.kind === "running")
    return h<Act>("section", { key: "empty", class: "empty", "aria-label": "No results yet" }, [
      h<Act>("p", {}, ["The first output is on its way."]),
    ]);
  return h<Act>("section", { key: "empty", class: "empty", "aria-label": "No results yet" }, [
    icon("compare"),
    h<Act>("strong", {}, ["Nothing to compare yet"]),
    h<Act>("p", {}, [
      `Run sends every input to every variant, with the same seeds, ${setup.variants.some((it) => isOutside(it.model)) ? "and to models of other extensions beyond this machine" : "on this machine"}. Outputs appear here side by side; vote for the better one and a ranking builds up.`,
    ]),
    h<Act>("p", {}, [
      prompt === undefined
        ? link("Choose a prompt", { type: "choosePrompt" })
        : link(`Write these variants into ${prompt}`, { type: "writeVariants" }),
    ]),
  ]);
}
