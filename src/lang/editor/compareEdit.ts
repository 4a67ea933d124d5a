/** `tiller.compare` and `tiller.tests`, written from outside the text. Nothing else of the file changes. */

import { Document, isMap, isScalar, type Node, type Scalar } from "yaml";

import type { Json, JsonObject } from "../../base/json.js";
import { span } from "../../base/text.js";
import type { TextEdit } from "../edit.js";
import { appendItems, columnOf, says, withBreaksOf, type FrontMatterText } from "../listEdit.js";

const KEY = "tiller.compare";

/** Undefined where the front matter is written in a way that is not known here, or has errors. */
export function writeCompare(file: FrontMatterText, compare: JsonObject): TextEdit | undefined {
  const { text, frontMatter } = file;
  if (frontMatter === undefined) {
    const at = text.startsWith("\uFEFF") ? 1 : 0;
    return { span: span(at, at), text: withBreaksOf(text, `---\n${block(compare, 0)}---\n`) };
  }
  const { document, yamlSpan, value } = frontMatter;
  const root = document.contents as Node | null;
  if (0 < document.errors.length || (root !== null && (!isMap(root) || root.flow === true))) return undefined;
  const source = text.slice(yamlSpan.start, yamlSpan.end);
  const indent = root?.range ? columnOf(source, root.range[0]) : 0;
  const pair = isMap(root) ? root.items.find((it) => isScalar(it.key) && it.key.value === KEY) : undefined;
  const start = (pair?.key as Scalar | undefined)?.range?.[0];
  const end = (pair?.value as Node | null | undefined)?.range?.[1] ?? (pair?.key as Scalar | undefined)?.range?.[1];
  const isNew = start === undefined || end === undefined;
  const written = block(compare, indent);
  const gap = isNew && source !== "" && !source.endsWith("\n") ? "\n" : "";
  const isWhole = isNew || source[end - 1] === "\n";
  const edit = {
    span: isNew
      ? span(yamlSpan.end, yamlSpan.end)
      : span(yamlSpan.start + start - columnOf(source, start), yamlSpan.start + end),
    text: withBreaksOf(text, gap + (isWhole ? written : written.trimEnd())),
  };
  return says(file, edit, { ...value, [KEY]: compare }) ? edit : undefined;
}

/** A test that the prompt passes as it answers now. */
export function appendTest(file: FrontMatterText, test: JsonObject): TextEdit | undefined {
  return appendItems(file, "tiller.tests", [test]);
}

/** The key with its value, in whole lines. */
function block(compare: Json, indent: number): string {
  const yaml = new Document({ [KEY]: compare }, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 });
  return yaml.replace(/^(?=.)/gm, " ".repeat(indent));
}
