/** Adapters of a prompt, changed from outside the text: one is added, gets another scale, or goes. */

import { Document, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";

import type { JsonObject } from "../../base/json.js";
import { lastStep, readAdapters, type AdapterEntry } from "../adapters.js";
import type { TextEdit } from "../edit.js";
import { readFrontMatter } from "../frontMatter.js";
import { appendItems, type FrontMatterText } from "../listEdit.js";
import { rewritePair } from "../pairEdit.js";

export type AdapterEdit =
  { readonly kind: "edit"; readonly edit: TextEdit } | { readonly kind: "refused"; readonly reason: string };

const KEY = "tiller.adapters";

export function frontMatterText(text: string): FrontMatterText {
  return { text, frontMatter: readFrontMatter(text).frontMatter };
}

/** Those that the prompt names, in its order. */
export function adaptersOf(file: FrontMatterText): readonly AdapterEntry[] {
  return readAdapters(file).adapters;
}

/** `entry.uri` only where the name alone does not find it. */
export function addAdapter(file: FrontMatterText, { name, uri, scale = 1 }: NewAdapter): AdapterEdit {
  const isPlain = uri === undefined && scale === 1;
  const item = isPlain ? name : { name, ...(uri !== undefined && { uri }), ...(scale !== 1 && { scale }) };
  return editOr(appendItems(file, KEY, [item]));
}

export interface NewAdapter {
  readonly name: string;
  /** A path from the prompt's folder. */
  readonly uri?: string;
  readonly scale?: number;
}

/** The scale of an adapter that the prompt names. */
export function scaleAdapter(file: FrontMatterText, name: string, scale: number): AdapterEdit {
  return rewritten(file, (list) => {
    list.items.forEach((item, at) => {
      if (nameOf(item) !== name) return;
      if (isMap(item)) item.set("scale", scale);
      else list.items[at] = flowMap({ name, scale });
    });
  });
}

export function removeAdapter(file: FrontMatterText, name: string): AdapterEdit {
  return rewritten(file, (list) => {
    list.items = list.items.filter((it) => nameOf(it) !== name);
  });
}

function rewritten(file: FrontMatterText, change: (list: YAMLSeq) => void): AdapterEdit {
  return editOr(rewritePair(file, KEY, isSeq<unknown>, change));
}

function nameOf(item: unknown): string | undefined {
  if (isScalar(item)) return String(item.value);
  if (!isMap(item)) return undefined;
  const [name, uri] = ["name", "uri"].map((key) => item.get(key));
  if (typeof name === "string") return name;
  return typeof uri === "string" ? lastStep(uri) : undefined;
}

function flowMap(value: JsonObject): Node {
  const map = new Document(value).contents as unknown as YAMLMap;
  map.flow = true;
  return map;
}

const refused: AdapterEdit = {
  kind: "refused",
  reason:
    "The front matter is written in a way in which no adapter can be changed from outside. Write `tiller.adapters` as a list.",
};

function editOr(edit: TextEdit | undefined): AdapterEdit {
  return edit === undefined ? refused : { kind: "edit", edit };
}
