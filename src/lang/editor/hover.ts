/** What is said about the place under the pointer. */

import { isPair, isSeq, visit } from "yaml";

import { isJsonObject } from "../../base/json.js";
import { span, type Span } from "../../base/text.js";
import type { FrontMatter, PromptFile } from "../ast.js";
import { keySpan, valueSpan } from "../frontMatter.js";
import { helpers } from "../helperTable.js";
import { holeKeyInfos } from "../holeKeys.js";
import { holeSettings, wholeHole } from "../holeSettings.js";
import { holeSpec } from "../holeSpec.js";
import { holesIn } from "../holes.js";
import type { KeyInfo } from "../keyInfo.js";
import { readMetadata } from "../metadata.js";
import { allCalls, calleeName } from "../walk.js";
import { describeHole } from "./describeHole.js";
import { occurrences } from "./occurrences.js";
import { holeValueText, loopData, originOf, parameterText, variableText, type PartialCall } from "./origin.js";
import { resolvePath, scopeAt } from "./scope.js";
import { descriptionOf, typeText } from "./schemaTypes.js";
import { keyAt, keyDoc, listsVariables } from "./yamlCompletion.js";

export interface Hover {
  readonly span: Span;
  readonly markdown: string;
}

/** The text of a partial, or undefined where there is none. */
export type PartialText = (name: string) => string | undefined;

/**
 * Undefined where there is nothing to say. `offset` counts UTF-16 units from the beginning of the file. A partial has `calls`,
 * the places where it is used.
 */
export function hover(
  file: PromptFile,
  offset: number,
  partial: PartialText = () => undefined,
  calls?: readonly PartialCall[],
): Hover | undefined {
  const { frontMatter } = file;
  if (frontMatter !== undefined && offset < frontMatter.span.end) return inFrontMatter(file, frontMatter, offset);
  return overHole(file, offset) ?? overName(file, offset, partial, calls) ?? overHelper(file, offset);
}

