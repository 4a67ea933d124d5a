/** The preview's page: shows the state that it is given, and tells what the user does. */

import type { PreviewAction, PreviewRun, PreviewState, PreviewTab, PreviewUpdate } from "../../protocol/preview.js";
import { budgetParts } from "./budget.js";
import { button, element, replaceWhenChanged, setAttributes } from "./dom.js";
import { guidedParts } from "./guided.js";
import { InputsForm } from "./inputsForm.js";
import { MessageList, problemList } from "./messages.js";
import { TokenMap } from "./tokens.js";
import { withUpdate } from "./withUpdate.js";

declare function acquireVsCodeApi(): { postMessage(action: PreviewAction): void };

const tabs: readonly PreviewTab[] = ["messages", "tokens", "output"];
const tabNames = { messages: "Messages", tokens: "Tokens", output: "Output" } as const;

const api = acquireVsCodeApi();
const post = (action: PreviewAction): void => api.postMessage(action);
let state: PreviewState | undefined;

// ------------------------------------------------------------------------------------------------ the parts

const tabButtons = tabs.map((tab) =>
  button(tabNames[tab], { role: "tab", id: `tab-${tab}`, "aria-controls": `panel-${tab}` }, () => showTab(tab)),
);
const tabList = element("div", { class: "tabs", role: "tablist", "aria-label": "Preview" }, tabButtons);
const badge = element("span", { class: "badge" });
const pin = button("Pin", { class: "toggle", title: "Stay with this prompt" }, () =>
  post({ type: "pin", pinned: state?.pinned !== true }),
);
const run = button("Run", { class: "btn", title: "Run (Ctrl+Enter)" }, () =>
  post({ type: isRunning() ? "stop" : "run" }),
);
const status = element("div", { class: "status" });
const said = element("div", { class: "sr", role: "status", "aria-live": "polite" });
const problems = element("div", { class: "problems", role: "alert" });
const form = new InputsForm(post);
const testChoice = element("select", { class: "select", id: "test" });
testChoice.addEventListener("change", () => {
  post({ type: "test", name: testChoice.value === "" ? undefined : testChoice.value });
});
const testRow = element("div", { class: "row" }, [element("label", { for: "test" }, ["Test case"]), testChoice]);
const inputs = element("details", { class: "section", open: true }, [
  element("summary", {}, [element("b", {}, ["Inputs"])]),
  testRow,
  form.element,
]);
const budget = element("section", { class: "section", "aria-label": "Budget" });
const messages = new MessageList(post);
const tokens = new TokenMap(post);
const output = element("div", { class: "output" });
const panels: Readonly<Record<PreviewTab, HTMLElement>> = {
  messages: panel("messages", [problems, inputs, budget, messages.element]),
  tokens: panel("tokens", [tokens.element]),
  output: panel("output", [output]),
};

function panel(tab: PreviewTab, children: readonly HTMLElement[]): HTMLElement {
  return element("main", { role: "tabpanel", id: `panel-${tab}`, "aria-labelledby": `tab-${tab}` }, children);
}

document
  .getElementById("preview")!
  .append(
    element("header", { class: "topbar" }, [tabList, element("span", { class: "end" }), badge, pin, run]),
    status,
    said,
    ...Object.values(panels),
  );

// ------------------------------------------------------------------------------------------------ what is shown

function show(next: PreviewState): void {
  state = next;
  for (const [i, tab] of tabs.entries()) {
    const isOpen = tab === next.tab;
    setAttributes(tabButtons[i]!, { "aria-selected": String(isOpen), tabindex: isOpen ? 0 : -1 });
    panels[tab].hidden = !isOpen;
  }
  setAttributes(badge, { title: next.portability.reason, hidden: next.portability.reason === "" });
  badge.textContent = next.portability.level;
  setAttributes(pin, { "aria-pressed": String(next.pinned) });
  const isBroken = next.problems.some((it) => it.severity === "error");
  run.textContent = isRunning() ? "Stop" : "Run";
  setAttributes(run, { disabled: isBroken && !isRunning(), title: isRunning() ? "Stop (Esc)" : "Run (Ctrl+Enter)" });
  showStatus(next.run);
  replaceWhenChanged(problems, JSON.stringify(next.problems), () => problemList(next.problems, post));
  showInputs(next);
  showBudget(next);
  messages.update(next);
  tokens.update(next);
  replaceWhenChanged(output, JSON.stringify([next.output, next.guided, next.run.kind]), () => [
    ...outputParts(next),
    ...guidedParts(next.guided),
  ]);
}

