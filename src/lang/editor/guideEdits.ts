/** How a prompt is steered, changed from outside the text: keys of `tiller.guide` or of `config` are set, or go. */

import { Document, isMap, isScalar, type Node, type YAMLMap } from "yaml";

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import { span } from "../../base/text.js";
import type { TextEdit } from "../edit.js";
import { columnOf, says, withBreaksOf, type FrontMatterText } from "../listEdit.js";
import { rewritePair } from "../pairEdit.js";

export type GuideEdit =
  | { readonly kind: "edit"; readonly edit: TextEdit }
  /** The file says all of it already. */
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly reason: string };

export type SteeredKey = "tiller.guide" | "config";

/** What the file says there. */
export function steeringOf({ frontMatter }: FrontMatterText, key: SteeredKey): JsonObject {
  const value = frontMatter?.value[key];
  return value !== undefined && isJsonObject(value) ? value : {};
}

/** Sets these keys, and takes away those that are null. Keys that stay keep their place and their comments. */
export function steer(file: FrontMatterText, key: SteeredKey, changes: JsonObject): GuideEdit {
  const before = steeringOf(file, key);
  const changed = Object.entries(changes).filter(([name, value]) =>
    value === null ? Object.hasOwn(before, name) : JSON.stringify(before[name]) !== JSON.stringify(value),
  );
  if (changed.length === 0) return { kind: "none" };
  const edit = isThere(file, key) ? changedMap(file, key, changed) : addedMap(file, key, changed);
  return edit === undefined ? refused(key) : { kind: "edit", edit };
}

type Changes = readonly (readonly [string, Json])[];

function isThere({ frontMatter }: FrontMatterText, key: SteeredKey): boolean {
  return frontMatter !== undefined && Object.hasOwn(frontMatter.value, key);
}

function changedMap(file: FrontMatterText, key: SteeredKey, changes: Changes): TextEdit | undefined {
  return rewritePair(file, key, isMap<unknown, unknown>, (map) => {
    for (const [name, value] of changes) {
      const old = map.get(name, true);
      if (value === null) map.delete(name);
      else if (isScalar(old) && !isCollection(value)) old.value = value;
      else map.set(name, nodeOf(value, old));
    }
  });
}

/** In front matter that has no such key, and in a file that has no front matter. */
function addedMap(file: FrontMatterText, key: SteeredKey, changes: Changes): TextEdit | undefined {
  const { text, frontMatter } = file;
  const map = Object.fromEntries(changes.filter(([, value]) => value !== null));
  if (frontMatter === undefined) {
    const at = text.startsWith("\uFEFF") ? 1 : 0;
    return { span: span(at, at), text: withBreaksOf(text, `---\n${blockOf(key, map, 0)}---\n`) };
  }
  const { document, value, yamlSpan } = frontMatter;
  const root = document.contents as Node | null;
  if (0 < document.errors.length || (isMap(root) && root.flow === true)) return undefined;
  const source = text.slice(yamlSpan.start, yamlSpan.end);
  const isWhole = source === "" || source.endsWith("\n");
  const indent = root?.range ? columnOf(source, root.range[0]) : 0;
  const written = `${isWhole ? "" : "\n"}${blockOf(key, map, indent)}`;
  const edit = { span: span(yamlSpan.end, yamlSpan.end), text: withBreaksOf(text, written) };
  return says(file, edit, { ...value, [key]: map }) ? edit : undefined;
}

function blockOf(key: string, map: JsonObject, indent: number): string {
  const document = new Document({});
  const inner = new Document({}).contents as unknown as YAMLMap;
  for (const [name, value] of Object.entries(map)) inner.set(name, nodeOf(value));
  (document.contents as unknown as YAMLMap).set(key, inner);
  const yaml = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  return yaml.replace(/^(?=.)/gm, " ".repeat(indent));
}

/** Lists and maps in one line; the comment of what stood there before stays. */
function nodeOf(value: Json, before?: unknown): Node {
  const node = new Document(value, { aliasDuplicateObjects: false }).contents as unknown as Node;
  if (isCollection(value)) (node as YAMLMap).flow = true;
  if (isScalar(before) && before.comment !== undefined) node.comment = before.comment;
  return node;
}

function isCollection(value: Json): boolean {
  return typeof value === "object" && value !== null;
}

function refused(key: SteeredKey): GuideEdit {
  const reason = `The front matter is written in a way in which \`${key}\` cannot be changed from outside. Write it as a block of keys and values.`;
  return { kind: "refused", reason };
}
