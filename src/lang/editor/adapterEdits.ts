/** Adapters of a prompt, changed from outside the text: one is added, gets another scale, or goes. */

import { Document, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";

import type { Json, JsonObject } from "../../base/json.js";
import { span } from "../../base/text.js";
import { lastStep, readAdapters, type AdapterEntry } from "../adapters.js";
import type { TextEdit } from "../edit.js";
import { readFrontMatter } from "../frontMatter.js";
import { appendItems, columnOf, type FrontMatterText, says, withBreaksOf } from "../listEdit.js";

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

/** Comments and the form of the other items stay as they are. */
function rewritten(file: FrontMatterText, change: (list: YAMLSeq) => void): AdapterEdit {
  const { text, frontMatter } = file;
  const before = frontMatter && pairOf(frontMatter.document);
  if (before === undefined) return refused;
  const { document, value, yamlSpan } = frontMatter!;
  const copy = document.clone();
  const pair = pairOf(copy)!;
  change(pair.value);
  if (pair.value.flow === true) pair.value.comment = null; // it stands behind what is replaced
  const { [KEY]: _, ...others } = value;
  const list = pair.value.toJS(copy) as Json[];
  const wanted: JsonObject = list.length === 0 ? others : { ...value, [KEY]: list };
  const source = text.slice(yamlSpan.start, yamlSpan.end);
  const start = before.key.range![0];
  // A block list ends behind its last line, a flow list within it.
  const end = list.length === 0 ? lineEnd(source, before.value.range![1]) : before.value.range![1];
  const isWhole = source[end - 1] === "\n";
  const indent = " ".repeat(columnOf(source, start));
  const written =
    list.length === 0
      ? ""
      : pairText(pair)
          .replace(/\n(?=.)/g, `\n${indent}`)
          .trimEnd() + (isWhole ? "\n" : "");
  const edit = {
    span: span(yamlSpan.start + start, yamlSpan.start + end),
    text: withBreaksOf(text, written),
  };
  return editOr(says(file, edit, wanted) ? edit : undefined);
}

interface ListPair {
  readonly key: Scalar;
  readonly value: YAMLSeq;
}

/** Undefined where there is no such list, or where the whole front matter stands in braces. */
function pairOf(document: Document): ListPair | undefined {
  const root = document.contents;
  if (!isMap(root) || root.flow === true || 0 < document.errors.length) return undefined;
  const pair = root.items.find((it) => isScalar(it.key) && it.key.value === KEY);
  return isSeq(pair?.value) && pair.value.range ? (pair as unknown as ListPair) : undefined;
}

function pairText(pair: ListPair): string {
  const document = new Document({});
  (document.contents as unknown as YAMLMap).items = [pair as never];
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
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

function lineEnd(source: string, at: number): number {
  if (source[at - 1] === "\n") return at;
  const end = source.indexOf("\n", at);
  return end < 0 ? source.length : end + 1;
}

const refused: AdapterEdit = {
  kind: "refused",
  reason:
    "The front matter is written in a way in which no adapter can be changed from outside. Write `tiller.adapters` as a list.",
};

function editOr(edit: TextEdit | undefined): AdapterEdit {
  return edit === undefined ? refused : { kind: "edit", edit };
}
