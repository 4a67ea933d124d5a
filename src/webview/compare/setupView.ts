/** What is compared: the prompt, its variants, the inputs and the seeds. */

import type { CompareSetupView, CompareViewState, VariantView } from "../../protocol/compareView.js";
import { h, type Child } from "../html/virtual.js";
import { icon } from "./icons.js";
import { inputFields } from "./inputFields.js";
import { judgesView } from "./judgesView.js";
import { variantEditor } from "./variantEditor.js";
import { chip, iconButton, labelled, link, numberInput, plural, select, status, type Act, type Node } from "./parts.js";

const MOST_VARIANTS = 8;
const FEWEST_VARIANTS = 2;

export function setupView({ prompt, setup }: Pick<CompareViewState, "prompt" | "setup">): Node {
  const { variants, isOpen, repeats, inputCount } = setup;
  const summary = [
    plural(variants.length, "variant"),
    ...(inputCount === undefined ? [] : [plural(inputCount, "input")]),
    plural(repeats, "seed"),
  ].join(" · ");
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
    ...(setup.inputs === "values" && 0 < setup.form.length ? [inputFields(setup.form, setup.isOwnForm)] : []),
    judgesView(setup),
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

function inputsView({ inputs, tests, test, table, repeats, firstSeed }: CompareSetupView): Node {
  const rows = table?.rows === undefined ? "" : ` (${plural(table.rows, "row")})`;
  const kinds = [
    { value: "values", label: "These values" },
    ...(tests.length < 2 ? [] : [{ value: "tests", label: `All ${tests.length} tests of the file` }]),
    ...[...new Set(tests)].map((it) => ({ value: `test ${it}`, label: `Test: ${it}` })),
    ...(table === undefined ? [] : [{ value: "rows", label: `Table: ${table.name}${rows}` }]),
    { value: "choose", label: table === undefined ? "A table..." : "Another table..." },
  ];
  const only = inputs === "tests" && tests.length === 1 ? tests[0] : test;
  return h<Act>("div", { key: "inputs", class: "inputs span grid3" }, [
    labelled(
      "Inputs",
      "input-kind",
      select("input-kind", only === undefined ? inputs : `test ${only}`, kinds, inputsAction),
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

function inputsAction(value: string): Act {
  if (value === "choose") return { type: "chooseRows" };
  if (value.startsWith("test ")) return { type: "inputs", kind: "test", test: value.slice("test ".length) };
  return { type: "inputs", kind: value as "values" | "tests" | "rows" };
}
