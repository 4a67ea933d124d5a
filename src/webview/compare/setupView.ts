/** What is compared: the prompt, its variants, the inputs and the seeds. */

import type { CompareSetupView, CompareViewState, VariantView } from "../../protocol/compareView.js";
import { h, type Child } from "../html/virtual.js";
import { icon } from "./icons.js";
import { inputFields } from "./inputFields.js";
import { chip, iconButton, labelled, link, numberInput, plural, select, status, type Act, type Node } from "./parts.js";

const MOST_VARIANTS = 8;
const FEWEST_VARIANTS = 2;
const MOST_SCALE = 2;

export function setupView({ prompt, setup }: Pick<CompareViewState, "prompt" | "setup">): Node {
  const { variants, isOpen, repeats } = setup;
  const summary = `${plural(variants.length, "variant")} · ${plural(repeats, "seed")}`;
  return h<Act>(
    "details",
    { key: "setup", class: "section", open: isOpen, on: { toggle: (open) => ({ type: "openSetup", isOpen: open }) } },
    [
      h<Act>("summary", { id: "setup" }, [
        h<Act>("b", {}, ["Setup"]),
        h<Act>("span", { class: "muted small end cut" }, [isOpen ? "" : summary]),
      ]),
      isOpen ? h<Act>("div", { class: "body setup-body" }, setupBody(prompt, setup)) : undefined,
    ],
  );
}

function setupBody(prompt: string | undefined, setup: CompareSetupView): readonly Child<Act>[] {
  const { variants } = setup;
  return [
    h<Act>("div", { key: "prompt", class: "row span" }, [
      icon("file"),
      h<Act>("span", { class: "grow cut" }, [prompt ?? "No prompt is chosen"]),
      link(prompt === undefined ? "Choose" : "Change", { type: "choosePrompt" }),
    ]),
    ...variants.map((it) => variantView(it, setup)),
    h<Act>("div", { key: "add", class: "row wrap span" }, [
      variants.length < MOST_VARIANTS ? link("Add variant", { type: "addVariant" }, "add") : undefined,
      variants.length < MOST_VARIANTS
        ? link("Model of another extension", { type: "addOutsideVariant" }, "add")
        : undefined,
      h<Act>("span", { class: "muted small end" }, [`up to ${MOST_VARIANTS}`]),
    ]),
    inputsView(setup),
    ...(setup.inputs === "values" && 0 < setup.form.length ? [inputFields(setup.form)] : []),
  ];
}

function variantView(variant: VariantView, setup: CompareSetupView): Node {
  const { id, letter, label, what, isBaseline, problem } = variant;
  const isEdited = setup.editing === id;
  const name = `variant ${letter}`;
  return h<Act>("div", { key: `variant ${id}`, class: "variant", role: "group", "aria-label": `Variant ${letter}` }, [
    h<Act>("div", { class: "top" }, [
      chip(letter),
      h<Act>("div", { class: "grow" }, [
        h<Act>("div", { class: "row" }, [
          h<Act>("span", { class: "name cut" }, [label]),
          isBaseline
            ? h<Act>("span", { class: "badge", title: "Every difference is measured against this variant" }, [
                "baseline",
              ])
            : undefined,
        ]),
        h<Act>("div", { class: "what" }, [what]),
        problem === undefined ? undefined : status("bad", problem),
      ]),
      isEdited && setup.variants.length < MOST_VARIANTS
        ? iconButton("copy", `Duplicate ${name}`, { type: "duplicateVariant", id })
        : undefined,
      isEdited && FEWEST_VARIANTS < setup.variants.length
        ? iconButton("trash", `Remove ${name}`, { type: "removeVariant", id })
        : undefined,
      iconButton(
        "edit",
        isEdited ? `Close the editor of ${name}` : `Edit ${name}`,
        { type: "editVariant", id: isEdited ? undefined : id },
        { "aria-expanded": String(isEdited), "aria-pressed": String(isEdited) },
      ),
    ]),
    isEdited ? variantEditor(variant, setup) : undefined,
  ]);
}

function variantEditor(variant: VariantView, { models, adapters }: CompareSetupView): Node {
  const { id, label, model, guidance, temperature, topP, attention, isBaseline } = variant;
  const change = (it: Extract<Act, { readonly type: "changeVariant" }>["change"]): Act => ({
    type: "changeVariant",
    id,
    change: it,
  });
  const own = `variant-${id}`;
  const free = adapters.filter((it) => !variant.adapters.some((one) => one.name === it));
  return h<Act>("div", { class: "edit" }, [
    labelled(
      "Name",
      `${own}-label`,
      h<Act>("input", {
        id: `${own}-label`,
        class: "input",
        value: label,
        on: { change: (value) => change({ field: "label", value }) },
      }),
    ),
    labelled(
      "Model",
      `${own}-model`,
      select(`${own}-model`, model, models, (value) => change({ field: "model", value })),
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
        "Guidance",
        `${own}-guidance`,
        numberInput(
          `${own}-guidance`,
          guidance,
          { min: 0, max: 10, step: "any", placeholder: "as in the file" },
          (value) => change({ field: "guidance", value }),
        ),
      ),
      labelled(
        "Temperature",
        `${own}-temperature`,
        numberInput(
          `${own}-temperature`,
          temperature,
          { min: 0, max: 2, step: "any", placeholder: "as in the file" },
          (value) => change({ field: "temperature", value }),
        ),
      ),
      labelled(
        "Top p",
        `${own}-topp`,
        numberInput(`${own}-topp`, topP, { min: 0, max: 1, step: "any", placeholder: "as in the file" }, (value) =>
          change({ field: "topP", value }),
        ),
      ),
      labelled(
        "Attention",
        `${own}-attention`,
        select(
          `${own}-attention`,
          attention,
          [
            { value: "", label: "as in the file" },
            { value: "dense", label: "dense" },
            { value: "streaming", label: "streaming" },
          ],
          (value) => change({ field: "attention", value: value as VariantView["attention"] }),
        ),
      ),
    ]),
    isBaseline ? undefined : link("Measure the others against this one", { type: "baseline", id }),
  ]);
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

function inputsView({ inputs, tests, rows, repeats, firstSeed }: CompareSetupView): Node {
  const kinds = [
    { value: "values", label: "These values" },
    ...(tests.length === 0 ? [] : [{ value: "tests", label: `Tests in file (${tests.length})` }]),
    { value: "rows", label: rows === undefined ? "A table..." : rows },
  ];
  return h<Act>("div", { key: "inputs", class: "inputs span grid3" }, [
    labelled(
      "Inputs",
      "input-kind",
      select("input-kind", inputs, kinds, (kind) =>
        kind === "rows" ? { type: "chooseRows" } : { type: "inputs", kind: kind as "values" | "tests" },
      ),
    ),
    labelled(
      "Seeds",
      "repeats",
      numberInput("repeats", repeats, { min: 1, max: 100, step: 1 }, (value) => ({
        type: "repeats",
        value: value ?? 1,
      })),
    ),
    labelled(
      "First seed",
      "first-seed",
      numberInput("first-seed", firstSeed, { min: 0, max: 2 ** 31, step: 1 }, (value) => ({
        type: "firstSeed",
        value: value ?? 0,
      })),
    ),
  ]);
}
