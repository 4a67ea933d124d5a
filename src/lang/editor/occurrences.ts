/** Names that stand for something in a prompt, and every place where they do. */

import { isMap, isPair, isScalar, type Document, type Pair } from "yaml";

import { span, type Span } from "../../base/text.js";
import type { Expression, FrontMatter, Node, PromptFile } from "../ast.js";
import { usedVariables } from "../variables.js";
import { allCalls, allNodes, argumentsOf, calleeName } from "../walk.js";

/** What a name stands for. Names of one kind that are equal mean the same within a prompt; partials across files. */
export interface PromptSymbol {
  readonly kind: "variable" | "hole" | "partial";
  readonly name: string;
}

export interface Occurrence {
  readonly symbol: PromptSymbol;
  /** The name alone, without quotes, dots and marks. */
  readonly span: Span;
  readonly role: "definition" | "use";
}

export function symbolAt(file: PromptFile, offset: number): Occurrence | undefined {
  return occurrences(file).find(({ span }) => span.start <= offset && offset <= span.end);
}

export function sameSymbol(a: PromptSymbol, b: PromptSymbol): boolean {
  return a.kind === b.kind && a.name === b.name;
}

/** In the order of the text. */
export function occurrences(file: PromptFile): readonly Occurrence[] {
  const { frontMatter, body } = file;
  const found = [...(frontMatter === undefined ? [] : inFrontMatter(frontMatter)), ...inBody(file.text, body.nodes)];
  return found.sort((a, b) => a.span.start - b.span.start);
}

// ------------------------------------------------------------------------------------------------ the front matter

function inFrontMatter({ document, yamlSpan }: FrontMatter): readonly Occurrence[] {
  const found: Occurrence[] = [];
  const add = (kind: PromptSymbol["kind"], pair: Pair, role: Occurrence["role"], nameOf = (text: string) => text) => {
    const key = spanOf(pair);
    if (key === undefined) return;
    const name = nameOf(key.text);
    if (name === "") return;
    const start = yamlSpan.start + key.start + key.text.indexOf(name);
    found.push({ symbol: { kind, name }, span: span(start, start + name.length), role });
  };
  const schema = pairsAt(document, ["input", "schema"]);
  const properties = pairsAt(document, ["input", "schema", "properties"]);
  // JSON Schema has its names under `properties`; in Picoschema they are followed by a mark and a hint.
  for (const pair of 0 < properties.length ? properties : schema) add("variable", pair, "definition", picoschemaName);
  for (const pair of pairsAt(document, ["input", "default"])) add("variable", pair, "use");
  for (const key of ["tiller.tests", "tiller.shots"])
    for (const item of itemsAt(document, key))
      for (const pair of pairsAt(item, ["input"])) add("variable", pair, "use");
  for (const pair of pairsAt(document, ["tiller.gen"])) add("hole", pair, "definition");
  return found;
}

function picoschemaName(key: string): string {
  return /^[^(?*]*/.exec(key)![0].trim();
}

interface HasIn {
  getIn(path: readonly unknown[], keepScalar?: boolean): unknown;
}

function pairsAt(from: HasIn | Document, path: readonly string[]): readonly Pair[] {
  const node = from.getIn(path, true);
  return isMap(node) ? node.items.filter((it) => isPair(it)) : [];
}

function itemsAt(document: Document, key: string): readonly HasIn[] {
  const node = document.getIn([key], true) as { readonly items?: readonly unknown[] } | undefined;
  return (node?.items ?? []).filter((it): it is HasIn => isMap(it));
}

/** The key's text without quotes, and where it begins. */
function spanOf({ key }: Pair): { readonly text: string; readonly start: number } | undefined {
  if (!isScalar(key) || typeof key.value !== "string" || !key.range) return undefined;
  const isQuoted = key.type === "QUOTE_DOUBLE" || key.type === "QUOTE_SINGLE";
  return { text: key.value, start: key.range[0] + (isQuoted ? 1 : 0) };
}

// ------------------------------------------------------------------------------------------------ the body

function inBody(text: string, nodes: readonly Node[]): readonly Occurrence[] {
  return [...variablesIn(text, nodes), ...holesOf(text, nodes), ...partialsOf(text, nodes)];
}

function variablesIn(text: string, nodes: readonly Node[]): Occurrence[] {
  return usedVariables(nodes).flatMap(({ name, span: path, isRoot }) => {
    if (!isRoot || name === "this") return [];
    const where = within(text, path, name);
    return where === undefined ? [] : [{ symbol: { kind: "variable", name }, span: where, role: "use" } as const];
  });
}

function holesOf(text: string, nodes: readonly Node[]): Occurrence[] {
  const found: Occurrence[] = [];
  const add = (name: string, where: Span | undefined, role: Occurrence["role"]) => {
    if (where !== undefined && name !== "") found.push({ symbol: { kind: "hole", name }, span: where, role });
  };
  for (const call of allCalls(nodes)) {
    const helper = calleeName(call);
    const [first] = call.params;
    if (first?.kind !== "literal" || typeof first.value !== "string") continue;
    if (helper === "gen" || helper === "select") add(first.value, within(text, first.span, first.value), "definition");
    if (helper === "section" && first.value.startsWith("gen:"))
      add(first.value.slice(4), within(text, first.span, first.value.slice(4)), "definition");
  }
  for (const it of expressionsIn(nodes)) {
    if (it.kind !== "path" || !it.isData || it.parts[0] !== "gen" || it.parts[1] === undefined) continue;
    const start = it.span.start + it.original.indexOf(".") + 1;
    add(it.parts[1], within(text, span(start, it.span.end), it.parts[1]), "use");
  }
  return found;
}

function partialsOf(text: string, nodes: readonly Node[]): Occurrence[] {
  return allNodes(nodes).flatMap((node) => {
    if (node.kind !== "partial" || node.name === undefined || node.name.startsWith("@")) return [];
    const where = within(text, node.nameSpan, node.name);
    return where === undefined
      ? []
      : [{ symbol: { kind: "partial", name: node.name }, span: where, role: "use" } as const];
  });
}

function expressionsIn(nodes: readonly Node[]): readonly Expression[] {
  const found: Expression[] = [];
  const visit = (expression: Expression): void => {
    found.push(expression);
    if (expression.kind === "call") [expression.callee, ...argumentsOf(expression)].forEach(visit);
  };
  for (const node of allNodes(nodes)) {
    if (node.kind === "text" || node.kind === "comment") continue;
    argumentsOf(node).forEach(visit);
    if (node.kind !== "partial") visit(node.callee);
  }
  return found;
}

/** Where the name stands inside of a larger place, such as a path or a text in quotes. */
function within(text: string, where: Span, name: string): Span | undefined {
  const at = text.slice(where.start, where.end).indexOf(name);
  return at < 0 ? undefined : span(where.start + at, where.start + at + name.length);
}
