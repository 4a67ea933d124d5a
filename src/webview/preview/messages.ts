/** The messages as they are sent: text of the file dim, text of the model bright. */

import type {
  PreviewAction,
  PreviewHole,
  PreviewMessage,
  PreviewPart,
  PreviewProblem,
  PreviewState,
} from "../../protocol/preview.js";
import { button, element, type Child } from "./dom.js";

type Post = (action: PreviewAction) => void;

export function messageList({ messages }: PreviewState, post: Post): readonly Child[] {
  const found: Child[] = [];
  for (let i = 0; i < messages.length; i++) {
    const { shot } = messages[i]!;
    if (shot === undefined) {
      found.push(messageElement(messages[i]!, post));
      continue;
    }
    const from = i;
    while (messages[i + 1]?.shot !== undefined) i++;
    found.push(shotsElement(messages.slice(from, i + 1), post));
  }
  return found.length === 0 ? [element("p", { class: "muted" }, ["Nothing would be sent."])] : found;
}

/** All examples together, folded: they are looked at seldom, and are long. */
function shotsElement(messages: readonly PreviewMessage[], post: Post): Child {
  const shots = [...new Map(messages.map((it) => [it.shot!.index, it.shot!])).values()];
  const [first] = shots;
  const summary = element("summary", {}, [
    element("span", { class: "role" }, ["examples"]),
    element("b", {}, [`${shots.length} of ${first!.of}`]),
    element("span", { class: "muted" }, [` ${[...new Set(shots.map((it) => it.reason))].slice(0, 3).join("; ")}`]),
  ]);
  return element("details", { class: "fold" }, [summary, ...messages.map((it) => messageElement(it, post))]);
}

function messageElement({ role, parts, shot }: PreviewMessage, post: Post): HTMLElement {
  const title = shot === undefined ? role : `${role}, example ${shot.index + 1}: ${shot.reason}`;
  return element("article", { class: `msg ${shot === undefined ? "" : "shot"}`, role: "listitem", title }, [
    element("div", { class: "role" }, [role]),
    element(
      "div",
      { class: "said" },
      parts.map((it) => partElement(it, post)),
    ),
  ]);
}

function partElement(part: PreviewPart, post: Post): Child {
  switch (part.kind) {
    case "text":
      return element("span", { class: "lit" }, [part.text]);
    case "value":
      return element("span", { class: "val", title: `input ${part.name}` }, [part.text]);
    case "media":
      return element("span", { class: "muted" }, [`[${part.url}]`]);
    case "hole":
      return holeElement(part, post);
    default:
      return part satisfies never;
  }
}

const states = { open: "", writing: "being written", filled: "", cut: "cut off at the limit" } as const;

function holeElement(hole: PreviewHole, post: Post): Child {
  const { name, constraint, hidden, line, text, state, legalMass } = hole;
  const facts = [
    constraint,
    hidden ? "hidden" : undefined,
    states[state] === "" ? undefined : states[state],
    legalMass === undefined ? undefined : `legal mass ${percent(legalMass.mean)}, lowest ${percent(legalMass.lowest)}`,
  ].filter((it) => it !== undefined);
  const where = line === undefined ? "" : `, line ${line + 1}`;
  const slot = button("", { class: "slot", title: `Go to the hole ${name}${where}` }, () => {
    if (line !== undefined) post({ type: "line", line });
  });
  slot.append(element("b", {}, [name]), ...(facts.length === 0 ? [] : [` ${facts.join(" · ")}`]));
  const written =
    text === undefined ? undefined : element("span", { class: `out ${state}`, "data-hole": name }, [text]);
  return element("span", { class: "hole" }, [slot, written]);
}

export function percent(share: number): string {
  return share < 0.01 && 0 < share ? "< 1 %" : `${Math.round(share * 100)} %`;
}

/** More text of a hole that is being written. */
export function appendText(root: Element, hole: string, text: string): void {
  for (const it of root.querySelectorAll("[data-hole]")) if (it.getAttribute("data-hole") === hole) it.append(text);
}

export function problemList(problems: readonly PreviewProblem[], post: Post): readonly Child[] {
  return problems.map(({ severity, message, line }) =>
    element("div", { class: `problem ${severity}` }, [
      element("b", {}, [severity === "information" ? "note" : severity]),
      element("span", { class: "grow" }, [message]),
      line === undefined
        ? undefined
        : button(`Line ${line + 1}`, { class: "link" }, () => post({ type: "line", line })),
    ]),
  );
}