function contains({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset < end;
}

// ------------------------------------------------------------------------------------------------ the body

function overHole(file: PromptFile, offset: number): Hover | undefined {
  const metadata = readMetadata(file);
  const written = holesIn(file.body.nodes).find((it) => contains(it.span, offset));
  if (written === undefined) return undefined;
  const hole = wholeHole(written, holeSettings(metadata));
  const [key] =
    [...written.keySpans].find(([key, { start }]) => contains(span(start, start + key.length), offset)) ?? [];
  const markdown = describeHole(hole, metadata.output?.["schema"]);
  return {
    span: written.span,
    markdown:
      key === undefined
        ? markdown
        : withKey(
            key,
            holeKeyInfos.find((it) => it.key === key),
            markdown,
          ),
  };
}

/** What is said of a setting stands above what is said of its hole. */
function withKey(key: string, info: KeyInfo | undefined, markdown: string): string {
  return info === undefined ? markdown : `${keyText(key, info)}\n\n---\n\n${markdown}`;
}

function keyText(key: string, info: KeyInfo): string {
  return `**\`${key}\`**: ${keyDoc(info)}`;
}

function overName(
  file: PromptFile,
  offset: number,
  partial: PartialText,
  calls: readonly PartialCall[] | undefined,
): Hover | undefined {
  const found = occurrences(file).find((it) => contains(it.span, offset));
  if (found === undefined) return fieldAt(file, offset);
  const { symbol, span: where } = found;
  switch (symbol.kind) {
    case "variable":
      return {
        span: where,
        markdown: calls === undefined ? variableText(file, symbol.name) : parameterText(symbol.name, calls),
      };
    case "partial": {
      const text = partial(symbol.name);
      const shown = text === undefined ? "*There is no such file.*" : `~~~~handlebars\n${firstLines(text)}\n~~~~`;
      return { span: where, markdown: `**Partial \`${symbol.name}\`**\n\n${shown}` };
    }
    case "hole":
      return { span: where, markdown: holeValueText(file, symbol.name) };
    default:
      return symbol.kind satisfies never;
  }
}

/** A field of an object in a loop or behind a dot, the item itself, or the place in the loop. */
function fieldAt(file: PromptFile, offset: number): Hover | undefined {
  const { text } = file;
  const before = /[\w.@/]*$/.exec(text.slice(0, offset))![0];
  const after = (before === "" || before.endsWith("/") ? /^(?:\.(?!\/)|@?\w*)/ : /^\w*/).exec(text.slice(offset))![0];
  const word = before + after;
  const isInTag = text.lastIndexOf("{{", offset) > text.lastIndexOf("}}", offset - 1);
  if (word === "" || !isInTag) return undefined;
  const where = span(offset - before.length, offset + after.length);
  const [, root] = /^@root\.(\w+)$/.exec(word) ?? [];
  if (root !== undefined) return { span: where, markdown: variableText(file, root) };
  const origin = originOf(file, offset);
  // A dot alone may be anything, such as the end of a text in quotes.
  const what = origin === undefined && !/\w/.test(word) ? undefined : wordText(file, word, offset);
  if (what === undefined && origin === undefined) return undefined;
  const markdown = [
    `**\`${word}\`**${what === undefined ? "" : `: ${what}`}`,
    ...(origin === undefined ? [] : [origin]),
  ];
  return { span: where, markdown: markdown.join("\n\n") };
}

function wordText(file: PromptFile, word: string, offset: number): string | undefined {
  if (word.startsWith("@")) return loopData[word];
  const path = word.endsWith("..") ? `${word}/` : word;
  const up = /^(?:\.\.\/)*/.exec(path)![0];
  const parts = path.slice(up.length).split(/[./]/);
  const own = parts.filter((it, i) => it !== "" && (0 < i || it !== "this"));
  const schema = resolvePath(scopeAt(file, offset), up.length / 3, own);
  if (schema === undefined) return undefined;
  const description = descriptionOf(schema);
  return description === undefined ? typeText(schema) : `${typeText(schema)}\n\n${description}`;
}

function overHelper(file: PromptFile, offset: number): Hover | undefined {
  const call = allCalls(file.body.nodes).find((it) => contains(it.callee.span, offset));
  const name = call && calleeName(call);
  const helper = helpers.find((it) => it.name === name);
  if (call === undefined || helper === undefined) return undefined;
  const ours = helper.ours === true ? "\n\n*Only Tiller renders this.*" : "";
  return { span: call.callee.span, markdown: `\`\`\`handlebars\n${helper.usage}\n\`\`\`\n${helper.doc}${ours}` };
}

const MOST_LINES = 12;

function firstLines(text: string): string {
  const lines = text.split("\n");
  return lines.length <= MOST_LINES ? text : [...lines.slice(0, MOST_LINES), "..."].join("\n");
}

// ------------------------------------------------------------------------------------------------ the front matter

function inFrontMatter(file: PromptFile, frontMatter: FrontMatter, offset: number): Hover | undefined {
  const found = keyPathAt(frontMatter, offset);
  if (found === undefined) return settingsHover(file, frontMatter, offset);
  const { path, span: where } = found;
  return aboutKey(file, frontMatter, path, where) ?? keyHover(path, where);
}

/** What the file itself says of a key, or of a name below it. */
function aboutKey(file: PromptFile, frontMatter: FrontMatter, path: readonly string[], where: Span): Hover | undefined {
  const [first, second, ...rest] = path;
  if ((first === "input" || first === "output") && second === "schema")
    return rest.length === 0 ? schemaHover(file, first, where) : fieldHover(file, first, rest, where);
  if (listsVariables(path.slice(0, -1))) return { span: where, markdown: variableText(file, path.at(-1)!) };
  if (first !== "tiller.gen" || path.length < 2) return undefined;
  const whole = settingsHover(file, frontMatter, where.start);
  return whole && { ...whole, markdown: withKey(path.at(-1)!, keyAt(path), whole.markdown) };
}

function keyHover(path: readonly string[], where: Span): Hover | undefined {
  const info = keyAt(path);
  const name = path.filter((it) => it !== "-").join(".");
  return info && { span: where, markdown: keyText(name, info) };
}

/** The keys down to the one under the pointer; `-` stands for an item of a list. */
function keyPathAt(
  { document, yamlSpan }: FrontMatter,
  offset: number,
): { readonly path: readonly string[]; readonly span: Span } | undefined {
  let found: ReturnType<typeof keyPathAt>;
  visit(document, {
    Pair(_, pair, ancestors) {
      const range = (pair.key as { readonly range?: readonly number[] | null } | null)?.range;
      if (!range) return undefined;
      const where = span(yamlSpan.start + range[0]!, yamlSpan.start + range[1]!);
      if (!contains(where, offset)) return undefined;
      const path = [...ancestors, pair].flatMap((it) => (isPair(it) ? [String(it.key)] : isSeq(it) ? ["-"] : []));
      found = { path, span: where };
      return visit.BREAK;
    },
  });
  return found;
}

function settingsHover(file: PromptFile, frontMatter: FrontMatter, offset: number): Hover | undefined {
  const metadata = readMetadata(file);
  for (const [name, own] of Object.entries(holeSettings(metadata))) {
    const path = ["tiller.gen", name];
    const where = { start: keySpan(frontMatter, path).start, end: valueSpan(frontMatter, path).end };
    if (contains(where, offset))
      return { span: where, markdown: describeHole(holeSpec(name, own, where).hole, metadata.output?.["schema"]) };
  }
  return undefined;
}

/** Picoschema, spelled out. */
function schemaHover(file: PromptFile, section: "input" | "output", where: Span): Hover | undefined {
  const schema = readMetadata(file)[section]?.["schema"];
  if (!isJsonObject(schema)) return undefined;
  const shown = `As JSON Schema:\n\n\`\`\`json\n${JSON.stringify(schema, undefined, 2)}\n\`\`\``;
  return { span: where, markdown: withKey(`${section}.schema`, keyAt([section, "schema"]), shown) };
}

function fieldHover(
  file: PromptFile,
  section: "input" | "output",
  keys: readonly string[],
  where: Span,
): Hover | undefined {
  const names = keys.filter((it) => it !== "properties" && it !== "-").map((it) => /^[^(?*]*/.exec(it)![0].trim());
  if (section === "input" && names.length === 1) return { span: where, markdown: variableText(file, names[0]!) };
  let schema = readMetadata(file)[section]?.["schema"];
  for (const name of names) {
    const inner = isJsonObject(schema) && isJsonObject(schema["items"]) ? schema["items"] : schema;
    const properties = isJsonObject(inner) ? inner["properties"] : undefined;
    schema = isJsonObject(properties) ? properties[name] : undefined;
  }
  if (!isJsonObject(schema)) return undefined;
  return {
    span: where,
    markdown: `**\`${names.join(".")}\`**: ${typeText(schema)}\n\n\`\`\`json\n${JSON.stringify(schema, undefined, 2)}\n\`\`\``,
  };
}
