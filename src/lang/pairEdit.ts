/** A key of the front matter whose list or map is changed in place. Comments and the form of everything else stay. */

import { Document, isMap, isScalar, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";

import type { Json, JsonObject } from "../base/json.js";
import { span } from "../base/text.js";
import type { TextEdit } from "./edit.js";
import { columnOf, says, withBreaksOf, type FrontMatterText } from "./listEdit.js";

/**
 * The edit after which the value of `key` is what `change` makes of it; one that is left without items goes with its key.
 * Undefined where there is no such value, or where the front matter is written in a way that is not known here.
 */
export function rewritePair<T extends YAMLSeq | YAMLMap>(
  file: FrontMatterText,
  key: string,
  isKind: (node: unknown) => node is T,
  change: (value: T) => void,
): TextEdit | undefined {
  const { text, frontMatter } = file;
  const before = frontMatter && pairOf(frontMatter.document, key, isKind);
  if (before === undefined) return undefined;
  const { document, value, yamlSpan } = frontMatter!;
  const copy = document.clone();
  const pair = pairOf(copy, key, isKind)!;
  change(pair.value);
  // These stand in front of what is replaced and behind it.
  pair.key.commentBefore = null;
  pair.key.spaceBefore = false;
  if (pair.value.flow === true) pair.value.comment = null;
  const { [key]: _, ...others } = value;
  const isEmpty = pair.value.items.length === 0;
  const wanted: JsonObject = isEmpty ? others : { ...value, [key]: pair.value.toJS(copy) as Json };
  const source = text.slice(yamlSpan.start, yamlSpan.end);
  const start = before.key.range![0];
  // A block ends behind its last line, a flow collection within it.
  const end = isEmpty ? lineEnd(source, before.value.range![1]) : before.value.range![1];
  const isWhole = source[end - 1] === "\n";
  const indent = " ".repeat(columnOf(source, start));
  const written = isEmpty
    ? ""
    : pairText(pair)
        .replace(/\n(?=.)/g, `\n${indent}`)
        .trimEnd() + (isWhole ? "\n" : "");
  const edit = {
    span: span(yamlSpan.start + start, yamlSpan.start + end),
    text: withBreaksOf(text, written),
  };
  return says(file, edit, wanted) ? edit : undefined;
}

interface KeyedPair<T> {
  readonly key: Scalar;
  readonly value: T;
}

/** Undefined where there is no such value, or where the whole front matter stands in braces. */
function pairOf<T extends YAMLSeq | YAMLMap>(
  document: Document,
  key: string,
  isKind: (node: unknown) => node is T,
): KeyedPair<T> | undefined {
  const root = document.contents;
  if (!isMap(root) || root.flow === true || 0 < document.errors.length) return undefined;
  const pair = root.items.find((it) => isScalar(it.key) && it.key.value === key);
  return isKind(pair?.value) && pair.value.range ? (pair as unknown as KeyedPair<T>) : undefined;
}

function pairText<T>(pair: KeyedPair<T>): string {
  const document = new Document({});
  (document.contents as unknown as YAMLMap).items = [pair as never];
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function lineEnd(source: string, at: number): number {
  if (source[at - 1] === "\n") return at;
  const end = source.indexOf("\n", at);
  return end < 0 ? source.length : end + 1;
}
