/** What could be written inside of `{{...}}`. */

import type { PromptFile } from "../ast.js";
import { helpers, roles, type HelperInfo } from "../helperTable.js";
import { holeKeyInfos } from "../holeKeys.js";
import { holesIn } from "../holes.js";
import { holeSettings } from "../holeSettings.js";
import { readMetadata } from "../metadata.js";
import { allNodes, calleeName } from "../walk.js";
import { literalSnippet, type Completion, type Surroundings } from "./completionItem.js";
import { descriptionOf, fieldsOf, schemaAt, typeText, type Field } from "./schemaTypes.js";
import { loopData } from "./origin.js";
import { scopeAt, type Scope } from "./scope.js";
import type { TemplatePlace, Word } from "./templatePlace.js";
import { keyDoc } from "./yamlCompletion.js";

export function templateCompletions(
  file: PromptFile,
  offset: number,
  place: TemplatePlace,
  around: Surroundings,
): readonly Completion[] {
  const { word } = place;
  switch (place.kind) {
    case "partial":
      return around.partials.map((label) => ({
        label,
        kind: "partial",
        insert: literalSnippet(label),
        span: word.span,
      }));
    case "close":
      return openBlocks(file, offset).map((label) => ({
        label,
        kind: "helper",
        insert: label,
        span: word.span,
        rank: 1,
      }));
    case "name":
      if (word.quoted) return [];
      return [...values(file, offset, word), ...(isPath(word) ? [] : helperNames(place.form, word))];
    case "argument":
      return argumentCompletions(file, offset, place);
    case "setting":
      return settingCompletions(file, offset, place);
    default:
      return place satisfies never;
  }
}

/** Names behind a dot or `@` are no helpers. */
function isPath({ text }: Word): boolean {
  return /^[@.]|[./]/.test(text);
}

function argumentCompletions(
  file: PromptFile,
  offset: number,
  place: Extract<TemplatePlace, { kind: "argument" }>,
): readonly Completion[] {
  const { helper, index, word } = place;
  if (helper === "role" && index === 0)
    return roles.map((label) => ({ label, kind: "role", insert: word.quoted ? label : `"${label}"`, span: word.span }));
  if (helper === "section" && index === 0 && word.quoted)
    return holeNames(file).map((name) => ({
      label: `gen:${name}`,
      kind: "hole",
      insert: `gen:${name}`,
      span: word.span,
    }));
  const isHole = helper === "gen" || helper === "select";
  if (isHole && index === 0) {
    return holeNames(file).map((label) => ({
      label,
      kind: "hole",
      insert: word.quoted ? label : `"${label}"`,
      span: word.span,
    }));
  }
  if (word.quoted) return [];
  const settings = helper === "gen" || (helper === "select" && 1 < index) ? settingNames(word) : [];
  return [...settings, ...(isHole ? [] : values(file, offset, word))];
}

function settingNames(word: Word): readonly Completion[] {
  return holeKeyInfos.map((info) => ({
    label: info.key,
    kind: "key",
    detail: info.types.join(" or "),
    doc: keyDoc(info),
    insert: info.types[0] === "text" || info.types[0] === "list" ? `${info.key}="$0"` : `${info.key}=$0`,
    span: word.span,
  }));
}

function settingCompletions(
  file: PromptFile,
  offset: number,
  { helper, key, word }: Extract<TemplatePlace, { kind: "setting" }>,
): readonly Completion[] {
  const info = helper === "gen" || helper === "select" ? holeKeyInfos.find((it) => it.key === key) : undefined;
  const given = [...(info?.values ?? []), ...(key === "json" ? ["$output"] : [])];
  const flags = info?.types.includes("flag") === true ? ["true", "false"] : [];
  const quoted = given.map((label): Completion => {
    const text = literalSnippet(label);
    return { label, kind: "value", insert: word.quoted ? text : `"${text}"`, span: word.span };
  });
  if (word.quoted) return quoted;
  const plain = flags.map((label): Completion => ({ label, kind: "value", insert: label, span: word.span }));
  return [...quoted, ...plain, ...(info === undefined ? values(file, offset, word) : [])];
}

// ------------------------------------------------------------------------------------------------ values

