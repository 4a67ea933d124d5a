/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Making elements. Text is only ever set as text: nothing in a prompt can become a tag of the page. */

export interface Attributes {
  readonly [name: string]: string | number | boolean | undefined;
}

export type Child = Node | string | undefined;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  children: readonly Child[] = [],
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  for (const it of children) if (it !== undefined) made.append(it);
  return made;
}

/** `true` sets an attribute without a value; `false` and undefined remove it. */
export function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) target.removeAttribute(name);
    else target.setAttribute(name, value === true ? "" : String(value));
  }
}

export function button(label: string, attributes: Attributes, onClick: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, [label]);
  made.addEventListener("click", onClick);
  return made;
}

/** Puts these children in place of others, and leaves the page alone where they are the same. */
export function replaceWhenChanged(target: Element, key: string, children: () => readonly Child[]): void {
  if (target.getAttribute("data-key") === key) return;
  target.setAttribute("data-key", key);
  target.replaceChildren(...children().filter((it) => it !== undefined));
}
