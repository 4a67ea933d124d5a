/** The messages as they are sent: text of the file dim, text of the model bright. */

import { count } from "../../base/count.js";
import type {
  PreviewAction,
  PreviewHole,
  PreviewMedia,
  PreviewMessage,
  PreviewPart,
  PreviewProblem,
  PreviewState,
} from "../../protocol/preview.js";
import { button, element, type Child } from "./dom.js";

type Post = (action: PreviewAction) => void;

/** Elements of messages that stay the same stay too: a keystroke in a long prompt makes one new, and what is folded open stays open. */
export class MessageList {
  readonly element = element("div", { class: "msgs", role: "list", "aria-label": "Messages as they are sent" });
  readonly #nothing = element("p", { class: "muted" }, ["Nothing would be sent."]);
  readonly #elements = new WeakMap<PreviewMessage, HTMLElement>();
  /** One for each row of examples, in their order. */
  readonly #folds: Fold[] = [];

  constructor(private readonly post: Post) {}

  update({ messages }: Pick<PreviewState, "messages">): void {
    const shown: HTMLElement[] = [];
    let foldCount = 0;
    for (let i = 0; i < messages.length; i++) {
      if (messages[i]!.shot === undefined) {
        shown.push(this.#elementOf(messages[i]!));
        continue;
      }
      const from = i;
      while (messages[i + 1]?.shot !== undefined) i++;
      const fold = (this.#folds[foldCount++] ??= makeFold());
      this.#fill(fold, messages.slice(from, i + 1));
      shown.push(fold.element);
    }
    replaceChanged(this.element, shown.length === 0 ? [this.#nothing] : shown);
  }

  /** More text of a hole that is being written. */
  append(hole: string, text: string): void {
    for (const it of this.element.querySelectorAll("[data-hole]"))
      if (it.getAttribute("data-hole") === hole) it.append(text);
  }

  #elementOf(message: PreviewMessage): HTMLElement {
    const made = this.#elements.get(message) ?? messageElement(message, this.post);
    this.#elements.set(message, made);
    return made;
  }

  /** All examples together, folded: they are looked at seldom, and are long. */
  #fill({ element: fold, summary }: Fold, messages: readonly PreviewMessage[]): void {
    const shots = [...new Map(messages.map((it) => [it.shot!.index, it.shot!])).values()];
    const [first] = shots;
    summary.replaceChildren(
      element("span", { class: "role" }, ["examples"]),
      element("b", {}, [`${shots.length} of ${first!.of}`]),
      element("span", { class: "muted" }, [` ${[...new Set(shots.map((it) => it.reason))].slice(0, 3).join("; ")}`]),
    );
    replaceChanged(fold, [summary, ...messages.map((it) => this.#elementOf(it))]);
  }
}

interface Fold {
  readonly element: HTMLElement;
  readonly summary: HTMLElement;
}

function makeFold(): Fold {
  const summary = element("summary");
  return { element: element("details", { class: "fold" }, [summary]), summary };
}

/** Children that stay are not touched. */
function replaceChanged(target: Element, children: readonly HTMLElement[]): void {
  const wanted = new Set<Element>(children);
  for (const it of [...target.children]) if (!wanted.has(it)) it.remove();
  children.forEach((it, i) => {
    if (target.children[i] !== it) target.insertBefore(it, target.children[i] ?? null);
  });
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
      return pictureElement(part);
    case "hole":
      return holeElement(part, post);
    default:
      return part satisfies never;
  }
}

/** Small, with what it is read as; one that cannot be sent says why in its place. */
function pictureElement({ url, picture, src, tokens }: PreviewMedia): Child {
  if (picture.kind === "problem")
    return element("span", { class: "picture wrong", role: "note" }, [element("b", {}, ["picture "]), picture.problem]);
  const cost =
    tokens === undefined
      ? undefined
      : `${tokens.width} × ${tokens.height}, ${count(tokens.tiles, "tile")}, ${count(tokens.count, "token")}`;
  return element("figure", { class: "picture" }, [
    src === undefined ? undefined : element("img", { src, alt: `picture ${url}`, loading: "lazy" }),
    element("figcaption", { class: "muted", title: url }, [
      element("span", { class: "name" }, [url]),
      cost === undefined ? undefined : element("span", {}, [cost]),
    ]),
  ]);
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
