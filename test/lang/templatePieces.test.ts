// Templates are parsed and rendered in pieces, and pieces are kept while a text is edited: both must not be seen in any answer.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { span } from "../../src/base/text.js";
import type { Body, Node, PromptFile, TemplatePiece } from "../../src/lang/ast.js";
import { check } from "../../src/lang/check.js";
import { previewContent } from "../../src/lang/editor/previewContent.js";
import { parseTemplate } from "../../src/lang/handlebarsTree.js";
import { parse, parseBody } from "../../src/lang/parser.js";
import { render } from "../../src/lang/render.js";
import { cutsOf } from "../../src/lang/templateCuts.js";
import { createTemplateCache, type TemplateCache } from "../../src/lang/templateCache.js";
import { arbitraryPrompt, brokenPieces, brokenPrompt } from "./arbitraryPrompt.js";

/** What stands where a template may be cut, or nearly so. */
const lines = fc.constantFrom(
  "Text",
  "\nText ",
  "\n\nText {{a}}{{b}}",
  "\r\nText\r\n",
  "\n text",
  '\n{{role "user"}}{{a}}{{b}}',
  '\n{{~role "user"}}',
  '\n{{#if a}}\nyes\n{{/if}} {{role "user"}}',
  '\n{{role "model"~}}  \n',
  "\n{{a}}{{b}}",
  "\n  {{#if a}}\n",
  "\n  {{/if}}  \n",
  "{{#each list~}} \nText {{this}}\n{{/each}}\n",
  "\n  {{> part}}\n",
  "{{#> part}}\nText\n{{/part}}",
  "\n\\{{a}}\nText \\{{b}}",
  "\\\\{{a}}\n",
  "{{!-- \nText {{ --}}\n",
  "{{! \nText }}\n",
  '{{json "}}\n{{#if"}}\nText ',
  "{{{{raw}}}}\nText {{ \n{{{{/raw}}}}\n",
  "{\n{",
);
const template = fc
  .array(fc.oneof({ weight: 3, arbitrary: lines }, arbitraryPrompt, fc.constantFrom(...brokenPieces)), {
    maxLength: 14,
  })
  .map((it) => it.join(""));
const wellFormed = template.filter((it) => parse(it).file.body.complete);
const partials = ["", "P\n", "  {{a}}\nText {{b}}\n{{> @partial-block}}\n", '\nText\n{{role "model"}}{{a}}{{b}}\nText'];

const input = { a: 1, b: 2, list: [1, "x"], it: "t", items: [] };

test("a template in pieces has the tree and the messages of the whole", () => {
  let cut = 0;
  fc.assert(
    fc.property(wellFormed, fc.constantFrom(...partials), (text, part) => {
      const { file } = parse(text);
      const whole = { ...file, body: inOne(file.text, file.body) };
      if (1 < file.body.pieces!.length) cut++;
      assert.deepEqual(joined(file.body.nodes), joined(whole.body.nodes));
      const partial = (name: string) => (name === "part" ? part : undefined);
      const { messages, diagnostics } = render(file, { input, partial });
      const expected = render(whole, { input, partial, templates: partialsInOne });
      assert.deepEqual(messages, expected.messages);
      assert.deepEqual(
        diagnostics.map((it) => it.message),
        expected.diagnostics.map((it) => it.message),
      );
    }),
    { numRuns: 1500 },
  );
  assert.ok(250 < cut, `only ${cut} templates were cut`);
});

test("a template is well formed where Handlebars says so, and what is not is reported", () => {
  fc.assert(
    fc.property(fc.oneof(template, brokenPrompt), (text) => {
      const { file, diagnostics } = parse(text);
      if (file.dialect.kind === "other") return;
      const { start, end } = file.body.span;
      assert.equal(file.body.complete, accepts(text.slice(start, end)));
      const problems = diagnostics.filter((it) => start <= it.span.start && it.code !== "invalid-yaml");
      assert.ok(file.body.complete || 0 < problems.length);
    }),
    { numRuns: 1500 },
  );
});

test("a tag that is being typed is wrong alone: what stands around it has its tree, and so it is kept", () => {
  const text = "Text {{a}}\n{{#if b}}\nyes\n{{/if}}\n";
  const whole = parse(text.repeat(20)).file;
  for (const typed of ["{{na", '{{gen "x', "{{#if a", "{{/if}}", "{{> par"]) {
    const { file, diagnostics } = parse(`${text.repeat(9)}Text ${typed}\n${text.repeat(11)}`, whole);
    assert.equal(diagnostics.length, 1, typed);
    const { span: where } = diagnostics[0]!;
    assert.equal(file.text.slice(where.start, where.end), typed);
    const blocks = file.body.nodes.filter((it) => it.kind === "block");
    assert.equal(blocks.length, 20, typed);
    assert.ok(blocks[0] === whole.body.nodes.find((it) => it.kind === "block"));
  }
});

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.constantFrom(0, 0, 1, 3, 20),
  added: fc.oneof(fc.constantFrom("x", "x", "\n", "{", "}", "\\", "~", '"'), lines, fc.constantFrom(...brokenPieces)),
});