/** Variables, fields behind a dot, and `@` data. */
function values(file: PromptFile, offset: number, word: Word): readonly Completion[] {
  const { text } = word;
  if (text.startsWith("@")) return dataNames(file, offset, word);
  const scope = scopeAt(file, offset);
  const up = /^(?:\.\.\/)*/.exec(text)![0];
  const path = text.slice(up.length).split(/[./]/).slice(0, -1);
  const prefix = text.slice(0, text.length - text.split(/[./]/).at(-1)!.length);
  let from: Scope | undefined = scope;
  for (let i = 0; i < up.length / 3; i++) from = from?.outer;
  const [first, ...rest] = path;
  const own = path[0] === "this" ? rest : path;
  const base =
    first !== undefined && scope.locals.has(first)
      ? schemaAt(scope.locals.get(first), rest)
      : schemaAt(from?.context, own);
  const fields = fieldsOf(base).map((it) =>
    fieldItem(it, prefix, word, path.length === 0 && from?.outer === undefined),
  );
  if (0 < path.length || up !== "") return fields;
  return [...fields, ...localNames(scope, word), ...outerNames(scope, word)];
}

function fieldItem({ name, schema, required }: Field, prefix: string, { span }: Word, isVariable: boolean): Completion {
  const label = `${prefix}${name}`;
  const doc = descriptionOf(schema);
  return {
    label,
    kind: isVariable ? "variable" : "field",
    detail: `${typeText(schema)}${required ? "" : ", may be missing"}`,
    ...(doc !== undefined && { doc }),
    insert: literalSnippet(label),
    span,
    rank: 1,
  };
}

function localNames({ locals, outer }: Scope, { span }: Word): readonly Completion[] {
  const own = [...locals].map(([label, schema]): Completion => ({
    label,
    kind: "variable",
    ...(schema !== undefined && { detail: typeText(schema) }),
    insert: label,
    span,
    rank: 1,
  }));
  if (outer === undefined) return own;
  return [...own, { label: "this", kind: "variable", detail: "the item of this block", insert: "this", span, rank: 2 }];
}

/** Inside of a block with names of its own, those of outside are still in reach. */
function outerNames(scope: Scope, { span }: Word): readonly Completion[] {
  const found: Completion[] = [];
  let up = "../";
  for (let at = scope.outer; at !== undefined; at = at.outer, up += "../")
    for (const { name, schema } of fieldsOf(at.context))
      found.push({
        label: `${up}${name}`,
        kind: "variable",
        detail: typeText(schema),
        insert: `${up}${name}`,
        span,
        rank: 3,
      });
  return found;
}

function dataNames(file: PromptFile, offset: number, { text, span }: Word): readonly Completion[] {
  const data = (label: string, detail: string): Completion => ({ label, kind: "data", detail, insert: label, span });
  const holes = holeNames(file).map((it) => data(`@gen.${it}`, "the value of this hole"));
  if (text.startsWith("@gen.")) return holes;
  const root = rootFields(file).map(({ name, schema }) => data(`@root.${name}`, typeText(schema)));
  const loop = scopeAt(file, offset).isLoop ? Object.entries(loopData).map(([name, doc]) => data(name, doc)) : [];
  return [...loop, ...holes, ...root];
}

function rootFields(file: PromptFile): readonly Field[] {
  let scope = scopeAt(file, file.body.span.start);
  while (scope.outer !== undefined) scope = scope.outer;
  return fieldsOf(scope.context);
}

// ------------------------------------------------------------------------------------------------ helpers

function helperNames(form: "inline" | "block" | "call", word: Word): readonly Completion[] {
  return helpers
    .filter((it) => it.form === "either" || (form === "block") === (it.form === "block"))
    .map((it) => ({
      label: it.name,
      kind: "helper",
      detail: it.usage,
      doc: it.doc,
      insert: it.name,
      span: word.span,
      rank: 4,
    }));
}

export function helperNamed(name: string): HelperInfo | undefined {
  return helpers.find((it) => it.name === name);
}

function holeNames(file: PromptFile): readonly string[] {
  const written = holesIn(file.body.nodes).map((it) => it.name);
  return [...new Set([...written, ...Object.keys(holeSettings(readMetadata(file)))])];
}

/** Names of blocks that are open at the place, the innermost first. */
function openBlocks(file: PromptFile, offset: number): readonly string[] {
  return allNodes(file.body.nodes)
    .flatMap((node) => {
      if (node.kind !== "block" || offset < node.openSpan.end || node.span.end < offset) return [];
      const { callee } = node;
      return [calleeName(node) ?? (callee.kind === "path" ? callee.original : "")];
    })
    .filter((it) => it !== "")
    .reverse();
}
