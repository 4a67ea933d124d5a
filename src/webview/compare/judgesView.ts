/** Who judges the outputs beside people: a prompt, a model, a reference. The file's own tests always do. */

import type { CompareSetupView } from "../../protocol/compareView.js";
import { h } from "../html/virtual.js";
import { labelled, select, status, type Act, type Node } from "./parts.js";

const NONE = "none";

export function judgesView({ judges, models }: CompareSetupView): Node {
  const { prompt, problem, model, likelihood, reference } = judges;
  const change = (it: Extract<Act, { readonly type: "judges" }>["change"]): Act => ({ type: "judges", change: it });
  const prompts = [
    { value: NONE, label: "None" },
    ...(prompt === undefined ? [] : [{ value: "chosen", label: prompt }]),
    { value: "choose", label: prompt === undefined ? "A prompt..." : "Another prompt..." },
  ];
  return h<Act>("div", { key: "judges", class: "judges span", role: "group", "aria-labelledby": "judges-title" }, [
    h<Act>("h3", { id: "judges-title" }, ["Judges"]),
    h<Act>("p", { class: "hint" }, [
      "They measure outputs beside your votes, and are measured by them. Checks of the file's tests are always made.",
    ]),
    h<Act>("div", { class: "grid2" }, [
      labelled(
        "Judge prompt",
        "judge-prompt",
        select("judge-prompt", prompt === undefined ? NONE : "chosen", prompts, (value) =>
          value === "choose"
            ? { type: "chooseJudge" }
            : value === NONE
              ? change({ field: "prompt", value: undefined })
              : undefined,
        ),
      ),
      ...(prompt === undefined
        ? []
        : [
            labelled(
              "Judge's model",
              "judge-model",
              select("judge-model", model, models, (value) => change({ field: "model", value })),
            ),
          ]),
      labelled(
        "Likelihood under",
        "judge-likelihood",
        select("judge-likelihood", likelihood ?? NONE, [{ value: NONE, label: "No model" }, ...models], (value) =>
          change({ field: "likelihood", value: value === NONE ? undefined : value }),
        ),
      ),
    ]),
    problem === undefined ? undefined : status("bad", problem),
    reference === undefined
      ? undefined
      : labelled(
          "Reference",
          "judge-reference",
          h<Act>("textarea", {
            id: "judge-reference",
            class: "area",
            rows: 2,
            value: reference,
            placeholder: "The output as it should be: distances to it are measured",
            on: { change: (value) => change({ field: "reference", value }) },
          }),
        ),
  ]);
}
