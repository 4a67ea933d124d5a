/** Dotprompt's helpers and ours, as Handlebars calls them. They write marks, never markup that a value could imitate. */

import type Handlebars from "handlebars";

import { isJsonObject, type Json, type JsonObject } from "../base/json.js";
import type { Span } from "../base/text.js";
import type { Diagnostic } from "./diagnostic.js";
import { roles } from "./helperTable.js";
import { holeSpec } from "./holeSpec.js";
import type { Marker } from "./markers.js";

export interface HelperContext {
  readonly marker: Marker;
  /** `tiller.gen` of the front matter: settings by the hole's name. */
  readonly gen: JsonObject;
  readonly diagnostics: Diagnostic[];
  /** Where a helper's call stands, for messages. */
  readonly spanOf: (options: Handlebars.HelperOptions) => Span;
}

type Options = Handlebars.HelperOptions;

export function registerHelpers(env: typeof Handlebars, context: HelperContext): void {
  const { marker } = context;
  env.registerHelper({
    role: (name: unknown, options: Options) => marker.write({ kind: "role", role: roleOf(name, context, options) }),
    history: () => marker.write({ kind: "history" }),
    section: (name: unknown, options: Options) => section(String(name), context, options),
    media: ({ hash }: Options) => {
      const { url, contentType } = hash as { url?: unknown; contentType?: unknown };
      const type = typeof contentType === "string" ? { contentType } : {};
      return marker.write({ kind: "media", url: typeof url === "string" ? url : "", ...type });
    },
    json: (value: unknown, { hash }: Options) =>
      JSON.stringify(value, null, Number((hash as { indent?: unknown }).indent ?? 0)),
    ifEquals(this: unknown, a: unknown, b: unknown, options: Options) {
      return a === b ? options.fn(this) : options.inverse(this);
    },
    unlessEquals(this: unknown, a: unknown, b: unknown, options: Options) {
      return a === b ? options.inverse(this) : options.fn(this);
    },
    log: () => "",
    gen: (...args: unknown[]) => gen(args, context),
    select: (...args: unknown[]) => select(args, context),
    // Unknown helpers are reported from the tree; what they enclose is kept.
    helperMissing(this: unknown, ...args: unknown[]) {
      const options = args.at(-1) as Options;
      return typeof options.fn === "function" ? options.fn(this) : "";
    },
  });
}

function roleOf(name: unknown, { diagnostics, spanOf }: HelperContext, options: Options): string {
  const role = String(name);
  if ((roles as readonly string[]).includes(role)) return role;
  const message = `expected one of the roles ${roles.join(", ")}, found "${role}"`;
  diagnostics.push({ code: "unknown-role", severity: "error", span: spanOf(options), message });
  return "user";
}

function section(name: string, context: HelperContext, options: Options): string {
  if (!name.startsWith("gen:")) return context.marker.write({ kind: "section", name });
  return hole(name.slice("gen:".length), {}, context, options);
}

function gen(args: readonly unknown[], context: HelperContext): string {
  const options = args.at(-1) as Options;
  const [name] = args.slice(0, -1);
  return hole(
    nameOf(name, args.length - 1, context, options),
    unescapeTexts(options.hash as JsonObject),
    context,
    options,
  );
}

function select(args: readonly unknown[], context: HelperContext): string {
  const options = args.at(-1) as Options;
  const [name, ...choices] = args.slice(0, -1);
  const choice = choices.flatMap((it) => (Array.isArray(it) ? (it as Json[]) : [it as Json]));
  const settings = { ...unescapeTexts(options.hash as JsonObject), choice };
  return hole(nameOf(name, args.length - 1, context, options), settings, context, options);
}

function nameOf(name: unknown, count: number, { diagnostics, spanOf }: HelperContext, options: Options): string {
  if (0 < count && typeof name === "string" && name !== "") return name;
  diagnostics.push({
    code: "invalid-hole",
    severity: "error",
    span: spanOf(options),
    message: 'expected the name of the hole, as in {{gen "name"}}',
  });
  return "unnamed";
}

/** The front matter's settings of the hole under those of the short form. */
function hole(
  name: string,
  settings: JsonObject,
  { marker, gen, diagnostics, spanOf }: HelperContext,
  options: Options,
): string {
  const base = gen[name];
  const span = spanOf(options);
  const merged = isJsonObject(base) ? { ...base, ...settings } : settings;
  const { hole, problems } = holeSpec(name, merged, span);
  for (const { code, message } of problems) diagnostics.push({ code, severity: "error", span, message });
  return marker.write({ kind: "hole", hole });
}

/** Handlebars reads `"\n"` as two characters; in the settings of a hole a line break is meant. */
function unescapeTexts(hash: JsonObject): JsonObject {
  const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r", "\\": "\\" };
  const unescape = (it: Json): Json =>
    typeof it === "string" ? it.replace(/\\([ntr\\])/g, (_, letter: string) => escapes[letter]!) : it;
  return Object.fromEntries(
    Object.entries(hash).map(([key, it]) => [key, key === "regex" || key === "grammar" ? it : unescape(it)]),
  );
}

/** Handlebars hands lines and columns to helpers, though its types do not say so. */
export function locationOf(
  options: Handlebars.HelperOptions,
): { readonly line: number; readonly column: number } | undefined {
  const { loc } = options as Handlebars.HelperOptions & { loc?: hbs.AST.SourceLocation };
  return loc && { line: loc.start.line - 1, column: loc.start.column };
}
