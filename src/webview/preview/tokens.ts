/** The heat map: every token of the last run with its probability, and what else could have stood there. */

import type { PreviewAction, PreviewState, PreviewToken } from "../../protocol/preview.js";
import { button, element, replaceWhenChanged, setAttributes } from "./dom.js";
import { percent } from "./messages.js";
import { seenPrompt } from "./seenPrompt.js";
import { shareNames, sharesOf, type Share } from "./shares.js";

type Post = (action: PreviewAction) => void;

interface Place {
  readonly hole: string;
  readonly position: number;
  readonly token: PreviewToken;
  readonly element: HTMLElement;
}

export class TokenMap {
  readonly #map = element("div", { class: "toks", role: "listbox", "aria-label": "Output tokens", tabindex: 0 });
  readonly #card = element("div", { class: "card", role: "dialog", "aria-label": "Alternatives", hidden: true });
  readonly element = element("div", { class: "tokens" }, [this.#map, this.#card]);
  #places: readonly Place[] = [];
  #selected = -1;
  /** The card is open: arrows up and down choose an alternative. */
  #alternative = -1;
  #shown = "";

  constructor(private readonly post: Post) {
    this.#map.addEventListener("keydown", (event) => this.#onKey(event));
    this.#map.addEventListener("focus", () => {
      if (this.#selected < 0 && 0 < this.#places.length) this.#select(0);
    });
  }

  update({ tokens, run }: PreviewState): void {
    const key = JSON.stringify(
      tokens.map((it) => [it.hole, it.seen, it.tokens.map((one) => [one.text, one.probability, one.legalMass])]),
    );
    const isEmpty = tokens.length === 0;
    if (isEmpty) {
      replaceWhenChanged(this.#map, `empty ${run.kind}`, () => [
        element("p", { class: "muted" }, ["The tokens appear here when the prompt has been run."]),
      ]);
      this.#places = [];
      this.#close();
      return;
    }
    if (key === this.#shown && 0 < this.#places.length) return;
    this.#shown = key;
    this.#close();
    this.#selected = -1;
    const places: Place[] = [];
    const rows = tokens.map(({ hole, tokens: all, seen }) => {
      const made = all.map((token, position) => {
        const own = tokenElement(token, `token-${places.length}`);
        const index = places.push({ hole, position, token, element: own }) - 1;
        own.addEventListener("click", () => {
          this.#map.focus();
          this.#select(index);
          this.#open();
        });
        return own;
      });
      return element("div", { role: "group", "aria-label": `hole ${hole}` }, [
        element("div", { class: "hole-name", "aria-hidden": "true" }, [hole]),
        seen && seenPrompt(seen),
        ...made,
      ]);
    });
    this.#places = places;
    this.#map.removeAttribute("data-key");
    this.#map.replaceChildren(...rows);
  }

  #onKey(event: KeyboardEvent): void {
    const isOpen = !this.#card.hidden;
    const move = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (move !== undefined) this.#select(Math.min(this.#places.length - 1, Math.max(0, this.#selected + move)));
    else if (event.key === "Escape" && isOpen) this.#close();
    else if (event.key === "Enter" && isOpen && 0 <= this.#alternative) this.#continue(this.#alternative);
    else if (event.key === "Enter" || event.key === " ") this.#open();
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && isOpen)
      this.#choose(event.key === "ArrowDown" ? 1 : -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #select(index: number): void {
    const before = this.#places[this.#selected];
    if (before !== undefined) setAttributes(before.element, { "aria-selected": "false" });
    this.#selected = index;
    const place = this.#places[index];
    if (place === undefined) return;
    setAttributes(place.element, { "aria-selected": "true" });
    setAttributes(this.#map, { "aria-activedescendant": place.element.id });
    place.element.scrollIntoView({ block: "nearest" });
    if (!this.#card.hidden) this.#open();
  }

  #open(): void {
    const place = this.#places[this.#selected];
    if (place === undefined) return;
    this.#alternative = -1;
    const { token, hole, position } = place;
    const { alternatives, probability, changed } = token;
    const head = element("header", {}, [
      element("code", {}, [visible(token.text)]),
      element("span", { class: "muted" }, [` token ${position + 1} of ${hole}`]),
      button("Close", { class: "link end", title: "Close (Esc)" }, () => this.#close()),
    ]);
    const list = alternatives.map((it, i) => {
      const shares = sharesOf(token, it);
      const row = button(
        "",
        {
          class: `alt n${shares.length} ${it.removed ? "removed" : ""} ${it.chosen ? "chosen" : ""}`,
          disabled: it.removed,
        },
        () => this.#continue(i),
      );
      const figures = shares.map((share) => element("span", { class: "num" }, [figure(share, it.removed)]));
      row.append(
        element("code", {}, [visible(it.text)]),
        element("span", { class: "meter" }, shares.map(bar)),
        ...figures,
      );
      return row;
    });
    const names = shareNames(token);
    const columns =
      names.length === 0
        ? undefined
        : element("div", { class: `alt head n${names.length}` }, [
            element("span", {}, ["token"]),
            element("span", {}, [""]),
            ...names.map((it) => element("span", { class: "num" }, [it])),
          ]);
    const steered = changed
      ? element("p", {}, ["Guidance changed this: without it, another token would have been the likeliest."])
      : undefined;
    const said =
      probability === undefined
        ? "Nothing else could have stood here: the model was not asked."
        : "Choose a word, or use the arrows up and down and Enter, to continue from there. What is struck out was removed by the constraint.";
    const parts = [head, columns, ...list, steered, element("p", { class: "muted" }, [said])];
    this.#card.replaceChildren(...parts.filter((it) => it !== undefined));
    this.#card.hidden = false;
  }

  #close(): void {
    this.#card.hidden = true;
    this.#alternative = -1;
  }

  /** Over those that the constraint removed. */
  #choose(step: 1 | -1): void {
    const alternatives = this.#places[this.#selected]?.token.alternatives ?? [];
    let next = this.#alternative + step;
    while (alternatives[next]?.removed === true) next += step;
    if (alternatives[next] === undefined) return;
    this.#alternative = next;
    const rows = [...this.#card.querySelectorAll("button.alt")];
    rows.forEach((it, i) => setAttributes(it, { "data-active": i === next }));
    rows[next]?.scrollIntoView({ block: "nearest" });
  }

  #continue(index: number): void {
    const place = this.#places[this.#selected];
    const alternative = place?.token.alternatives[index];
    if (place === undefined || alternative === undefined || alternative.removed) return;
    this.#close();
    this.post({ type: "continue", hole: place.hole, position: place.position, alternative: alternative.id });
  }
}

