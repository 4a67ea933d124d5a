/** Small parts that the whole page is made of, and its words for numbers. */

import type { CompareViewAction } from "../../protocol/compareView.js";
import { h, type Child, type VirtualElement } from "../html/virtual.js";
import { icon, type IconName } from "./icons.js";

export type Act = CompareViewAction;
export type Node = VirtualElement<Act>;

/** With a picture alone; `label` is what it does. */
export function iconButton(
  name: IconName,
  label: string,
  action: Act,
  more: Readonly<Record<string, string | boolean>> = {},
): Node {
  return h<Act>(
    "button",
    { type: "button", class: "icon", title: label, "aria-label": label, on: { click: () => action }, ...more },
    [icon(name)],
  );
}

export function link(label: string, action: Act, picture?: IconName): Node {
  return h<Act>("button", { type: "button", class: "link", on: { click: () => action } }, [
    picture && icon(picture),
    label,
  ]);
}

export function textButton(label: readonly Child<Act>[], kind: string, action: Act, more: object = {}): Node {
  return h<Act>("button", { type: "button", class: `btn ${kind}`, on: { click: () => action }, ...more }, label);
}

export function keyHint(key: string): Node {
  return h<Act>("span", { class: "kbd", "aria-hidden": "true" }, [key]);
}

export function status(kind: "ok" | "bad" | "warn" | "info", text: string, title?: string): Node {
  const pictures = { ok: "pass", bad: "error", warn: "warning", info: "info" } as const;
  return h<Act>("span", { class: `st ${kind}`, ...(title !== undefined && title !== "" && { title }) }, [
    icon(pictures[kind]),
    h<Act>("span", {}, [text]),
  ]);
}

/** The letter of a variant; the letter is said by the name beside it. */
export function chip(letter: string): Node {
  const series = /^[A-H]$/.test(letter) ? letter : "X";
  return h<Act>("span", { class: `chip ${series}`, "aria-hidden": "true" }, [letter]);
}

export function labelled(label: string, id: string, field: Node): Node {
  return h<Act>("div", { class: "field" }, [h<Act>("label", { for: id }, [label]), field]);
}

export function select(
  id: string,
  value: string,
  options: readonly { readonly value: string; readonly label: string }[],
  change: (value: string) => Act | undefined,
): Node {
  return h<Act>("span", { class: "select" }, [
    h<Act>(
      "select",
      { id, value, on: { change } },
      options.map((it) => h<Act>("option", { key: it.value, value: it.value }, [it.label])),
    ),
  ]);
}

export function numberInput(
  id: string,
  value: number | undefined,
  range: { readonly min: number; readonly max: number; readonly step: number | "any"; readonly placeholder?: string },
  change: (value: number | undefined) => Act,
): Node {
  return h<Act>("input", {
    id,
    class: "input num",
    type: "number",
    value: value === undefined ? "" : String(value),
    ...range,
    on: { change: (text) => change(text === "" || Number.isNaN(Number(text)) ? undefined : Number(text)) },
  });
}

/** `1 min 48 s`, `40 s`, `0.4 s`. */
export function duration(ms: number): string {
  if (ms < 950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (60 <= minutes) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Three figures at most: 168, 41.2, 7.95. */
export function figure(value: number): string {
  if (100 <= value) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
