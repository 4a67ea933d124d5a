/** Outputs of one input and one seed side by side, a card for each variant. */

import type { CardView, CompareResultsView } from "../../protocol/compareView.js";
import { h, type Child } from "../html/virtual.js";
import { icon } from "./icons.js";
import { chip, figure, iconButton, status, type Act, type Node } from "./parts.js";

export function outputs(results: CompareResultsView): Node {
  const { input, seed, cards, diff, blind } = results;
  const isLast = (it: { readonly index: number; readonly count: number }) => it.index + 1 === it.count;
  const toggle = (
    label: string,
    key: string,
    picture: "diff" | "blind",
    isOn: boolean,
    type: "diff" | "blind",
    title: string,
  ) =>
    h<Act>(
      "button",
      {
        type: "button",
        class: `toggle ${type === "diff" ? "tight" : ""}`,
        "aria-pressed": String(isOn),
        title: `${title} (${key})`,
        "aria-label": label,
        on: { click: () => ({ type }) },
      },
      [icon(picture), h<Act>("span", {}, [label])],
    );
  const seedText = seed.count === 1 ? `seed ${seed.value}` : `seed ${seed.value}, ${seed.index + 1} of ${seed.count}`;
  return h<Act>("section", { key: "outputs", "aria-label": "Outputs" }, [
    h<Act>("div", { class: "casebar" }, [
      iconButton("up", "Previous input (K)", { type: "input", step: -1 }, { disabled: input.index === 0 }),
      iconButton("down", "Next input (J)", { type: "input", step: 1 }, { disabled: isLast(input) }),
      h<Act>("span", { class: "grow cut", title: input.text }, [
        h<Act>("b", {}, [input.name]),
        h<Act>("span", { class: "muted small" }, [` ${input.index + 1} of ${input.count} · ${seedText}`]),
      ]),
      ...(1 < seed.count
        ? [
            iconButton("left", "Previous seed (Shift+K)", { type: "seed", step: -1 }, { disabled: seed.index === 0 }),
            iconButton("right", "Next seed (Shift+J)", { type: "seed", step: 1 }, { disabled: isLast(seed) }),
          ]
        : []),
      toggle("Diff", "D", "diff", diff, "diff", "Show words that differ from the baseline"),
      toggle("Blind", "B", "blind", blind, "blind", "Hide names and timing until you have voted"),
    ]),
    h<Act>(
      "div",
      { class: "outputs", id: "cards", "aria-live": "off", tabindex: -1, style: { "--n": String(cards.length) } },
      cards.map((it) => card(it, blind)),
    ),
  ]);
}

function card(it: CardView, blind: boolean): Node {
  const { id, letter, title, state, isChosen, isBaseline } = it;
  const hasText = it.parts.some((one) => one.text !== "");
  const act = (what: Extract<Act, { readonly type: "card" }>["what"]): Act => ({ type: "card", id, what });
  const isDone = state === "finished";
  const isHidden = blind && letter.length === 1 && /[LR]/.test(letter);
  return h<Act>(
    "article",
    { key: `card ${id}`, class: `card ${state} ${isChosen ? "won" : ""}`, "aria-label": title, "data-state": state },
    [
      h<Act>("header", {}, [
        chip(letter),
        h<Act>("span", { class: "name grow cut", title }, [title]),
        isBaseline ? h<Act>("span", { class: "badge" }, ["baseline"]) : undefined,
        isChosen ? h<Act>("span", { class: "badge ok" }, [icon("pass"), "your vote"]) : undefined,
        hasText ? iconButton("copy", "Copy output", act("copy")) : undefined,
        ...(isDone && !isHidden ? [iconButton("file", "Open output in an editor", act("open"))] : []),
      ]),
      h<Act>("div", { class: "text", tabindex: 0, "aria-label": `Output of ${title}`, role: "group" }, body(it)),
      h<Act>("footer", {}, [
        ...footer(it, isHidden),
        isHidden || state === "waiting" || state === "writing"
          ? undefined
          : h<Act>("div", { class: "deeds" }, [
              ...(isDone
                ? [
                    iconButton("insert", "Insert at the cursor", act("insert")),
                    iconButton("quote", "Add as example", act("addExample")),
                    iconButton("test", "Save as test", act("saveTest")),
                  ]
                : []),
              iconButton("again", "Run this one again", act("again")),
            ]),
      ]),
    ],
  );
}

function body({ parts, state, problem }: CardView): readonly Child<Act>[] {
  if (state === "waiting")
    return [36, 28, 92, 64].map((width, i) => h<Act>("i", { key: `line ${i}`, class: `skel w${width}` }));
  const tags = { model: "span", file: "span", added: "ins", removed: "del" } as const;
  return [
    ...parts.map((it, i) => h<Act>(tags[it.kind], { key: `${i} ${it.kind}`, class: it.kind === "file" ? "lit" : it.kind }, [it.text])), // prettier-ignore
    state === "writing" ? h<Act>("span", { key: "caret", class: "caret", "aria-hidden": "true" }) : undefined,
    state === "failed"
      ? h<Act>("div", { key: "problem", class: "failure", role: "alert" }, [status("bad", problem ?? "It failed.")])
      : undefined,
  ];
}

function footer({ state, metrics, checks }: CardView, isHidden: boolean): readonly Child<Act>[] {
  const said = (text: string) => [h<Act>("span", { class: "muted" }, [text])];
  if (isHidden) return said("Timing and checks are shown after your vote");
  switch (state) {
    case "waiting":
      return said("Waiting for its turn");
    case "writing":
      return said("Being written");
    case "stopped":
      return said("Stopped. What was written stays.");
    case "failed":
      return said("It costs this output alone.");
    case "finished":
      break;
    default:
      state satisfies never;
  }
  if (metrics === undefined) return [];
  const { tokens, tokensPerSecond, firstTokenMs, others } = metrics;
  const value = (text: string, unit: string) => h<Act>("span", {}, [h<Act>("b", {}, [text]), ` ${unit}`]);
  return [
    h<Act>("div", { class: "perf" }, [
      value(tokens.toLocaleString("en"), "tok"),
      value(figure(tokensPerSecond), "tok/s"),
      h<Act>("span", {}, ["first after ", h<Act>("b", {}, [Math.round(firstTokenMs).toLocaleString("en")]), " ms"]),
    ]),
    h<Act>("div", { class: "checks" }, [
      ...checks.map((it) => status(it.ok ? "ok" : "bad", it.text, it.details)),
      ...others.map((it) => h<Act>("span", { class: "muted" }, [it])),
    ]),
  ];
}
