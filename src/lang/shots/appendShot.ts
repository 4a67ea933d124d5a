/** A run that was good, or a text of the body, becomes an example for the next runs. Nothing else of the file changes. */

import { Document, isMap, isPair, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";

import type { Json, JsonObject } from "../../base/json.js";
import { isJsonObject } from "../../base/json.js";
import { span } from "../../base/text.js";
import type { FrontMatter, PromptFile } from "../ast.js";
import { applyEdits } from "../edit.js";
import { readFrontMatter } from "../frontMatter.js";
import type { AppendedShot } from "../../protocol/language.js";

export interface NewShot {
  /** Values of the prompt's variables, or a plain text. */
  readonly input: string | JsonObject;
  readonly output: Json;
}

const KEY = "tiller.shots";

export function appendShot(file: PromptFile, shot: NewShot): AppendedShot {
  return appendShots(file, [shot]);
}

export function appendShots({ text, frontMatter }: PromptFile, added: readonly NewShot[]): AppendedShot {
  const shots = added.map(({ input, output }) => ({ input, output }));
  const lineBreak = text.includes("\r\n") ? "\r\n" : "\n";
  if (frontMatter === undefined) {
    const at = text.startsWith("\uFEFF") ? 1 : 0;
    const yaml = `---\n${KEY}:\n${blockItems(shots, 2)}---\n`;
    return { kind: "edit", edit: { span: span(at, at), text: yaml.replaceAll("\n", lineBreak) } };
  }
  if (0 < frontMatter.document.errors.length) return refused("The front matter has errors. Mend them first.");
  const value = frontMatter.value[KEY] ?? [];
  if (isJsonObject(value)) {
    const { file } = value;
    if (typeof file !== "string") return refused("`tiller.shots` names no file.");
    return { kind: "line", file, line: shots.map((it) => `${JSON.stringify(it)}\n`).join("") };
  }
  if (!Array.isArray(value)) return refused("`tiller.shots` is no list.");
  const found = insertion(frontMatter, sourceOf(text, frontMatter), shots);
  if (found === undefined) return refused(unusual);
  const at = frontMatter.yamlSpan.start + found.at;
  const edit = { span: span(at, at), text: found.text.replaceAll("\n", lineBreak) };
  const wanted = { ...frontMatter.value, [KEY]: [...(value as readonly Json[]), ...shots] };
  return says(applyEdits(text, [edit]), wanted, frontMatter.span.end + edit.text.length)
    ? { kind: "edit", edit }
    : refused(unusual);
}

const unusual =
  "The front matter is written in a way to which no example can be added. Write `tiller.shots` as a list.";

function refused(reason: string): AppendedShot {
  return { kind: "refused", reason };
}

/** YAML has more ways to write a list than are known here: what was written is read again. */
function says(text: string, wanted: FrontMatter["value"], end: number): boolean {
  const { frontMatter, diagnostics } = readFrontMatter(text);
  return (
    frontMatter?.span.end === end &&
    diagnostics.length === 0 &&
    JSON.stringify(frontMatter.value) === JSON.stringify(wanted)
  );
}

function sourceOf(text: string, { yamlSpan }: FrontMatter): string {
  return text.slice(yamlSpan.start, yamlSpan.end);
}

// ------------------------------------------------------------------------------------------------ the place

interface Insertion {
  /** In the YAML. */
  readonly at: number;
  readonly text: string;
}

function insertion({ document }: FrontMatter, source: string, shots: readonly NewShot[]): Insertion | undefined {
  const root = document.contents as Node | null;
  const list = document.getIn([KEY], true) as Node | null | undefined;
  if (isSeq(list)) return list.flow === true ? inFlow(list, flowItems(shots)) : behindItems(list, source, shots);
  if (isMap(root) && root.flow === true) return inFlow(root, `"${KEY}": [${flowItems(shots)}]`);
  const indent = root?.range ? columnOf(source, root.range[0]) : 0;
  const items = blockItems(shots, indent + 2);
  // A key without a value: it was just typed.
  const pair = isMap(root) ? root.items.find((it) => String(it.key) === KEY) : undefined;
  const { range } = (pair?.key ?? {}) as Partial<Node>;
  if (range) return onNextLine(source, range[1], items);
  return onNextLine(source, source.length, `${" ".repeat(indent)}${KEY}:\n${items}`);
}

function behindItems(list: YAMLSeq, source: string, shots: readonly NewShot[]): Insertion | undefined {
  if (!list.range) return undefined;
  return onNextLine(source, list.range[1], blockItems(shots, columnOf(source, list.range[0])));
}

/** Behind the comment that may stand in the line of `at`; at `at` itself where a line begins there. */
function onNextLine(source: string, at: number, text: string): Insertion {
  if (at === 0 || source[at - 1] === "\n") return { at, text };
  const end = source.indexOf("\n", at);
  return end < 0 ? { at: source.length, text: `\n${text}` } : { at: end + 1, text };
}

/** Right behind the last item, so that a comma or a comment after it stays where it is. */
function inFlow({ items, range }: YAMLMap | YAMLSeq, text: string): Insertion | undefined {
  if (!range) return undefined;
  const last = items.at(-1);
  if (last === undefined) return { at: range[0] + 1, text };
  const end = (isPair(last) ? (last.value ?? last.key) : last) as Node | null;
  return end?.range ? { at: end.range[1], text: `, ${text}` } : undefined;
}

function columnOf(source: string, at: number): number {
  return at - (source.lastIndexOf("\n", at - 1) + 1);
}

// ------------------------------------------------------------------------------------------------ the text

function blockItems(shots: readonly NewShot[], indent: number): string {
  const yaml = new Document(shots, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 });
  return yaml.replace(/^(?=.)/gm, " ".repeat(indent));
}

function flowItems(shots: readonly NewShot[]): string {
  return shots.map((it) => JSON.stringify(it)).join(", ");
}
