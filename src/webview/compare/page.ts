/// <reference lib="dom" />
/** The page of the Compare view: shows the state that it is given, at most once a frame, and tells what the user does. */

import type { CompareViewAction, CompareViewState, CompareViewUpdate } from "../../protocol/compareView.js";
import { createView } from "../html/patch.js";
import { actionOf } from "./keys.js";
import { spokenProgress } from "./runBar.js";
import { compareView } from "./view.js";

declare function acquireVsCodeApi(): { postMessage(action: CompareViewAction): void };

/** Progress is spoken no more often. */
const SPOKEN_MS = 5000;

const api = acquireVsCodeApi();
const root = document.getElementById("compare")!;
const view = createView<CompareViewAction>(root, (action) => api.postMessage(action));
let state: CompareViewState | undefined;
let frame: number | undefined;
/** Which outputs are shown. */
let shown = "";
let spoken = "";
let spokenAt = -SPOKEN_MS;

function showSoon(): void {
  frame ??= requestAnimationFrame(() => {
    frame = undefined;
    if (state === undefined) return;
    const text = spokenProgress(state.run);
    const isNews = state.run.kind !== "running" || SPOKEN_MS <= performance.now() - spokenAt;
    if (text !== spoken && isNews) {
      spoken = text;
      spokenAt = performance.now();
    }
    const isChanges = state.changes !== undefined && document.getElementById("changes-title") === null;
    const hadFocus = document.activeElement !== document.body;
    view.show(compareView(state, spoken));
    // What had the focus may be gone, as a vote's button is after the vote; keys must go on working.
    const isOther = shownOutputs(state) !== shown;
    shown = shownOutputs(state);
    if (isOther && hadFocus) document.querySelector(".casebar")?.scrollIntoView({ block: "nearest" });
    // What was asked for is far from the button that asked, and may be long.
    if (isChanges) document.getElementById("changes-title")?.focus();
    if (hadFocus && document.activeElement === document.body)
      document.getElementById("cards")?.focus({ preventScroll: true });
  });
}

function shownOutputs({ results }: CompareViewState): string {
  if (results === undefined) return "";
  const { input, seed, blind, cards } = results;
  return JSON.stringify([input.index, seed.index, blind, cards.map((it) => it.title)]);
}

window.addEventListener("message", ({ data }: MessageEvent<CompareViewUpdate>) => {
  if (data.type === "focus") {
    const targets = { setup: "setup", outputs: "cards", vote: "cards" } as const;
    document.getElementById(targets[data.part])?.focus();
    return;
  }
  state = data.state;
  showSoon();
});

document.addEventListener("keydown", (event) => {
  const { key, shiftKey, ctrlKey, metaKey, altKey, repeat } = event;
  const on = (event.target as HTMLElement).tagName;
  const action = actionOf({ key, shift: shiftKey, control: ctrlKey || metaKey, alt: altKey, on });
  if (action === undefined) return;
  // A key that is held must not vote on one pair after the other.
  if (repeat && (action.type === "vote" || action.type === "undo" || action.type === "nextPair")) return;
  api.postMessage(action);
  if (key !== "Escape") event.preventDefault();
});

api.postMessage({ type: "ready" });
