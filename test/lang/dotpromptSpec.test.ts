// Dotprompt's own specification: every case, rendered and as metadata. The folder is not ours and is read in place.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { parse as parseYaml } from "yaml";

import type { Json, JsonObject } from "../../src/base/json.js";
import { readMetadata, type Metadata } from "../../src/lang/metadata.js";
import { parse } from "../../src/lang/parser.js";
import type { RenderedMessage, RenderedPart } from "../../src/lang/rendered.js";
import { render } from "../../src/lang/render.js";

interface Suite {
  readonly name: string;
  readonly template: string;
  readonly data?: SpecData;
  readonly schemas?: Record<string, JsonObject>;
  readonly tools?: Record<string, Json>;
  readonly partials?: Record<string, string>;
  readonly resolverPartials?: Record<string, string>;
  readonly tests: readonly SpecCase[];
}

interface SpecData {
  readonly input?: JsonObject;
  readonly context?: JsonObject;
  readonly messages?: readonly SpecMessage[];
}

interface SpecCase {
  readonly desc?: string;
  readonly data?: SpecData;
  readonly options?: { readonly input?: JsonObject };
  readonly expect: JsonObject;
}

interface SpecMessage {
  readonly role: string;
  readonly content: readonly JsonObject[];
  readonly metadata?: JsonObject;
}

const root = join(import.meta.dirname, "../../..");
const folder = process.env["TILLER_DOTPROMPT_SPEC"] ?? join(root, "../shared/data/dotprompt-spec");

if (!existsSync(folder)) {
  test(
    `Dotprompt's specification is not at ${folder}; set TILLER_DOTPROMPT_SPEC to run it`,
    { skip: true },
    () => undefined,
  );
} else {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((it) => it.endsWith(".yaml"));
  for (const file of files.sort()) {
    for (const suite of parseYaml(readFileSync(join(folder, file), "utf8")) as Suite[]) {
      for (const it of suite.tests) {
        const name = `${file}, ${suite.name}: ${it.desc ?? "renders"}`;
        test(`${name} (rendered)`, () => checkRendered(suite, it));
        test(`${name} (metadata)`, () => checkMetadata(suite, it));
      }
    }
  }
}

function checkRendered(suite: Suite, it: SpecCase): void {
  const { file, diagnostics } = parse(suite.template);
  assert.deepEqual(diagnostics, []);
  const data = { ...suite.data, ...it.data };
  const defaults = it.options?.input?.["default"] as JsonObject | undefined;
  const partials = { ...suite.partials, ...suite.resolverPartials };
  const result = render(file, {
    input: { ...defaults, ...data.input },
    context: data.context ?? {},
    history: (data.messages ?? []).map(fromSpec),
    partial: (name) => partials[name],
  });
  assert.deepEqual(result.diagnostics, []);
  const { messages, raw: _raw, input: _input, ...metadata } = it.expect;
  assert.deepEqual(result.messages.map(toSpec), messages);
  const { input: _found, ...found } = asSpec(readMetadata(file, suite));
  assert.deepEqual(found, withDefaults(metadata));
}

function checkMetadata(suite: Suite, it: SpecCase): void {
  const metadata = readMetadata(parse(suite.template).file, suite);
  const { messages: _messages, raw, ...expected } = it.expect;
  const found = asSpec(metadata);
  // Options of the call lie over what the file says.
  const merged =
    it.options?.input === undefined
      ? found
      : { ...found, input: { ...(found["input"] as JsonObject), ...it.options.input } };
  assert.deepEqual(
    merged,
    withDefaults(it.options?.input === undefined ? expected : { ...expected, input: it.options.input }),
  );
  if (raw !== undefined) assert.deepEqual(metadata.raw, raw);
}

function withDefaults(expected: JsonObject): JsonObject {
  return { ...expected, ext: expected["ext"] ?? {}, config: expected["config"] ?? {} };
}

function asSpec({ raw: _raw, other, ...metadata }: Metadata): JsonObject {
  return JSON.parse(JSON.stringify({ ...metadata, ...other })) as JsonObject;
}

function fromSpec({ role, content, metadata }: SpecMessage): RenderedMessage {
  const parts = content.map((it): RenderedPart =>
    typeof it["text"] === "string" ? { kind: "text", text: it["text"] } : { kind: "other", value: it },
  );
  return { role, parts, ...(metadata && { metadata }) };
}

function toSpec({ role, parts, metadata }: RenderedMessage): JsonObject {
  return { role, content: parts.map(partToSpec), ...(metadata && { metadata }) };
}

function partToSpec(part: RenderedPart): Json {
  switch (part.kind) {
    case "text":
      return { text: part.text };
    case "media":
      return { media: { url: part.url, ...(part.contentType !== undefined && { contentType: part.contentType }) } };
    case "section":
      return { metadata: { purpose: part.name, pending: true } };
    case "other":
      return part.value;
    case "hole":
      return assert.fail("the specification has no holes");
    default:
      return part satisfies never;
  }
}
