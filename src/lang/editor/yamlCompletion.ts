/** Keys and values of the front matter, from the table of keys. */

import { frontMatterKeys } from "../frontMatterSchema.js";
import type { KeyInfo } from "../keyInfo.js";
import type { PromptFile } from "../ast.js";
import { inputVariables } from "../inputs.js";
import { literalSnippet, type Completion, type Surroundings } from "./completionItem.js";
import { descriptionOf, typeText } from "./schemaTypes.js";
import type { YamlPlace } from "./yamlPlace.js";

/** Types of Picoschema. */
const picoschemaTypes: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  any: "anything",
  object: "fields of its own",
  array: "a list",
  enum: "one of a list of values",
};

export function yamlCompletions(file: PromptFile, place: YamlPlace, around: Surroundings): readonly Completion[] {
  if (place.kind === "value") return valueCompletions(place, around);
  return listsVariables(place.path) ? variableCompletions(file, place) : keyCompletions(place);
}

/** Below these keys stand names of the prompt's variables. */
export function listsVariables(path: readonly string[]): boolean {
  return ["input default", "tiller.shots - input", "tiller.shots - when", "tiller.tests - input"].includes(
    path.join(" "),
  );
}

function variableCompletions(file: PromptFile, { span }: YamlPlace): readonly Completion[] {
  return (inputVariables(file) ?? []).map(({ name, schema }) => {
    const doc = descriptionOf(schema);
    const insert = `${literalSnippet(name)}: $0`;
    return { label: name, kind: "variable", detail: typeText(schema), ...(doc !== undefined && { doc }), insert, span };
  });
}

function keyCompletions({ path, span }: YamlPlace): readonly Completion[] {
  return keysAt(path).map((info) => ({
    label: info.key,
    kind: "key",
    detail: info.types.join(" or "),
    doc: keyDoc(info),
    insert: insertOf(info),
    span,
  }));
}

export function keyDoc({ doc, default: byDefault, values }: KeyInfo): string {
  const lines = [doc];
  if (values !== undefined) lines.push(`One of ${values.map((it) => `\`${it}\``).join(", ")}.`);
  if (byDefault !== undefined) lines.push(`Default: ${byDefault}.`);
  return lines.join("\n\n");
}

function insertOf({ key, types, values }: KeyInfo): string {
  if (values !== undefined) return `${key}: \${1|${values.join(",")}|}`;
  if (types[0] === "object") return `${key}:\n  $0`;
  if (types[0] === "list") return `${key}:\n  - $0`;
  return types[0] === "flag" ? `${key}: true` : `${key}: $0`;
}

/** Keys that may stand under these ones. */
export function keysAt(path: readonly string[]): readonly KeyInfo[] {
  let keys: readonly KeyInfo[] = frontMatterKeys;
  for (let i = 0; i < path.length; i++) {
    const info = keys.find((it) => it.key === path[i]);
    if (info === undefined) return [];
    if (info.named !== undefined && i + 1 < path.length) {
      keys = info.named; // the next word is a name of the author's own
      i++;
    } else if (info.items !== undefined && path[i + 1] === "-") {
      keys = info.items;
      i++;
    } else keys = info.children ?? info.known ?? [];
  }
  return keys;
}

/** What is known of the key at the end of a path. */
export function keyAt(path: readonly string[]): KeyInfo | undefined {
  return keysAt(path.slice(0, -1)).find((it) => it.key === path.at(-1));
}

function valueCompletions({ path, span }: YamlPlace, around: Surroundings): readonly Completion[] {
  const value = (label: string, detail?: string): Completion => ({
    label,
    kind: "value",
    insert: label,
    span,
    ...(detail !== undefined && { detail }),
  });
  const [first, second] = path;
  if (first === "model") return around.models.map((it) => ({ ...value(it.name, it.detail), kind: "file" }));
  if (first === "tiller.adapters" && (path.at(-1) === "name" || path.at(-1) === "-"))
    return around.adapters.map((it) => value(it.name, it.detail));
  if ((first === "input" || first === "output") && second === "schema" && 2 < path.length)
    return Object.entries(picoschemaTypes)
      .slice(0, 5)
      .map(([name, doc]) => value(name, doc));
  const list = path.at(-1) === "-";
  const info = keyAt(list ? path.slice(0, -1) : path);
  if (info === undefined) return [];
  if (info.values !== undefined) return info.values.map((it) => value(it));
  const flags = info.types.includes("flag") ? ["true", "false"] : [];
  return [...flags, ...(info.key === "json" ? ["$output"] : [])].map((it) => ({
    ...value(it),
    insert: it.replace("$", "\\$"),
  }));
}
