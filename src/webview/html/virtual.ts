/**
 * Pages as data: what a page shows is computed from its state by functions that know no document, and can be read in a test.
 * Text is only ever text: nothing in a prompt can become a tag of the page.
 */

export interface VirtualElement<A> {
  readonly tag: string;
  /** Elements with the same key under the same parent stay the same element, wherever they move. */
  readonly key: string | undefined;
  readonly attributes: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Custom properties, such as `--at`. */
  readonly style: Readonly<Record<string, string>>;
  readonly on: Handlers<A>;
  readonly children: readonly VirtualNode<A>[];
}

export type VirtualNode<A> = VirtualElement<A> | string;

/** What the user does with an element becomes an action; undefined is none. */
export interface Handlers<A> {
  readonly click?: () => A | undefined;
  /** Of a field, with its text, or "true" and "false" of a check box: when the user is done with it. */
  readonly change?: (value: string) => A | undefined;
  /** With every keystroke. */
  readonly input?: (value: string) => A | undefined;
  /** Of `details`. */
  readonly toggle?: (isOpen: boolean) => A | undefined;
}

interface Special<A> {
  readonly key?: string;
  readonly style?: Readonly<Record<string, string>>;
  readonly on?: Handlers<A>;
}

export type Attributes<A> = Special<A> & {
  readonly [name: string]: string | number | boolean | undefined | Readonly<Record<string, string>> | Handlers<A>;
};

export type Child<A> = VirtualNode<A> | undefined;

/** `true` sets an attribute without a value; `false` and undefined leave it out. */
export function h<A>(
  tag: string,
  { key, style = {}, on = {}, ...attributes }: Attributes<A> = {},
  children: readonly Child<A>[] = [],
): VirtualElement<A> {
  return {
    tag,
    key,
    attributes: attributes as VirtualElement<A>["attributes"],
    style,
    on,
    children: children.filter((it) => it !== undefined),
  };
}

/** All text below. */
export function textOf<A>(node: VirtualNode<A>): string {
  return typeof node === "string" ? node : node.children.map(textOf).join("");
}

/** The elements below, and this one, in the order of the page. */
export function elementsOf<A>(node: VirtualNode<A>): readonly VirtualElement<A>[] {
  return typeof node === "string" ? [] : [node, ...node.children.flatMap(elementsOf)];
}
