/** Schemas and their places: references, identifiers and anchors (JSON Schema core, sections 8 and 9). */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import { invalid, unsupported } from "../refuse.js";

/** A schema and where it stands. */
export interface Located {
  readonly schema: Json;
  /** Against which its references are resolved. */
  readonly base: string;
  /** JSON Pointer from the root, for messages: "#/properties/name". */
  readonly path: string;
}

const ROOT = "tiller://schema/root";
/** Keywords whose values are data and not schemas. */
const dataKeywords = ["const", "enum", "default", "examples"];

export interface Documents {
  readonly root: Located;
  /** Keywords beside `$ref` count: from draft 2019-09 on. */
  readonly refHasSiblings: boolean;
  resolve(from: Located, reference: string): Located;
  /** A part of a schema. */
  child(from: Located, ...keys: readonly (string | number)[]): Located;
}

export function openDocuments(schema: Json): Documents {
  const byUri = new Map<string, Located>();
  const dialect = isJsonObject(schema) && typeof schema["$schema"] === "string" ? schema["$schema"] : "";
  const refHasSiblings = !/draft-0[3-7]/.test(dialect);
  const root = withId({ schema, base: ROOT, path: "#" });
  byUri.set(ROOT, root);
  index(root);

  function index(at: Located): void {
    const { schema, base, path } = at;
    if (Array.isArray(schema)) {
      (schema as readonly Json[]).forEach((it, i) => index(withId({ schema: it, base, path: `${path}/${i}` })));
      return;
    }
    if (!isJsonObject(schema)) return;
    for (const key of ["$id", "id"]) {
      const id = schema[key];
      if (typeof id !== "string") continue;
      if (id.startsWith("#")) byUri.set(base + id, at);
      else byUri.set(base, at);
    }
    for (const key of ["$anchor", "$dynamicAnchor"]) {
      const anchor = schema[key];
      if (typeof anchor === "string") byUri.set(`${base}#${anchor}`, at);
    }
    for (const [key, value] of Object.entries(schema)) {
      if (!dataKeywords.includes(key)) index(withId({ schema: value, base, path: `${path}/${escaped(key)}` }));
    }
  }

  function withId(at: Located): Located {
    if (!isJsonObject(at.schema)) return at;
    if (!refHasSiblings && typeof at.schema["$ref"] === "string") return at;
    const id = at.schema["$id"] ?? at.schema["id"];
    if (typeof id !== "string" || id.startsWith("#")) return at;
    return { ...at, base: absolute(id, at.base).replace(/#$/, "") };
  }

  function child(from: Located, ...keys: readonly (string | number)[]): Located {
    let at = from;
    for (const key of keys) {
      const { schema, base, path } = at;
      const value = Array.isArray(schema)
        ? (schema as readonly Json[])[Number(key)]
        : isJsonObject(schema) && Object.hasOwn(schema, key)
          ? (schema as JsonObject)[key]
          : undefined;
      if (value === undefined) throw invalid(`The schema has nothing at ${path}/${escaped(String(key))}.`);
      at = withId({ schema: value, base, path: `${path}/${escaped(String(key))}` });
    }
    return at;
  }

  function resolve(from: Located, reference: string): Located {
    const uri = absolute(reference, from.base);
    const [document = "", fragment = ""] = uri.split("#");
    const known = byUri.get(fragment === "" ? document : uri);
    if (known !== undefined) return known;
    const start = byUri.get(document);
    if (start === undefined) {
      const message = `The schema refers to ${JSON.stringify(reference)} at ${from.path}, which is another document. Put it under $defs.`;
      throw unsupported(message);
    }
    if (fragment !== "" && !fragment.startsWith("/"))
      throw invalid(`The schema refers to ${JSON.stringify(reference)} at ${from.path}, which it does not define.`);
    const keys = fragment
      .split("/")
      .slice(1)
      .map((it) => decode(it).replaceAll("~1", "/").replaceAll("~0", "~"));
    return child(start, ...keys);
  }

  return { root, refHasSiblings, resolve, child };
}

function absolute(reference: string, base: string): string {
  try {
    return new URL(reference, base).href;
  } catch {
    throw invalid(`The schema holds ${JSON.stringify(reference)}, which is not a valid reference.`);
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that is meant
  }
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
