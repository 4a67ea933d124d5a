/** One control of the panel: its name, where it stands, and whether it was moved. */

import type { SteeringControl } from "../../protocol/steering.js";
import { icon } from "./icons.js";
import { tree, type Child, type Tree } from "./tree.js";

/** `data-control` is what the page looks for when something is done; `data-step` is one step of an arrow key. */
export function controlTree(control: SteeringControl): Tree {
  const { id, label, changed } = control;
  const field = `c-${id}`;
  const mark = { class: changed ? "changed" : "" };
  const name = (more: Child = undefined) =>
    tree("label", { for: field, ...mark }, label, changed && tree("span", { class: "sr" }, ", changed"), more);
  switch (control.kind) {
    case "choice":
      return pair(
        name(),
        tree(
          "select",
          { id: field, class: "select", "data-control": id, "data-value": control.value },
          control.options.map((it) => tree("option", { value: it.value }, it.label)),
        ),
      );
    case "text": {
      const common = { id: field, "data-control": id, "data-value": control.value, placeholder: control.placeholder };
      return control.isLong
        ? tree("div", { class: "field" }, name(), tree("textarea", { ...common, class: "area", rows: 2 }))
        : pair(name(), tree("input", { ...common, type: "text", class: "input" }));
    }
    case "number":
      return pair(
        name(),
        tree("input", { ...rangeOf(control), id: field, type: "number", class: "input num", "data-control": id }),
      );
    case "slider":
      return sliderTree(control);
    case "refused":
      return tree(
        "div",
        { class: "refused", title: control.detail },
        tree("span", { class: "cut" }, label),
        tree("span", { class: "st end" }, icon("refused"), control.reason),
      );
    default:
      return control satisfies never;
  }
}

function pair(label: Tree, control: Tree): Tree {
  return tree("div", { class: "pair" }, label, control);
}

function rangeOf({ min, max, step, value }: Extract<SteeringControl, { readonly step: number }>) {
  return { min, max, step, "data-value": value };
}

function sliderTree(control: Extract<SteeringControl, { readonly kind: "slider" }>): Tree {
  const { id, label, changed, form, text, min, max, value, poles } = control;
  const field = `c-${id}`;
  const at = (it: number) => `${Math.round((1000 * (it - min)) / (max - min)) / 10}%`;
  const spoken = poles === undefined ? undefined : `From ${poles[0]} to ${poles[1]}`;
  const input = tree("input", {
    ...rangeOf(control),
    id: field,
    type: "range",
    class: form === "poles" ? "slider two" : "slider",
    "data-control": id,
    "data-at": at(value),
    "aria-label": spoken ?? (form === "scale" ? `Scale of ${label}` : undefined),
    "aria-valuetext": changed ? `${text}, changed` : text,
  });
  const figure = tree("output", { class: `figure ${value === 0 || text === "off" ? "muted" : ""}`, for: field }, text);
  const mark = changed ? "changed" : "";
  switch (form) {
    case "strength":
      return tree(
        "div",
        { class: `field ${mark}` },
        tree("div", { class: "row" }, tree("label", { for: field }, label), figure),
        input,
        tree(
          "div",
          { class: "ticks", "aria-hidden": "true" },
          [1, 1.5, 2, 3].map((it) => tree("span", { "data-at": at(it) }, it === 1 ? "off" : String(it))),
        ),
      );
    case "poles":
      return tree(
        "div",
        { class: mark },
        tree(
          "div",
          { class: "pole" },
          tree("span", { class: "cut" }, poles?.[0]),
          figure,
          tree("span", { class: "cut" }, poles?.[1]),
        ),
        input,
      );
    case "scale":
      return tree(
        "div",
        { class: `scale ${mark}` },
        tree("label", { class: "cut", for: field, title: label }, label),
        input,
        figure,
      );
    default:
      return form satisfies never;
  }
}
