/** A field for every input. Fields stay the same elements while the user types: nothing may take away focus or caret. */

import type { Json } from "../../base/json.js";
import type { PreviewAction, PreviewInput, PreviewState } from "../../protocol/preview.js";
import { button, element, setAttributes } from "./dom.js";

type Post = (action: PreviewAction) => void;
type Control = HTMLTextAreaElement | HTMLInputElement | HTMLSelectElement;

interface Field {
  readonly key: string;
  readonly row: HTMLElement;
  readonly control: Control;
  readonly problem: HTMLElement;
  readonly reset: HTMLButtonElement;
  input: PreviewInput;
}

export class InputsForm {
  readonly element = element("div", { class: "fields" });
  #fields: readonly Field[] = [];

  constructor(private readonly post: Post) {}

  update({ inputs }: PreviewState): void {
    const known = new Map(this.#fields.map((it) => [it.key, it]));
    this.#fields = inputs.map((input) => known.get(keyOf(input)) ?? this.#make(input));
    if (known.size !== this.#fields.length || this.#fields.some((it, i) => this.element.children[i] !== it.row))
      this.element.replaceChildren(...this.#fields.map((it) => it.row));
    this.#fields.forEach((field, i) => show(field, inputs[i]!));
  }

  #make(input: PreviewInput): Field {
    const id = `input-${input.name}`;
    const control = controlOf(input, id);
    const problem = element("span", { class: "hint err", id: `${id}-problem` });
    const reset = button("Reset", { class: "link", title: `Take away the value of ${input.name}` }, () =>
      this.post({ type: "input", name: input.name, value: undefined }),
    );
    const label = element("label", { for: id }, [
      input.name,
      input.required ? element("span", { class: "req", title: "required" }, [" *"]) : undefined,
      element("span", { class: "type" }, [` ${input.kind}`]),
    ]);
    const hint = input.description === undefined ? undefined : element("span", { class: "hint" }, [input.description]);
    const row = element("div", { class: `field ${input.kind}` }, [
      element("div", { class: "row" }, [label, ...this.#sources(input), reset]),
      control,
      hint,
      problem,
    ]);
    const field: Field = { key: keyOf(input), row, control, problem, reset, input };
    control.addEventListener("input", () => this.#changed(field));
    return field;
  }

  /** Texts and data may come from elsewhere. */
  #sources({ name, kind }: PreviewInput): HTMLButtonElement[] {
    if (kind !== "text" && kind !== "json") return [];
    const from = (source: "file" | "selection") => () => this.post({ type: "inputFrom", name, source });
    return [
      button("From file", { class: "link", title: `Take ${name} from a file: JSON, CSV or text` }, from("file")),
      button(
        "From selection",
        { class: "link", title: `Take the text selected in an editor as ${name}` },
        from("selection"),
      ),
    ];
  }

  #changed(field: Field): void {
    const value = valueOf(field);
    if (value === notJson) {
      say(field, "This is not JSON yet.");
      return;
    }
    this.post({ type: "input", name: field.input.name, value });
  }
}

function keyOf({ name, kind, options, required }: PreviewInput): string {
  return JSON.stringify([name, kind, options, required]);
}

function controlOf({ kind, options, required }: PreviewInput, id: string): Control {
  const common = { id, "aria-describedby": `${id}-problem`, "aria-required": String(required) };
  if (kind === "flag") return element("input", { ...common, type: "checkbox" });
  if (kind === "number" || kind === "integer")
    return element("input", { ...common, class: "input", type: "number", step: kind === "integer" ? 1 : "any" });
  if (kind !== "choice") return element("textarea", { ...common, class: "area", rows: 2, spellcheck: kind === "text" });
  const choices = options.map((it) => element("option", { value: JSON.stringify(it) }, [textOf(it)]));
  return element("select", { ...common, class: "select" }, [element("option", { value: "" }, [""]), ...choices]);
}

function show(field: Field, input: PreviewInput): void {
  field.input = input;
  const { control } = field;
  field.reset.hidden = input.isDefault;
  const isTyping = document.activeElement === control;
  if (control instanceof HTMLInputElement && control.type === "checkbox") control.checked = input.value === true;
  else if (!isTyping) {
    const text = control instanceof HTMLSelectElement ? JSON.stringify(input.value) : shown(input);
    if (control.value !== text) control.value = text ?? "";
  }
  if (control instanceof HTMLTextAreaElement) setAttributes(control, { rows: rowsOf(control.value) });
  if (!isTyping || valueOf(field) !== notJson) say(field, input.problem);
}

function say({ problem, control }: Field, text: string | undefined): void {
  if (problem.textContent !== (text ?? "")) problem.textContent = text ?? "";
  setAttributes(control, { "aria-invalid": String(text !== undefined) });
}

const MOST_ROWS = 12;

function rowsOf(text: string): number {
  return Math.min(MOST_ROWS, Math.max(2, text.split("\n").length));
}

function shown({ kind, value }: PreviewInput): string {
  if (value === undefined) return "";
  return kind === "json" && typeof value !== "string" ? JSON.stringify(value) : textOf(value);
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const notJson = Symbol("not JSON");

/** Undefined for an empty field: it has no value then. */
function valueOf({ control, input }: Field): Json | undefined | typeof notJson {
  if (control instanceof HTMLInputElement && control.type === "checkbox") return control.checked;
  const text = control.value;
  if (text === "") return undefined;
  switch (input.kind) {
    case "number":
    case "integer":
      return Number(text);
    case "choice":
      return JSON.parse(text) as Json;
    case "json":
      return jsonOf(text, input);
    default:
      return text;
  }
}

/** Where any value is allowed, what is not JSON is a text. */
function jsonOf(text: string, { value }: PreviewInput): Json | typeof notJson {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return typeof value === "string" || !/^\s*[[{]/.test(text) ? text : notJson;
  }
}
