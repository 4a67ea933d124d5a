/** What the front matter says, as Dotprompt runtimes see it. */

import { isJsonObject, type Json, type JsonObject } from "../base/json.js";
import { onceFor } from "../base/onceFor.js";
import type { PromptFile } from "./ast.js";
import type { Diagnostic } from "./diagnostic.js";
import { keySpan, valueSpan } from "./frontMatter.js";
import { expandSchema, type NamedSchemas } from "./picoschema.js";

export interface Metadata {
  readonly name?: string;
  readonly variant?: string;
  readonly model?: string;
  readonly config: JsonObject;
  readonly input?: JsonObject;
  readonly output?: JsonObject;
  readonly tools?: readonly Json[];
  readonly toolDefs?: readonly Json[];
  /** Keys with a dot, by what stands before the last one: `tiller.gen` is `ext.tiller.gen`. */
  readonly ext: { readonly [namespace: string]: JsonObject };
  readonly raw: JsonObject;
  /** Everything else that Dotprompt knows: `description`, `version`, `metadata`. */
  readonly other: JsonObject;
}

export interface MetadataOptions {
  readonly schemas?: NamedSchemas;
  /** Definitions by name, for tools that the file only names. */
  readonly tools?: Readonly<Record<string, Json>>;
}

/** Keys that Dotprompt reserves, beside those that have a field of their own above. */
const otherKeys = ["description", "version", "metadata"];

export function readMetadata({ frontMatter }: PromptFile, options?: MetadataOptions): Metadata {
  const raw = frontMatter?.value ?? nothing;
  return options === undefined ? ownMetadata(raw) : metadataOf(raw, options);
}

const nothing: JsonObject = {};

/** Asked for by nearly everything. */
const ownMetadata = onceFor((raw: JsonObject) => metadataOf(raw, {}));

function metadataOf(raw: JsonObject, options: MetadataOptions): Metadata {
  const { tools, toolDefs } = resolveTools(raw, options.tools ?? {});
  const input = withSchema(raw["input"], options.schemas);
  const output = withSchema(raw["output"], options.schemas);
  return {
    ...textOf(raw, "name"),
    ...textOf(raw, "variant"),
    ...textOf(raw, "model"),
    config: isJsonObject(raw["config"]) ? raw["config"] : {},
    ...(input && { input }),
    ...(output && { output }),
    ...(tools && { tools }),
    ...(toolDefs && { toolDefs }),
    ext: extensions(raw),
    raw,
    other: Object.fromEntries(Object.entries(raw).filter(([key]) => otherKeys.includes(key))),
  };
}

/** Collected in maps and made into objects at the end: a key may be called `__proto__`. */
function extensions(raw: JsonObject): Metadata["ext"] {
  const found = new Map<string, Map<string, Json>>();
  for (const [key, value] of Object.entries(raw)) {
    const dot = key.lastIndexOf(".");
    if (dot <= 0) continue;
    const namespace = key.slice(0, dot);
    const values = found.get(namespace) ?? new Map<string, Json>();
    found.set(namespace, values.set(key.slice(dot + 1), value));
  }
  return Object.fromEntries([...found].map(([namespace, values]) => [namespace, Object.fromEntries(values)]));
}

/** Schemas that cannot be expanded, with their places. */
export function schemaDiagnostics({ frontMatter }: PromptFile): Diagnostic[] {
  if (frontMatter === undefined) return [];
  return (["input", "output"] as const).flatMap((key) => {
    const section = frontMatter.value[key];
    if (!isJsonObject(section) || section["schema"] === undefined) return [];
    // Names may be those of schemas that another runtime registers; a file on its own has none.
    return expandSchema(section["schema"]).problems.map(({ path, message }): Diagnostic => {
      const full = [key, "schema", ...path];
      const span = path.length === 0 ? valueSpan(frontMatter, full) : keySpan(frontMatter, full);
      return { code: "invalid-schema", severity: "error", span, message };
    });
  });
}

function textOf(raw: JsonObject, key: "name" | "variant" | "model") {
  const value = raw[key];
  return typeof value === "string" ? { [key]: value } : {};
}

function withSchema(section: Json | undefined, named: NamedSchemas | undefined): JsonObject | undefined {
  if (!isJsonObject(section)) return undefined;
  if (section["schema"] === undefined) return section;
  return { ...section, schema: expandSchema(section["schema"], named).schema };
}

function resolveTools(
  raw: JsonObject,
  known: Readonly<Record<string, Json>>,
): { readonly tools?: readonly Json[]; readonly toolDefs?: readonly Json[] } {
  const named = Array.isArray(raw["tools"]) ? (raw["tools"] as readonly Json[]) : undefined;
  if (named === undefined)
    return Array.isArray(raw["toolDefs"]) ? { toolDefs: raw["toolDefs"] as readonly Json[] } : {};
  const isKnown = (it: Json): it is string => typeof it === "string" && Object.hasOwn(known, it);
  const defined = named.filter(isKnown).map((it) => known[it]!);
  const tools = named.filter((it) => !isKnown(it));
  const toolDefs = [...(Array.isArray(raw["toolDefs"]) ? (raw["toolDefs"] as readonly Json[]) : []), ...defined];
  return { ...(0 < tools.length && { tools }), ...(0 < toolDefs.length && { toolDefs }) };
}
