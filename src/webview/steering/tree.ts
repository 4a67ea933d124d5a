/** A page as plain data: elements with attributes and children. A test reads it, and the page is brought to it. */

export interface Tree {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: readonly (Tree | string)[];
}

/** `true` is an attribute without a value; `false` and undefined are none. */
export interface Attributes {
  readonly [name: string]: string | number | boolean | undefined;
}

export type Child = Tree | string | undefined | false;

export function tree(
  tag: string,
  attributes: Attributes = {},
  ...children: readonly (Child | readonly Child[])[]
): Tree {
  const flat = children.flat() as readonly Child[];
  return { tag, attributes, children: flat.filter((it) => it !== undefined && it !== false) };
}

/** The attributes that an element really has. */
export function attributesOf({ attributes }: Tree): readonly (readonly [string, string])[] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [[name, value === true ? "" : String(value)] as const],
  );
}

const voidTags = new Set(["input", "br", "path"]);

/** As a text, for whoever has no browser. */
export function htmlOf(it: Tree | string): string {
  if (typeof it === "string") return escaped(it);
  const attributes = attributesOf(it).map(([name, value]) => ` ${name}="${escaped(value)}"`);
  const head = `<${it.tag}${attributes.join("")}>`;
  return voidTags.has(it.tag) ? head : `${head}${it.children.map(htmlOf).join("")}</${it.tag}>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
