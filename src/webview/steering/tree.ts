/** Elements of the panel, as pages are written as data (html/virtual.ts): children may be lists, and ids are kept apart. */

import { h, type VirtualElement, type VirtualNode } from "../html/virtual.js";

/** The page listens for itself, by attributes. */
export type Tree = VirtualElement<never>;

/** `true` is an attribute without a value; `false` and undefined are none. */
export interface Attributes {
  readonly [name: string]: string | number | boolean | undefined;
}

export type Child = VirtualNode<never> | undefined | false;

/** An element with an id stays the same element. `data-at` is where a slider stands. */
export function tree(
  tag: string,
  attributes: Attributes = {},
  ...children: readonly (Child | readonly Child[])[]
): Tree {
  const flat = (children.flat() as readonly Child[]).filter((it) => it !== false);
  const { id, "data-at": at } = attributes;
  const style = at === undefined ? {} : { "--at": String(at) };
  return h<never>(tag, { ...attributes, ...(typeof id === "string" && { key: id }), style }, flat);
}
