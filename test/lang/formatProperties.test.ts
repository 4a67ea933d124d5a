// Whatever is formatted says the same as before, to people's tools and to the model; and is the same when formatted again.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import fc from "fast-check";
import { parse as parseYaml } from "yaml";

import type { JsonObject } from "../../src/base/json.js";
import { check } from "../../src/lang/check.js";
import { applyEdits } from "../../src/lang/edit.js";
import { formatEdits, formatPrompt } from "../../src/lang/format/formatPrompt.js";
import { parse } from "../../src/lang/parser.js";
import { render } from "../../src/lang/render.js";
import { arbitraryPrompt, brokenPrompt } from "./arbitraryPrompt.js";

const root = join(import.meta.dirname, "../../..");
const specification = process.env["TILLER_DOTPROMPT_SPEC"] ?? join(root, "../shared/data/dotprompt-spec");
const partials: Readonly<Record<string, string>> = { part: "<{{k}}{{a}}>" };
const inputs: readonly JsonObject[] = [{}, { a: { b: "deep", "b  c": 1 }, b: true, list: [1, { it: "x" }], it: "y" }];

test("prompts as people write them", () => {
  fc.assert(
    fc.property(arbitraryPrompt, (text) => checkFormatted(text)),
    { numRuns: 1500 },
  );
});

test("the prompts that are made up are mostly well formed, so that something is formatted", () => {
  const sample = fc.sample(arbitraryPrompt, { numRuns: 300, seed: 1 });
  const changed = sample.filter((it) => 0 < formatEdits(it).length && parse(it).file.body.complete);
  assert.ok(sample.length / 3 < changed.length, `only ${changed.length} of ${sample.length}`);
});

test("texts that make no sense", () => {
  fc.assert(
    fc.property(brokenPrompt, (text) => checkFormatted(text)),
    { numRuns: 1500 },
  );
});

test("any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => checkFormatted(text)),
    { numRuns: 500 },
  );
});

for (const name of readdirSync(join(root, "examples")).filter((it) => it.endsWith(".prompt"))) {
  test(`examples/${name}`, () => checkFormatted(readFileSync(join(root, "examples", name), "utf8")));
}

test(
  "every template of Dotprompt's specification",
  { skip: !existsSync(specification) && `${specification} is not there` },
  () => {
    const files = readdirSync(specification, { recursive: true, encoding: "utf8" }).filter((it) =>
      it.endsWith(".yaml"),
    );
    assert.ok(0 < files.length);
    for (const file of files) {
      for (const { template } of parseYaml(readFileSync(join(specification, file), "utf8")) as { template: string }[]) {
        checkFormatted(template);
      }
    }
  },
);

function checkFormatted(text: string): void {
  const result = formatPrompt(text);
  const edits = formatEdits(text);
  if ("refused" in result) return assert.deepEqual(edits, []);
  assert.equal(applyEdits(text, edits), result.text);
  assert.deepEqual(formatPrompt(result.text), result, "formatted twice is not formatted once");
  const [before, after] = [seen(text), seen(result.text)];
  assert.deepEqual(after, before);
}

/** All that anybody can see of a prompt. */
function seen(text: string) {
  const { file, diagnostics } = parse(text);
  const partial = (name: string) => partials[name];
  const rendered = inputs.map((input) => render(file, { input, partial, values: { x: "1" } }));
  return {
    value: file.frontMatter?.value,
    messages: withoutPlaces(rendered.map((it) => it.messages)),
    codes: [...diagnostics, ...check(file, { partial }), ...rendered.flatMap((it) => it.diagnostics)].map(
      (it) => it.code,
    ),
  };
}

/** Holes know where they are written, which may move. */
function withoutPlaces(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, it: unknown) => (key === "span" ? undefined : it)));
}
