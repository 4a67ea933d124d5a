/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Brings elements of the page to a tree. What can stay stays the same element, so that focus, caret and scrolling do too. */

import { attributesOf, type Tree } from "./tree.js";

export function patchChildren(parent: Element, children: readonly (Tree | string)[]): void {
  children.forEach((child, i) => {
    const old = parent.childNodes[i];
    if (typeof child === "string") {
      if (old instanceof Text) {
        if (old.data !== child) old.data = child;
      } else place(parent, document.createTextNode(child), old);
    } else if (old instanceof Element && isSame(old, child)) patch(old, child);
    else {
      const made = create(child, parent);
      patch(made, child);
      place(parent, made, old);
    }
  });
  while (children.length < parent.childNodes.length) parent.lastChild!.remove();
}

function place(parent: Element, made: Node, old: Node | undefined): void {
  if (old === undefined) parent.append(made);
  else parent.replaceChild(made, old);
}

function isSame(old: Element, it: Tree): boolean {
  return old.tagName.toLowerCase() === it.tag && (old.getAttribute("id") ?? undefined) === it.attributes["id"];
}

function create({ tag }: Tree, parent: Element): Element {
  const isDrawn = tag === "svg" || parent.namespaceURI?.endsWith("/svg") === true;
  return isDrawn ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
}

function patch(target: Element, it: Tree): void {
  const wanted = new Map(attributesOf(it));
  for (const name of target.getAttributeNames())
    if (!wanted.has(name) && name !== "style") target.removeAttribute(name);
  for (const [name, value] of wanted) if (target.getAttribute(name) !== value) target.setAttribute(name, value);
  // The page's policy allows no styles in attributes, but scripts may set them.
  const at = wanted.get("data-at");
  if (at !== undefined && target instanceof HTMLElement) target.style.setProperty("--at", at);
  patchChildren(target, it.children);
}
