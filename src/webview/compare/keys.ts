/** What a key means while no field has the focus. */

import type { CompareKeyAction } from "../../protocol/compareView.js";

export interface Key {
  readonly key: string;
  readonly shift: boolean;
  readonly control: boolean;
  readonly alt: boolean;
  /** Tag of the element that has the focus, in capitals. */
  readonly on: string;
}

const plain: Readonly<Record<string, CompareKeyAction>> = {
  "1": { type: "vote", choice: "left" },
  "2": { type: "vote", choice: "right" },
  "3": { type: "vote", choice: "tie" },
  "4": { type: "vote", choice: "both-bad" },
  u: { type: "undo" },
  j: { type: "input", step: 1 },
  k: { type: "input", step: -1 },
  J: { type: "seed", step: 1 },
  K: { type: "seed", step: -1 },
  d: { type: "diff" },
  b: { type: "blind" },
};

export function actionOf({ key, control, alt, on }: Key): CompareKeyAction | undefined {
  if (key === "Enter" && control && !alt) return { type: "run" };
  if (control || alt) return undefined;
  if (key === "Escape") return { type: "stop" };
  if (/^(?:INPUT|TEXTAREA|SELECT)$/.test(on)) return undefined;
  // Enter on a button or a heading that folds is that button's own.
  if (key === "Enter") return /^(?:BUTTON|SUMMARY)$/.test(on) ? undefined : { type: "nextPair" };
  return plain[key];
}
