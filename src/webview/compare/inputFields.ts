/** A field for every input of the prompt. */

import type { Json } from "../../base/json.js";
import type { PreviewInput } from "../../protocol/preview.js";
import { h } from "../html/virtual.js";
import { link, type Act, type Node } from "./parts.js";

/** `isOwn`: the preview of the prompt has other values. */
export function inputFields(inputs: readonly PreviewInput[], isOwn: boolean): Node {
  return h<Act>("div", { key: "form", class: "fields span" }, [
    ...inputs.map(inputField),
    isOwn
      ? h<Act>("div", { key: "own", class: "row" }, [link("Take the values of the preview", { type: "previewValues" })])
      : undefined,
  ]);
}

function inputField(input: PreviewInput): Node {
  const { name, kind, required, description, isDefault, problem } = input;
  const id = `input-${name}`;
  return h<Act>("div", { key: name, class: `field ${kind}` }, [
    h<Act>("div", { class: "row" }, [
      h<Act>("label", { for: id }, [
        name,
        required ? h<Act>("span", { class: "req", title: "required" }, [" *"]) : undefined,
        h<Act>("span", { class: "type" }, [` ${kind}`]),
      ]),
      h<Act>("span", { class: "end" }, [
        isDefault ? undefined : link("Reset", { type: "value", name, value: undefined }),
      ]),
    ]),
    control(input, id),
    description === undefined ? undefined : h<Act>("span", { class: "hint" }, [description]),
    problem === undefined ? undefined : h<Act>("span", { class: "hint err", id: `${id}-problem` }, [problem]),
  ]);
}

function control({ name, kind, options, value, problem }: PreviewInput, id: string): Node {
  const common = { id, "aria-invalid": String(problem !== undefined), ...(problem !== undefined && { "aria-describedby": `${id}-problem` }) }; // prettier-ignore
  const tell = (text: string): Act | undefined => {
    const given = valueOf(kind, text);
    return given === notJson ? undefined : { type: "value", name, value: given };
  };
  if (kind === "flag")
    return h<Act>("input", { ...common, type: "checkbox", checked: value === true, on: { change: tell } });
  if (kind === "number" || kind === "integer")
    return h<Act>("input", {
      ...common,
      class: "input",
      type: "number",
      step: kind === "integer" ? 1 : "any",
      value: value === undefined ? "" : String(value as number),
      on: { change: tell },
    });
  if (kind !== "choice")
    return h<Act>("textarea", { ...common, class: "area", rows: 2, value: shown(kind, value), on: { input: tell } });
  const choices = ["", ...options.map((it) => JSON.stringify(it))];
  return h<Act>("span", { class: "select" }, [
    h<Act>(
      "select",
      { ...common, value: value === undefined ? "" : JSON.stringify(value), on: { change: tell } },
      choices.map((it, i) => h<Act>("option", { key: it, value: it }, [it === "" ? "" : textOf(options[i - 1]!)])),
    ),
  ]);
}

function shown(kind: PreviewInput["kind"], value: Json | undefined): string {
  if (value === undefined) return "";
  return kind === "json" && typeof value !== "string" ? JSON.stringify(value) : textOf(value);
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const notJson = Symbol("not JSON");

/** Undefined for an empty field: it has no value then. Where any value is allowed, what is not JSON is a text. */
export function valueOf(kind: PreviewInput["kind"], text: string): Json | undefined | typeof notJson {
  if (kind === "flag") return text === "true";
  if (text === "") return undefined;
  if (kind === "number" || kind === "integer") return Number.isNaN(Number(text)) ? undefined : Number(text);
  if (kind === "text") return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return /^\s*[[{]/.test(text) ? notJson : text;
  }
}
