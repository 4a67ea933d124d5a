/** The fields of one variant: what is left empty is as in the file. */

import type {
  AttentionChoice,
  Choice,
  CompareSetupView,
  VariantChange,
  VariantView,
} from "../../protocol/compareView.js";
import { h } from "../html/virtual.js";
import { iconButton, labelled, link, numberInput, select, type Act, type Node } from "./parts.js";

const MOST_SCALE = 2;
const AS_FILE = "as in the file";

export function variantEditor(variant: VariantView, { models, adapters, prompts }: CompareSetupView): Node {
  const { id, label, model, prompt, tone, isBaseline } = variant;
  const change = (it: VariantChange): Act => ({ type: "changeVariant", id, change: it });
  const own = `variant-${id}`;
  const free = adapters.filter((it) => !variant.adapters.some((one) => one.name === it));
  const number = (
    name: string,
    field: "guidance" | "temperature" | "topP",
    range: { readonly max: number },
    title: string,
  ): Node =>
    labelled(
      title,
      `${own}-${name}`,
      numberInput(`${own}-${name}`, variant[field], { min: 0, step: "any", placeholder: AS_FILE, ...range }, (value) =>
        change({ field, value }),
      ),
    );
  return h<Act>("div", { class: "edit" }, [
    labelled(
      "Name",
      `${own}-label`,
      textInput(`${own}-label`, label, "", (value) => change({ field: "label", value })),
    ),
    ...(prompts.length < 2 && prompt === ""
      ? []
      : [
          labelled(
            "Version of the prompt",
            `${own}-prompt`,
            select(`${own}-prompt`, prompt, withChosen(prompts, prompt), (value) => change({ field: "prompt", value })),
          ),
        ]),
    labelled(
      "Model",
      `${own}-model`,
      select(`${own}-model`, model, withChosen(models, model), (value) => change({ field: "model", value })),
    ),
    h<Act>("div", { class: "field" }, [
      h<Act>("span", { class: "label" }, ["Adapters"]),
      ...variant.adapters.map((it) => adapterRow(it, (scale) => change({ field: "adapter", name: it.name, scale }))),
      free.length === 0
        ? h<Act>("span", { class: "hint" }, [0 < adapters.length ? "All that are there." : "There are no adapters."])
        : h<Act>("span", { class: "select" }, [
            h<Act>(
              "select",
              {
                id: `${own}-add`,
                value: "",
                "aria-label": "Add an adapter",
                on: { change: (name) => (name === "" ? undefined : change({ field: "adapter", name, scale: 1 })) },
              },
              ["", ...free].map((it) => h<Act>("option", { key: it, value: it }, [it === "" ? "Add an adapter" : it])),
            ),
          ]),
    ]),
    h<Act>("div", { class: "grid2" }, [
      labelled(
        "Tone",
        `${own}-tone`,
        textInput(`${own}-tone`, tone ?? "", AS_FILE, (value) =>
          change({ field: "tone", value: value.trim() === "" ? undefined : value.trim() }),
        ),
      ),
      number("guidance", "guidance", { max: 10 }, "Guidance"),
      number("temperature", "temperature", { max: 2 }, "Temperature"),
      number("topp", "topP", { max: 1 }, "Top p"),
      ...attentionFields(variant, own, change),
    ]),
    isBaseline ? undefined : link("Measure the others against this one", { type: "baseline", id }),
  ]);
}

const patterns: readonly { readonly value: AttentionChoice; readonly label: string }[] = [
  { value: "", label: AS_FILE },
  { value: "auto", label: "auto" },
  { value: "dense", label: "dense" },
  { value: "streaming", label: "streaming" },
  { value: "block-sparse", label: "block-sparse" },
];

/** What can be said of a pattern, and what holds where nothing is said. */
const settings: Readonly<
  Record<string, readonly { readonly name: string; readonly label: string; readonly start: string }[]>
> = {
  streaming: [
    { name: "window", label: "Window", start: "1024" },
    { name: "sinks", label: "Sinks", start: "64" },
  ],
  "block-sparse": [
    { name: "block", label: "Block", start: "64" },
    { name: "local", label: "Local blocks", start: "4" },
    { name: "stride", label: "Stride", start: "4" },
  ],
};

function attentionFields(
  { attention, attended }: VariantView,
  own: string,
  change: (it: VariantChange) => Act,
): readonly Node[] {
  const numbers = (settings[attention] ?? []).map(({ name, label, start }) => {
    const value = attended[name];
    const id = `${own}-${name}`;
    const range = { min: 0, max: 1 << 20, step: 1, placeholder: start };
    return labelled(
      label,
      id,
      numberInput(id, typeof value === "number" ? value : undefined, range, (given) =>
        change({ field: "attended", name, value: given }),
      ),
    );
  });
  return [
    labelled(
      "Attention",
      `${own}-attention`,
      select(`${own}-attention`, attention, patterns, (value) =>
        change({ field: "attention", value: value as AttentionChoice }),
      ),
    ),
    ...numbers,
    ...(attention === "streaming"
      ? [
          h<Act>("label", { key: "endless", class: "check" }, [
            h<Act>("input", {
              id: `${own}-endless`,
              type: "checkbox",
              "aria-label": "Endless",
              checked: attended["endless"] === true,
              on: {
                change: (value) =>
                  change({ field: "attended", name: "endless", value: value === "true" ? true : undefined }),
              },
            }),
            "Endless",
          ]),
        ]
      : []),
  ];
}

/** One that is no choice any more is still shown. */
function withChosen(choices: readonly Choice[], value: string): readonly Choice[] {
  if (value === "" || choices.some((it) => it.value === value)) return choices;
  return [...choices, { value, label: `${value.replace(/^.*[\\/]/, "")} (not found)` }];
}

function textInput(id: string, value: string, placeholder: string, change: (value: string) => Act): Node {
  return h<Act>("input", { id, class: "input", value, placeholder, on: { change } });
}

function adapterRow(
  { name, scale }: VariantView["adapters"][number],
  change: (scale: number | undefined) => Act,
): Node {
  const label = `Scale of ${name}`;
  const set = (text: string) => (Number.isNaN(Number(text)) ? undefined : change(Number(text)));
  const at = Math.min(1, Math.max(0, scale / MOST_SCALE));
  return h<Act>("div", { key: `adapter ${name}`, class: "adapter" }, [
    h<Act>("span", { class: "cut", title: name }, [name]),
    h<Act>("input", {
      class: "slider",
      type: "range",
      min: 0,
      max: MOST_SCALE,
      step: 0.05,
      value: String(scale),
      style: { "--at": `${at * 100}%` },
      "aria-label": label,
      on: { input: set },
    }),
    h<Act>("input", {
      class: "input num slim",
      type: "number",
      step: "any",
      value: String(scale),
      "aria-label": label,
      on: { change: set },
    }),
    iconButton("close", `Remove ${name}`, change(undefined)),
  ]);
}
