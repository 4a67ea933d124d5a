/** Finds the front matter of a file and reads its YAML, keeping the place of everything. */

import { isMap, isScalar, parseDocument, type Document, type Pair } from "yaml";

import { isJsonObject } from "../base/json.js";
import { span, type Span } from "../base/text.js";
import type { FrontMatter } from "./ast.js";
import type { Diagnostic } from "./diagnostic.js";
import { plainValue } from "./plainValue.js";

/**
 * Comment lines (a licence) and blank lines may stand before the first fence. There is one way to match every line, so
 * that a file of comments without a fence is refused at once.
 */
const opening = /^\uFEFF?(?:#[^\n]*\n|[ \t]*\r?\n)*---[ \t]*\r?(?:\n|$)/;
const closing = /^---[ \t]*\r?$/m;

export interface FoundFrontMatter {
  readonly frontMatter: FrontMatter | undefined;
  /** Where the body begins. */
  readonly end: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** `earlier` is that of another text. Where its YAML is the same, it is not read again. */
export function readFrontMatter(text: string, earlier?: FrontMatter): FoundFrontMatter {
  const open = opening.exec(text);
  if (open === null) return { frontMatter: undefined, end: 0, diagnostics: [] };
  const start = open[0].length;
  const close = closing.exec(text.slice(start));
  if (close === null) return unclosed(text, open[0], earlier);
  const yamlSpan = span(start, start + close.index);
  const end = yamlSpan.end + close[0].length;
  const fence = open[0].lastIndexOf("---");
  return { ...placed(text, span(fence, end), yamlSpan, earlier), end };
}

/** Without a second fence the rest of the file would be sent as a prompt, settings and all: nothing of it is. */
function unclosed(text: string, opened: string, earlier: FrontMatter | undefined): FoundFrontMatter {
  const fence = span(opened.lastIndexOf("---"), opened.trimEnd().length);
  const yamlSpan = span(opened.length, text.length);
  const message = 'expected a second line "---" that ends the front matter';
  const { frontMatter } = placed(text, span(fence.start, text.length), yamlSpan, earlier);
  return {
    frontMatter,
    end: text.length,
    diagnostics: [{ code: "unclosed-front-matter", severity: "error", span: fence, message }],
  };
}

function placed(text: string, whole: Span, yamlSpan: Span, earlier: FrontMatter | undefined) {
  const source = text.slice(yamlSpan.start, yamlSpan.end);
  const { document, value, problems } = earlier?.source === source ? earlier : readYaml(source);
  const diagnostics = problems.map(({ span: { start, end }, reason }) =>
    invalidYaml(span(yamlSpan.start + start, yamlSpan.start + end), reason),
  );
  return { frontMatter: { span: whole, yamlSpan, source, document, value, problems }, diagnostics };
}

function readYaml(source: string): Pick<FrontMatter, "document" | "value" | "problems"> {
  const document = parseDocument(source, { prettyErrors: false, logLevel: "silent" }) as Document.Parsed;
  const problems = document.errors.map(({ pos, message }) => ({
    span: span(pos[0], Math.max(pos[1], pos[0] + 1)),
    reason: firstLine(message),
  }));
  if (0 < problems.length) return { document, value: {}, problems };
  const read = valueOf(document);
  const plain = read === undefined ? tooManyAliases : plainValue(read.value);
  const whole = (reason: string) => ({ document, value: {}, problems: [{ span: span(0, source.length), reason }] });
  if (!plain.ok) return whole(plain.reason);
  const { value } = plain;
  if (value === null) return { document, value: {}, problems };
  if (isJsonObject(value)) return { document, value, problems };
  return whole(`expected keys and values, found ${Array.isArray(value) ? "a list" : "a single value"}`);
}

const tooManyAliases = { ok: false, reason: "expected aliases that unfold to less" } as const;

/** Undefined for aliases that unfold to something enormous: the package refuses these by throwing. */
function valueOf(document: Document.Parsed): { readonly value: unknown } | undefined {
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) };
  } catch {
    return undefined; // the caller reports it
  }
}

function invalidYaml(where: Span, reason: string): Diagnostic {
  return {
    code: "invalid-yaml",
    severity: "error",
    span: where,
    message: `the front matter is not valid YAML: ${reason}`,
  };
}

function firstLine(message: string): string {
  if (message.includes("call stack")) return "it nests too deeply";
  return message.split("\n")[0]!.replace(/\.$/, "");
}

export type KeyPath = readonly (string | number)[];

/** Where a key stands; the nearest one above it that exists, else the first fence. */
export function keySpan(frontMatter: FrontMatter, path: KeyPath): Span {
  const { document, yamlSpan } = frontMatter;
  for (let length = path.length; 0 < length; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const pair = isMap(parent) ? parent.items.find((it) => keyOf(it) === String(path[length - 1])) : undefined;
    const range = (pair?.key as { range?: [number, number, number] } | undefined)?.range;
    if (range) return span(yamlSpan.start + range[0], yamlSpan.start + range[1]);
    if (typeof path[length - 1] === "number") {
      const item = (document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined)
        ?.range;
      if (item) return span(yamlSpan.start + item[0], yamlSpan.start + item[1]);
    }
  }
  return span(frontMatter.span.start, frontMatter.span.start + 3);
}

/** Where a value stands, or its key when the value is missing. */
export function valueSpan(frontMatter: FrontMatter, path: KeyPath): Span {
  const node = frontMatter.document.getIn(path, true) as { range?: [number, number, number] | null } | undefined;
  const range = node?.range;
  if (!range || range[0] === range[1]) return keySpan(frontMatter, path);
  return span(frontMatter.yamlSpan.start + range[0], frontMatter.yamlSpan.start + range[1]);
}

function keyOf(pair: Pair): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key);
}
