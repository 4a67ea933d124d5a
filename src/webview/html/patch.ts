/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * Makes a document show a page's data, and touches only what changed: focus, carets, scroll positions and open menus stay
 * where they are. One listener of each kind on the root serves all elements.
 */

import type { Handlers, VirtualElement, VirtualNode } from "./virtual.js";

export interface View<A> {
  show(nodes: readonly VirtualNode<A>[]): void;
}

/** `act` is told what the user did. */
export function createView<A>(root: HTMLElement, act: (action: A) => void): View<A> {
  const shown: Shown<A> = new WeakMap();
  const listen = (type: keyof Handlers<A>, run: (it: Handlers<A>, at: HTMLInputElement) => A | undefined) =>
    root.addEventListener(
      type,
      (event) => {
        for (let at = event.target as Element | null; at !== null && at !== root; at = at.parentElement) {
          const handlers = shown.get(at)?.on;
          if (handlers?.[type] === undefined) continue;
          const action = at.hasAttribute("disabled") ? undefined : run(handlers, at as HTMLInputElement);
          if (action !== undefined) act(action);
          return;
        }
      },
      type === "toggle", // it does not bubble
    );
  listen("click", (it) => it.click!());
  listen("input", (it, at) => it.input!(valueOf(at)));
  listen("change", (it, at) => it.change!(valueOf(at)));
  listen("toggle", (it, at) => it.toggle!(at.hasAttribute("open")));
  return { show: (nodes) => patchChildren(root, nodes, shown) };
}

function valueOf(field: HTMLInputElement): string {
  return field.type === "checkbox" ? String(field.checked) : field.value;
}

type Shown<A> = WeakMap<Node, VirtualElement<A>>;

function patchChildren<A>(parent: Element, nodes: readonly VirtualNode<A>[], shown: Shown<A>): void {
  const before = [...parent.childNodes];
  const keyed = new Map(before.flatMap((it) => (shown.get(it)?.key === undefined ? [] : [[shown.get(it)!.key!, it]])));
  const unkeyed = before.filter((it) => shown.get(it)?.key === undefined);
  let next = 0;
  const wanted = nodes.map((node) => {
    if (typeof node !== "string" && node.key !== undefined) {
      const known = keyed.get(node.key);
      return known !== undefined && shown.get(known)!.tag === node.tag ? known : make(node);
    }
    const candidate = unkeyed[next];
    const fits = candidate !== undefined && tagOf(candidate, shown) === (typeof node === "string" ? "" : node.tag);
    if (fits) next++;
    return fits ? candidate : make(node);
  });
  const kept = new Set(wanted);
  for (const it of before) if (!kept.has(it)) it.remove();
  wanted.forEach((it, i) => {
    if (parent.childNodes[i] !== it) parent.insertBefore(it, parent.childNodes[i] ?? null);
    const node = nodes[i]!;
    if (typeof node === "string") setText(it as Text, node);
    else patchElement(it as Element, node, shown);
  });
}

/** Empty for a text. */
function tagOf<A>(node: Node, shown: Shown<A>): string {
  return shown.get(node)?.tag ?? "";
}

const drawn = new Set(["svg", "path", "circle", "rect"]);

function make<A>(node: VirtualNode<A>): Node {
  if (typeof node === "string") return document.createTextNode(node);
  return drawn.has(node.tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", node.tag)
    : document.createElement(node.tag);
}

/** What streams grows at its end: the rest of the text is not laid out anew, and a selection in it stays. */
function setText(target: Text, text: string): void {
  const { data } = target;
  if (data === text) return;
  if (data !== "" && text.startsWith(data)) target.appendData(text.slice(data.length));
  else target.nodeValue = text;
}

function patchElement<A>(target: Element, node: VirtualElement<A>, shown: Shown<A>): void {
  const before = shown.get(target);
  if (before === node) return;
  shown.set(target, node);
  for (const [name, value] of Object.entries(before?.attributes ?? {}))
    if (!isLeftOut(value) && isLeftOut(node.attributes[name])) target.removeAttribute(name);
  for (const [name, value] of Object.entries(node.attributes)) {
    if (fields.has(node.tag) && (name === "value" || name === "checked"))
      setValue(target as HTMLInputElement, name, value, before);
    else if (!isLeftOut(value) && before?.attributes[name] !== value)
      target.setAttribute(name, value === true ? "" : String(value));
  }
  for (const [name, value] of Object.entries(node.style))
    if (before?.style[name] !== value) (target as HTMLElement).style.setProperty(name, value);
  patchChildren(target, node.children, shown);
  // A choice can only be made among options that are there.
  if (node.tag === "select") setValue(target as HTMLInputElement, "value", node.attributes["value"], before);
}

const fields = new Set(["input", "textarea", "select"]);

function isLeftOut(value: unknown): boolean {
  return value === undefined || value === false;
}

/** A field in which the user types is not written over, unless by something that is new to it; a choice that was not taken goes back. */
function setValue<A>(
  target: HTMLInputElement,
  name: "value" | "checked",
  value: string | number | boolean | undefined,
  before: VirtualElement<A> | undefined,
): void {
  if (name === "checked") {
    target.checked = value === true;
    return;
  }
  const text = String(value ?? "");
  const isTyping =
    target.tagName !== "SELECT" && document.activeElement === target && before?.attributes["value"] === value;
  if (!isTyping && target.value !== text) target.value = text;
}
