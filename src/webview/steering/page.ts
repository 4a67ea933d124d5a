/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The steering panel's page: shows the state that it is given, and tells what the user does. */

import type { SteeringAction, SteeringSectionId, SteeringState, SteeringUpdate } from "../../protocol/steering.js";
import { createView } from "../html/patch.js";
import { panelTree } from "./panelTree.js";

declare function acquireVsCodeApi(): { postMessage(action: SteeringAction): void };

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const api = acquireVsCodeApi();
const post = (action: SteeringAction): void => api.postMessage(action);
const root = document.getElementById("steering")!;
const view = createView<never>(root, () => undefined);
let state: SteeringState | undefined;
/** Of the last change that was made here: an older state must not take back what a control holds. */
let turn = 0;

function show(next: SteeringState): void {
  state = next;
  view.show([panelTree(next)]);
  if (next.turn < turn) return;
  for (const it of root.querySelectorAll<Control>("[data-control]")) showValue(it);
}

function showValue(control: Control): void {
  const wanted = control.dataset["value"] ?? "";
  const isTyping = document.activeElement === control && control instanceof HTMLInputElement;
  // "0." is 0 for us, and not yet for whoever types it.
  if (isTyping && control.type === "number" && Number(control.value) === Number(wanted)) return;
  if (control.value !== wanted) control.value = wanted;
}

function set(control: Control, value: string | number | undefined): void {
  post({ type: "set", control: control.dataset["control"]!, value, turn: ++turn });
}

function controlOf(event: Event): Control | undefined {
  const { target } = event;
  return target instanceof HTMLElement && target.dataset["control"] !== undefined ? (target as Control) : undefined;
}

function isRunning(): boolean {
  return state !== undefined && ["loading", "asWritten", "steered"].includes(state.run.kind);
}

root.addEventListener("input", (event) => {
  const control = controlOf(event);
  if (control === undefined) return;
  const isNumber = control instanceof HTMLInputElement && (control.type === "range" || control.type === "number");
  if (!isNumber) return set(control, control.value);
  if (control.value === "") return; // it is being typed anew
  set(control, Number(control.value));
});

root.addEventListener("click", (event) => {
  const button = (event.target as Element).closest("button");
  if (button === null) return;
  const { dataset } = button;
  if (dataset["reset"] !== undefined)
    post({ type: "reset", section: dataset["reset"] as SteeringSectionId, turn: ++turn });
  else if (dataset["add"] !== undefined) post({ type: "add", section: dataset["add"] as SteeringSectionId });
  else if (dataset["live"] !== undefined) post({ type: "live", live: state?.live !== true });
  else if (dataset["run"] !== undefined) post({ type: isRunning() ? "stop" : "run" });
  else if (dataset["preview"] !== undefined) post({ type: "openPreview" });
});

const TEN = 10;

root.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const control = controlOf(event);
  if (control === undefined) return;
  const isText =
    control instanceof HTMLTextAreaElement || (control instanceof HTMLInputElement && control.type !== "range");
  if (event.key === "Backspace" && (!isText || control.value === "")) {
    set(control, undefined);
    event.preventDefault();
    return;
  }
  if (!(control instanceof HTMLInputElement) || (control.type !== "range" && control.type !== "number")) return;
  const way = { ArrowUp: 1, ArrowDown: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const isAlong = control.type === "range" || event.key === "ArrowUp" || event.key === "ArrowDown";
  if (way !== undefined && event.shiftKey && isAlong) {
    if (0 < way) control.stepUp(TEN);
    else control.stepDown(TEN);
    set(control, Number(control.value));
    event.preventDefault();
  } else if (control.type === "number" && (event.key === "Home" || event.key === "End")) {
    control.value = event.key === "Home" ? control.min : control.max;
    set(control, Number(control.value));
    event.preventDefault();
  }
});

/** A number that was emptied and left is as written again. */
root.addEventListener("focusout", (event) => {
  const control = controlOf(event);
  if (control instanceof HTMLInputElement && control.type === "number" && control.value === "") set(control, undefined);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    post({ type: "run" });
    event.preventDefault();
  } else if (event.key === "Escape" && isRunning()) post({ type: "stop" });
});

window.addEventListener("message", ({ data }: MessageEvent<SteeringUpdate>) => show(data.state));
post({ type: "ready" });