function bar({ kind, share }: Share): HTMLElement {
  const made = element("i", { class: `fill ${kind}` });
  made.style.setProperty("--share", `${(share ?? 0) * 100}%`);
  return made;
}

/** What was removed is said in words too: a line through it is not seen by everybody. */
function figure({ share }: Share, isRemoved: boolean): string {
  if (share !== undefined) return percent(share);
  return isRemoved ? "removed" : "–";
}

function tokenElement({ text, probability, changed }: PreviewToken, id: string): HTMLElement {
  const likely = probability === undefined ? "forced" : percent(probability);
  const label = changed ? `${likely}, changed by guidance` : likely;
  const name = `${visible(text)}, ${label}`;
  return element(
    "span",
    {
      class: `tok ${heat(probability)}${changed ? " steered" : ""}`,
      role: "option",
      id,
      "aria-selected": "false",
      "aria-label": name,
      title: label,
    },
    [visible(text)],
  );
}

function heat(probability: number | undefined): string {
  if (probability === undefined) return "forced";
  return probability >= 0.9
    ? "p0"
    : probability >= 0.6
      ? "p1"
      : probability >= 0.3
        ? "p2"
        : probability >= 0.1
          ? "p3"
          : "p4";
}

/** Spaces and line ends can be seen. */
function visible(text: string): string {
  return text.replace(/^ /, "·").replace(/\n/g, "↵");
}