test("a text that is edited step by step has the tree, the problems and the preview of one that is parsed anew", () => {
  let reused = 0;
  fc.assert(
    fc.property(wellFormed, fc.array(edit, { minLength: 1, maxLength: 8 }), (first, edits) => {
      let text = first;
      let earlier = parse(text).file;
      const templates = createTemplateCache();
      for (const { at, removed, added } of edits) {
        const start = Math.floor(at * text.length);
        text = text.slice(0, start) + added + text.slice(start + removed);
        const stepped = parse(text, earlier);
        const anew = parse(text);
        assert.deepEqual(plain(stepped.file), plain(anew.file));
        assert.deepEqual(stepped.diagnostics, anew.diagnostics);
        assert.deepEqual(answers(stepped.file, templates), answers(anew.file, createTemplateCache()));
        const known = new Set(earlier.body.pieces?.map((it) => it.program));
        reused += stepped.file.body.pieces?.filter((it) => known.has(it.program)).length ?? 0;
        if (stepped.file.body.complete) earlier = stepped.file;
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(250 < reused, `only ${reused} pieces were kept`);
});

test("what is typed in one paragraph parses that paragraph alone", () => {
  const paragraph = (i: number) => `{{role "user"}}\nParagraph ${i} about {{a}}.\n{{#if b}}\nyes\n{{/if}}\n`;
  const before = Array.from({ length: 30 }, (_, i) => paragraph(i)).join("");
  const { file } = parse(before);
  const after = parse(before.replace("Paragraph 7", "Paragraph x7"), file).file;
  const programs = (it: PromptFile) => it.body.pieces!.map((piece) => piece.program);
  const known = new Set(programs(file));
  assert.equal(programs(after).length, 60);
  assert.equal(programs(after).filter((it) => !known.has(it)).length, 1);
});

test("inline partials reach over all of a template, so it is not cut", () => {
  const text = 'Text\n{{#*inline "own"}}O{{a}}{{/inline}}\nText\n{{> own}}';
  assert.deepEqual(cutsOf(text), []);
  const { messages } = render(parse(text).file, { input });
  assert.deepEqual(messages[0]!.parts, [{ kind: "text", text: "Text\n\nText\nO1" }]);
});

test("a hole is found where it stands, in whichever piece", () => {
  const text = 'Text\n{{gen "one"}}\nText\n{{role "model"}}\n\n  {{gen "two"}}';
  const { messages } = render(parse(text).file, {});
  const holes = messages.flatMap((it) => it.parts).flatMap((it) => (it.kind === "hole" ? [it.hole] : []));
  assert.deepEqual(
    holes.map((it) => text.slice(it.span.start, it.span.end)),
    ['{{gen "one"}}', '{{gen "two"}}'],
  );
});

test("a partial that is not well formed is reported, and what stands around it is shown", () => {
  const { messages, diagnostics } = render(parse("Text {{> part}}").file, { partial: () => "{{#if" });
  assert.deepEqual(
    diagnostics.map((it) => [it.code, it.partial]),
    [["unclosed-mustache", "part"]],
  );
  assert.deepEqual(messages[0]!.parts, [{ kind: "text", text: "Text " }]);
});

test("a partial that cannot be compiled is an error, and not thrown", () => {
  const partial = (name: string) => (name === "part" ? "{{> other a b}}" : "");
  const { diagnostics } = render(parse("{{> part}}").file, { partial });
  assert.deepEqual(
    diagnostics.map((it) => it.code),
    ["render-failed"],
  );
});

function accepts(text: string): boolean {
  try {
    parseTemplate(text, 0);
    return true;
  } catch {
    return false;
  }
}

function inOne(text: string, body: Body): Body {
  const { nodes, program } = parseTemplate(text.slice(body.span.start, body.span.end), body.span.start);
  const whole: TemplatePiece = { span: body.span, nodes, program };
  return { ...body, nodes, pieces: [whole] };
}

const partialsInOne: TemplateCache = {
  parsePartial(text) {
    const { body, diagnostics } = parseBody(text, span(0, text.length));
    return { body: inOne(text, body), diagnostics };
  },
};

/** Handlebars cuts a text in two at a backslash before braces; where is not said anywhere. */
function joined(nodes: readonly Node[]): readonly Node[] {
  const found: Node[] = [];
  for (const node of nodes) {
    const last = found.at(-1);
    if (last?.kind === "text" && node.kind === "text")
      found[found.length - 1] = { kind: "text", span: span(last.span.start, node.span.end) };
    else found.push(node.kind === "block" ? { ...node, body: joined(node.body), inverse: joined(node.inverse) } : node);
  }
  return found;
}

/** All that is kept of a text, but for what Handlebars and the YAML package keep for themselves. */
function plain({ text, dialect, frontMatter, body }: PromptFile) {
  const { document, ...front } = frontMatter ?? { document: undefined };
  const pieces = body.pieces?.map((it) => ({ span: it.span, nodes: it.nodes }));
  const { nodes, complete, span: where } = body;
  return { text, dialect, front, yaml: document?.contents?.range, nodes, complete, where, pieces };
}

function answers(file: PromptFile, templates: TemplateCache) {
  const partial = (name: string) => (name === "part" ? partials[2] : undefined);
  const diagnostics = check(file, { partial, templates });
  const nothing = () => undefined;
  const surroundings = { partial, shots: nothing, data: nothing, picture: nothing, templates };
  return previewContent(file, { input: { ...input, name: "Ada" }, test: undefined, diagnostics, ...surroundings });
}
