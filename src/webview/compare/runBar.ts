/** Run, stop and how far it is. */

import type { CompareRunView, CompareViewState } from "../../protocol/compareView.js";
import { h, type Child } from "../html/virtual.js";
import { icon } from "./icons.js";
import { duration, figure, keyHint, status, textButton, type Act, type Node } from "./parts.js";

export function runBar({ run, setup, prompt }: Pick<CompareViewState, "run" | "setup" | "prompt">): Node {
  return h<Act>("div", { key: "run", class: "runbar", role: "region", "aria-label": "Run" }, [
    h<Act>("div", { class: "both" }, [
      h<Act>("div", { class: "grow" }, progress(run, setup)),
      ...buttons(run, prompt !== undefined && setup.problem === undefined, setup.total),
    ]),
  ]);
}

function progress(run: CompareRunView, { total, problem }: CompareViewState["setup"]): readonly Child<Act>[] {
  const line = (children: readonly Child<Act>[]) => [h<Act>("div", { class: "row line small" }, children)];
  switch (run.kind) {
    case "idle":
      if (problem !== undefined) return line([status("warn", problem)]);
      return line([h<Act>("span", { class: "muted" }, [total === undefined ? "" : `${total} texts will be written`])]);
    case "running": {
      const { done, failed, total: all, tokensPerSecond, leftMs, waiting } = run;
      const at = all === 0 ? 0 : (done + failed) / all;
      return [
        h<Act>("progress", { class: "sr", max: all, value: done + failed, "aria-label": "Texts written" }, [
          `${done + failed} of ${all}`,
        ]),
        h<Act>("div", { class: "bar", "aria-hidden": "true", style: { "--at": `${(at * 100).toFixed(1)}%` } }, [
          h<Act>("i"),
        ]),
        ...line([
          h<Act>("span", {}, [`${done + failed} of ${all}`]),
          h<Act>("span", { class: "muted" }, [
            waiting ?? (tokensPerSecond === 0 ? "" : `${figure(tokensPerSecond)} tok/s`),
          ]),
          h<Act>("span", { class: "muted end" }, [leftMs === undefined ? "" : `about ${duration(leftMs)} left`]),
        ]),
      ];
    }
    case "done": {
      const { done, failed, total: all, ms, stopped, time } = run;
      const text =
        0 < failed
          ? `${done} of ${all}, ${failed} failed`
          : stopped
            ? done === all
              ? `${done} of ${all}, judging was stopped`
              : `Stopped after ${done} of ${all}`
            : `${done} of ${all}`;
      return line([
        status(0 < failed ? "warn" : stopped ? "info" : "ok", text),
        h<Act>("span", { class: "muted" }, [duration(ms)]),
        h<Act>("span", { class: "muted end" }, [time]),
      ]);
    }
    case "failed":
      return line([status("bad", "Nothing was run")]);
    default:
      return run satisfies never;
  }
}

function buttons(run: CompareRunView, canRun: boolean, total: number | undefined): readonly Node[] {
  const ctrlEnter = keyHint("Ctrl ⏎");
  const disabled = { disabled: !canRun, title: "Run (Ctrl+Enter)" };
  switch (run.kind) {
    case "idle":
      return [
        textButton(
          [icon("play"), total === undefined ? "Run" : `Run ${total}`, ctrlEnter],
          "wide",
          { type: "run" },
          disabled,
        ),
      ];
    case "running":
      return [
        textButton([icon("stop"), "Stop", keyHint("Esc")], "second wide", { type: "stop" }, { title: "Stop (Esc)" }),
      ];
    case "done":
      return [
        ...(run.done < run.total
          ? [textButton([icon("again"), missingText(run)], "second wide", { type: "runFailed" }, disabled)]
          : []),
        textButton([icon("again"), "Run again", ctrlEnter], "second wide", { type: "run" }, disabled),
      ];
    case "failed":
      return [textButton([icon("again"), "Run again", ctrlEnter], "second wide", { type: "run" }, disabled)];
    default:
      return run satisfies never;
  }
}

function missingText({ done, failed, total }: Extract<CompareRunView, { readonly kind: "done" }>): string {
  return done + failed === total ? `Run the ${failed} that failed` : `Run the other ${total - done}`;
}

/** What a screen reader is told: no more than every few seconds, and the end at once. */
export function spokenProgress(run: CompareRunView): string {
  if (run.kind === "running") return `${run.done + run.failed} of ${run.total}`;
  if (run.kind === "failed") return "Failed";
  if (run.kind !== "done") return "";
  const failed = run.failed === 0 ? "" : `, ${run.failed} failed`;
  return `${run.stopped ? "Stopped" : "Done"}: ${run.done} of ${run.total}${failed}`;
}
