/** The whole panel as plain data: five sections side by side, from the state that the extension sends. */

import type {
  DiffPart,
  SteeringResult,
  SteeringRun,
  SteeringSection,
  SteeringSectionId,
  SteeringState,
} from "../../protocol/steering.js";
import { controlTree } from "./controlTree.js";
import { icon } from "./icons.js";
import { tree, type Child, type Tree } from "./tree.js";

export function panelTree(state: SteeringState): Tree {
  if (state.title === undefined)
    return tree(
      "main",
      { class: "none" },
      empty("No prompt is open", "Open a .prompt file: what steers it appears here, and what that changes."),
    );
  const section = (...ids: readonly SteeringSectionId[]) =>
    tree("div", { class: "column" }, ids.flatMap((id) => state.sections.filter((it) => it.id === id)).map(sectionTree));
  return tree(
    "main",
    { class: "steer" },
    tree(
      "div",
      { class: "knobs" },
      section("style"),
      section("guidance"),
      section("vectors", "adapters"),
      section("sampling"),
    ),
    changeTree(state),
  );
}

function sectionTree({ id, name, cost, controls, isSteered, canAdd, checks, note }: SteeringSection): Tree {
  const lower = name.toLowerCase();
  return tree(
    "section",
    { class: id, "aria-labelledby": `h-${id}` },
    tree(
      "header",
      {},
      tree("h2", { id: `h-${id}` }, name),
      cost && tree("span", { class: `badge ${cost.isHigh ? "hot" : ""}`, title: cost.reason }, cost.text),
      canAdd &&
        iconButton("add", id === "vectors" ? "Add a folder with vectors" : "Add an adapter", { "data-add": id }),
      iconButton("reset", `Reset ${lower}`, { "data-reset": id, disabled: !isSteered }),
    ),
    tree("div", { class: "controls" }, controls.map(controlTree)),
    0 < checks.length &&
      tree(
        "div",
        { class: "checks" },
        tree("span", { class: "muted" }, "Measured on the last run"),
        checks.map(({ text, target, passed }) =>
          tree(
            "span",
            { class: `st ${passed ? "ok" : "bad"}`, title: `Asked for: ${target}` },
            icon(passed ? "pass" : "fail"),
            tree(
              "span",
              {},
              tree("span", { class: "sr" }, passed ? "kept: " : "missed: "),
              passed ? text : `${text}, not ${target}`,
            ),
          ),
        ),
      ),
    checks.length === 0 && note !== undefined && tree("p", { class: "muted" }, note),
  );
}

function iconButton(name: "add" | "reset", label: string, more: Readonly<Record<string, string | boolean>>): Tree {
  return tree("button", { type: "button", class: "icon", title: label, "aria-label": label, ...more }, icon(name));
}

// ------------------------------------------------------------------------------------------------ what changed

function changeTree(state: SteeringState): Tree {
  const { live, run, blocked, result, isSteered } = state;
  const isRunning = ["loading", "asWritten", "steered"].includes(run.kind);
  const toggle = tree(
    "button",
    {
      type: "button",
      class: "toggle",
      "data-live": true,
      "aria-pressed": String(live),
      title: "Run again after every change",
    },
    icon("live"),
    "Live",
  );
  const start = tree(
    "button",
    {
      type: "button",
      class: "btn",
      "data-run": true,
      title: isRunning ? "Stop (Esc)" : "Run (Ctrl+Enter)",
      disabled: !isRunning && (!isSteered || blocked !== undefined),
    },
    isRunning ? "Stop" : "Run",
  );
  return tree(
    "section",
    { class: "change", "aria-labelledby": "h-change" },
    tree("header", {}, tree("h2", { id: "h-change" }, "What changed"), start, toggle),
    tree("p", { class: "cut" }, state.title),
    ...bodyOf(state, result),
    tree("div", { class: "sr", role: "status", "aria-live": "polite" }, spoken(run, result)),
  );
}

function bodyOf({ isSteered, blocked, run }: SteeringState, result: SteeringResult | undefined): readonly Child[] {
  const said = blocked ?? (run.kind === "failed" ? { message: run.message, inPreview: false } : undefined);
  const problem =
    said &&
    tree(
      "div",
      { class: "problem", role: "alert" },
      icon("warning"),
      tree("span", { class: "grow" }, said.message),
      said.inPreview && tree("button", { type: "button", class: "link", "data-preview": true }, "Open the preview"),
    );
  if (!isSteered)
    return [
      problem,
      empty("Nothing is steered", "Move any control. The output with and without it appears here, with what it cost."),
    ];
  const doing = runText(run);
  return [
    problem,
    doing !== "" && tree("p", { class: "muted" }, doing),
    result === undefined
      ? problem === undefined &&
        doing === "" &&
        empty("Not run yet", "Run the prompt to see what the controls change (Ctrl+Enter).")
      : resultTree(result),
    result !== undefined && 0 < result.rows.length && rowsTree(result),
  ];
}

function resultTree({ holes, isWriting, isOld }: SteeringResult): Tree {
  const several = 1 < holes.length;
  return tree(
    "div",
    {
      class: `diff ${isOld ? "old" : ""}`,
      tabindex: 0,
      role: "group",
      "aria-label": "Output, steered against as written",
    },
    isOld && tree("p", { class: "muted" }, "From before the last change."),
    holes.map(({ name, parts }, i) =>
      tree(
        "div",
        {},
        several && tree("span", { class: "lit" }, `${name}: `),
        parts.map(partTree),
        isWriting && i === holes.length - 1 && tree("span", { class: "caret", "aria-hidden": "true" }, "▍"),
      ),
    ),
    !isWriting &&
      holes.every((it) => it.parts.every((part) => part.kind === "same")) &&
      tree("p", { class: "muted" }, "The output is the same as before."),
  );
}

function partTree({ kind, text }: DiffPart): Tree {
  return tree({ same: "span", removed: "del", added: "ins" }[kind], {}, text);
}

function rowsTree({ rows, isOld }: SteeringResult): Tree {
  const cell = (text: string, isSum: boolean) => tree("td", { class: "num" }, isSum ? tree("b", {}, text) : text);
  return tree(
    "table",
    { class: isOld ? "old" : "" },
    tree(
      "thead",
      {},
      tree(
        "tr",
        {},
        tree("td"),
        ...["as written", "steered"].map((it) => tree("th", { class: "num", scope: "col" }, it)),
      ),
    ),
    tree(
      "tbody",
      {},
      rows.map((it) =>
        tree(
          "tr",
          {},
          tree("th", { scope: "row", class: it.isSum ? "sum" : "" }, it.label),
          cell(it.asWritten, it.isSum),
          cell(it.steered, it.isSum),
        ),
      ),
    ),
  );
}

function empty(title: string, text: string): Tree {
  return tree("div", { class: "empty" }, icon("settings"), tree("strong", {}, title), tree("p", {}, text));
}

function runText(run: SteeringRun): string {
  switch (run.kind) {
    case "loading":
      return `Loading the model, ${Math.round(run.fraction * 100)} %`;
    case "asWritten":
      return "Running the file as written";
    case "steered":
      return "Running it steered";
    case "stopped":
      return "Stopped.";
    case "idle":
    case "failed":
      return "";
    default:
      return run satisfies never;
  }
}

/** Said when it is over, and not with every token. */
function spoken(run: SteeringRun, result: SteeringResult | undefined): string {
  if (run.kind !== "idle" || result === undefined || result.isOld || result.isWriting) return "";
  const cost = result.rows.find((it) => it.isSum)?.steered;
  return cost === undefined ? "" : `Done. Cost of all: ${cost}.`;
}