function showInputs(next: PreviewState): void {
  inputs.hidden = next.inputs.length === 0 && next.tests.length === 0;
  testRow.hidden = next.tests.length === 0;
  replaceWhenChanged(testChoice, JSON.stringify(next.tests), () =>
    ["", ...next.tests].map((it) => element("option", { value: it }, [it === "" ? "own values" : it])),
  );
  testChoice.value = next.test ?? "";
  form.update(next);
}

function showBudget({ budget: known, run: running }: PreviewState): void {
  replaceWhenChanged(budget, JSON.stringify([known, running.kind === "loading"]), () => {
    if (known !== undefined) return budgetParts(known);
    const load = button("Load the model", { class: "btn second" }, () => post({ type: "loadModel" }));
    return [
      element("p", { class: "muted" }, ["Tokens and budget appear when a model is loaded. "]),
      running.kind === "loading" ? undefined : load,
    ];
  });
}

function outputParts({ output: value, run: running }: PreviewState) {
  if (value === undefined) {
    const text =
      running.kind === "done"
        ? "The run gave no value."
        : "The typed result appears here when the prompt has been run.";
    return [element("p", { class: "muted" }, [text])];
  }
  const add = button("Add as example", { class: "btn second", title: "Append this run to the prompt's examples" }, () =>
    post({ type: "addExample" }),
  );
  return [
    add,
    element("pre", { class: "json", tabindex: 0 }, [
      typeof value === "string" ? value : JSON.stringify(value, undefined, 2),
    ]),
  ];
}

function statusText(running: PreviewRun): string {
  switch (running.kind) {
    case "idle":
      return "";
    case "loading":
      return `Loading ${running.model}, ${Math.round(running.fraction * 100)} %`;
    case "reading":
      return `Reading the prompt, ${running.done} of ${running.total} tokens`;
    case "writing":
      return `Writing ${running.hole}`;
    case "done":
      return `Done: ${running.summary}${running.cut ? ". A limit of tokens was reached." : ""}`;
    case "stopped":
      return "Stopped. What was written stays.";
    case "failed":
      return running.message;
    default:
      return running satisfies never;
  }
}

function showStatus(running: PreviewRun): void {
  const text = statusText(running);
  setAttributes(status, { class: `status ${running.kind}`, hidden: text === "" });
  if (status.textContent !== text) status.textContent = text;
  // Told once, and not with every token.
  const isNews = running.kind === "done" || running.kind === "failed" || running.kind === "stopped";
  if (isNews && said.textContent !== text) said.textContent = text;
  if (!isNews) said.textContent = "";
}

// ------------------------------------------------------------------------------------------------ what the user does

function isRunning(): boolean {
  return state !== undefined && ["loading", "reading", "writing"].includes(state.run.kind);
}

function showTab(tab: PreviewTab): void {
  post({ type: "tab", tab });
}

tabList.addEventListener("keydown", (event) => {
  const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (move === undefined || state === undefined) return;
  const next = tabs[(tabs.indexOf(state.tab) + move + tabs.length) % tabs.length]!;
  tabButtons[tabs.indexOf(next)]!.focus();
  showTab(next);
  event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    if (!run.disabled && !isRunning()) post({ type: "run" });
    event.preventDefault();
    return;
  }
  if (event.key === "Escape" && isRunning()) return post({ type: "stop" });
  const target = event.target as HTMLElement;
  if (/^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
  const tab = tabs[Number(event.key) - 1];
  if (tab !== undefined) showTab(tab);
});

window.addEventListener("message", ({ data }: MessageEvent<PreviewUpdate>) => {
  if (data.type === "text") return messages.append(data.hole, data.text);
  const next = withUpdate(state, data);
  if (next === undefined) post({ type: "ready" });
  else show(next);
});
post({ type: "ready" });
