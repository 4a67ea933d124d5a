// Every check, as a picture: carets mark what must be reported in the line above them, and nothing else may be.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LineIndex } from "../../src/base/text.js";
import { check } from "../../src/lang/check.js";
import { parse } from "../../src/lang/parser.js";

test("a good file has nothing to report", () => {
  checkDiagnostics(`
---
model: local
config:
  temperature: 0.5
input:
  schema:
    topic: string, what to write about
    words?: integer
tiller.version: 1
tiller.gen:
  title:
    stop: ["."]
vendor.key: anything
---
{{role "system"}}You write{{#if words}} {{words}} words{{/if}}.
{{role "user"}}Write about {{topic}}.
{{role "model"}}{{section "gen:title"}} {{select "mood" "gay" "grave"}}
`);
});

test("a constraint without an end is remarked, unless tokens are limited", () => {
  checkDiagnostics(`
---
tiller.gen:
  a: { regex: "[a-z]+" }
       ^^^^^ information: the expression repeats without end: it ends where the model ends it, or at the limit of tokens; write {1,20} or the like, or set \`tokens\`
  b: { regex: "[a-z]+", words: 3 }
  c: { regex: "[a-z]{3}" }
  d:
    json: { names(array): string }
    ^^^^ information: names has no \`maxItems\` (and 1 more): it ends where the model ends it, or at the limit of tokens; a limit keeps a small model from going on and on
---
{{gen "a"}} {{gen "b"}} {{gen "c"}} {{gen "d"}} {{gen "e" regex="(?:ab)*"}} {{gen "f" regex="a*" tokens=3}}
                                                          ^^^^^^^^^^^^^^^ information: the expression repeats without end: it ends where the model ends it, or at the limit of tokens; write {1,20} or the like, or set \`tokens\`
`);
});

test("limits that no text keeps, and limits of what cannot be limited, are reported", () => {
  checkDiagnostics(`
---
tiller.gen:
  a: { words: { min: 3, max: 2 } }
              ^^^^^^^^^^^^^^^^^^ error: \`words\` asks for at least 3 and at most 2, which no text keeps
  b: { int: true, words: 3 }
            ^^^^ error: \`words\` cannot be enforced together with \`int\`. Use a regex, or set \`level: check\`
  c: { int: true, words: 3, level: check }
  d: { level: strict, onFail: { retry: many } }
       ^^^^^ error: expected hard, check or prefer for "level" of hole "d", found "strict"
                      ^^^^^^ error: expected {retry: how often, then: fail or keep} for "onFail" of hole "d", found {"retry":"many"}
  e: { regex: a, scores: true }
                 ^^^^^^ error: expected a choice beside it for "scores" of hole "e", found true
---
{{gen "a"}} {{gen "b"}} {{gen "c"}} {{gen "d"}} {{gen "e"}} {{gen "f" startsWith="no" avoid="NO"}}
                                                                      ^^^^^^^^^^^^^^^ error: Nothing satisfies the constraint
`);
});

test("a constraint that is not valid, or cannot be kept, is reported at its own place", () => {
  checkDiagnostics(`
---
output:
  schema:
  ^^^^^^ information: tags has no \`maxItems\`: it ends where the model ends it, or at the limit of tokens; a limit keeps a small model from going on and on
    type: object
    properties:
      tags: { type: array, uniqueItems: true }
      size: { type: integer, minimum: many }
                                      ^^^^ error: #/properties/size/minimum: expected a number, found "many"
tiller.gen:
  a: { regex: "[a-z" }
              ^^^^^^ error: The regular expression "[a-z" is not valid: "[" is never closed at position 1
  b:
    json:
      type: object
      properties: { x: { allOf: [{ not: { format: date } }] } }
                                                  ^^^^ error: #/properties/x/allOf/0/not/format: the opposite of this keyword, which \`not\`, \`if\` or \`oneOf\` asks for, cannot be enforced
---
{{gen "a"}} {{gen "b"}} {{gen "c" grammar="root ::= x"}}
                                  ^^^^^^^^^^^^^^^^^^^^ error: The grammar is not valid: the rule "x" is not defined, at line 1, column 10
`);
});

test("invalid YAML is reported where it breaks", () => {
  checkDiagnostics(`
---
model: a
config: [1, 2
---
^ error: the front matter is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]
Hello
`);
});

test("a key twice is invalid YAML", () => {
  checkDiagnostics(`
---
model: a
model: b
^ error: the front matter is not valid YAML: Map keys must be unique
---
Hello
`);
});

test("an unclosed front matter is reported at its fence", () => {
  checkDiagnostics(`
---
^^^ error: expected a second line "---" that ends the front matter
model: a
Hello
`);
});

test("unknown keys are reported with what was probably meant", () => {
  checkDiagnostics(`
---
modle: a
^^^^^ warning: no key is called "modle"; did you mean "model"?
input:
  shema: {}
  ^^^^^ warning: no key is called "shema"; did you mean "schema"?
tiller.guid: {}
^^^^^^^^^^^ warning: no key is called "tiller.guid"; did you mean "tiller.guide"?
---
Hello
`);
});

test("values of the wrong type are reported at the value", () => {
  checkDiagnostics(`
---
model: 3
       ^ error: expected a text for "model", found a number
config:
  temperature: hot
               ^^^ error: expected a number for "temperature", found a text
tiller.adapters: one
                 ^^^ error: expected a list for "tiller.adapters", found a text
---
Hello
`);
});

test("adapters that cannot be used are reported where they are wrong", () => {
  checkDiagnostics(`
---
tiller.adapters:
  - pirate
  - { name: terse, scale: 0.5, sha256: 12 }
                                       ^^ error: expected a text for "sha256"
  - { uri: ../adapters/pirate, scale: loud }
                                      ^^^^ error: expected a number from -100 to 100 for "scale"
  - { scale: 1 }
    ^^^^^^^^^^^^ error: expected a "name" or a "uri"
  - 3
    ^ error: expected {name, uri, scale, layers, sha256}, found a number
  - { name: x, sha256: abc }
                       ^^^ error: expected 64 hexadecimal digits for "sha256"
  - { name: y, layers: [8, 20] }
  - { name: z, layers: [20, 8] }
                       ^^^^^^^ error: expected the first and the last layer for "layers", such as [8, 20]
tiller.routing: { experts: ./experts, topK: 0 }
                                            ^ error: expected a whole number from 1 up for "topK"
---
Hello
`);
});

test("tests that cannot be made are reported where they are wrong", () => {
  checkDiagnostics(`
---
tiller.tests:
  - name: good
    input: { a: 1 }
    assert:
      - { type: contains, value: x }
      - { type: json-valid }
      - { type: similarity, value: y, threshold: 0.5 }
  - name: bad
    assert:
      - { type: contain, value: x }
                ^^^^^^^ error: expected one of contains, not-contains, equals, regex, starts-with, ends-with, json-valid, min-words, max-words, min-chars, max-chars, preset, similarity for "type"; did you mean "contains"?
      - { type: regex, value: "(" }
                              ^^^ error: expected a regular expression as the "value" of "regex"
      - { type: max-words }
        ^^^^^^^^^^^^^^^^^^^ error: expected a whole number as the "value" of "max-words"
      - { type: equals, value: 1, threshold: 2 }
                                             ^ error: expected a number from 0 to 1 for "threshold"
      - { type: json-valid, value: 1 }
                                   ^ error: "json-valid" takes no "value"
  - { name: late, passRate: 3 }
                            ^ error: expected a number from 0 to 1 for "passRate"
  - 3
    ^ error: expected {name, input, repeat, passRate, assert}, found a number
---
Hello
`);
});

test("variants that cannot be compared are reported where they are wrong", () => {
  checkDiagnostics(`
---
tiller.compare:
  variants:
    - { label: base, adapters: [] }
    - { label: pirate, adapters: [pirate, { name: terse, scale: loud }] }
                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: expected a name, or {name, scale} with a scale from -100 to 100
    - { label: base, config: { temperature: 1 } }
      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: two variants are called "base"
    - { label: x, modle: y.gguf }
                         ^^^^^^ error: a variant has no "modle"; did you mean "model"?
    - { guide: 3 }
      ^^^^^^^^^^^^ error: expected a "label"
  repeat: 0
          ^ error: expected a whole number from 1 up for "repeat"
  seeds: [1, -1]
         ^^^^^^^ error: expected a list of whole numbers from 0 up for "seeds"
---
Hello
`);
});

test("a comparison has two to eight variants", () => {
  checkDiagnostics(`
---
tiller.compare:
  variants: [{ label: one }]
            ^^^^^^^^^^^^^^^^ error: expected 2 to 8 variants, found 1
---
Hello
`);
});

test("shots that cannot be used are reported where they are wrong", () => {
  checkDiagnostics(`
---
input: { schema: { text: string } }
tiller.shots:
  - { input: a, output: b, tags: [x], when: { text: c } }
  - { input: a }
      ^^^^^ error: expected an \`output\` in this shot
  - { output: b }
      ^^^^^^ error: expected an \`input\` in this shot
  - just a text
    ^^^^^^^^^^^ error: expected a shot, {input, output}, found a text
  - { input: 3, output: 4 }
             ^ error: expected the prompt's variables or a text as \`input\`, found a number
  - { input: a, output: b, when: c, tags: 3 }
                                 ^ error: expected {variable: value} as \`when\`, found a text
                                          ^ error: expected a list of texts as \`tags\`, found 3
  - { input: { txt: a }, output: b, tag: c }
               ^^^ warning: no variable is called "txt"; did you mean "text"?
                                    ^^^ warning: a shot has no key "tag"; did you mean "tags"?
---
{{shots}}{{text}}
`);
});

test("settings of the selection and of the budget are checked", () => {
  checkDiagnostics(`
---
tiller.shots: []
tiller.shotSelect: { strategy: simlar, k: 0, seed: a, order: up, tags: [a], kk: 3 }
                               ^^^^^^ error: expected one of first, random, similar, tags for "strategy", found "simlar"; did you mean "similar"?
                                          ^ error: expected a whole number from 1 up for "k", found 0
                                                   ^ error: expected a number for "seed", found a text
                                                             ^^ error: expected one of asc, desc, nearest-last for "order", found "up"
                                                                       ^^^ warning: \`tags\` is read only with \`strategy: tags\`
                                                                            ^^ warning: no key is called "kk"; did you mean "k"?
tiller.budget: { context: 10, reserve: 10, drop: [shots, shot, 3] }
                                       ^^ error: expected less than "context" (10) for "reserve", found 10
                                                         ^^^^ error: expected shots, history, keep in "drop", found "shot"; did you mean "shots"?
                                                               ^ error: expected a text, found a number
---
{{#keep "much"}}{{shots}}{{/keep}}
        ^^^^^^ error: expected a number as priority, as in {{#keep 2}}, found "much"
`);
});

test("a file of shots has its ending, and a file of another kind is no list", () => {
  checkDiagnostics(`
---
tiller.shots: { file: secrets.env }
                      ^^^^^^^^^^^ error: expected a file of the kind shots.jsonl, found "secrets.env"
---
{{shots}}
`);
  checkDiagnostics(`
---
tiller.shots: { files: a.jsonl }
              ^^^^^^^^^^^^^^^^^^ error: expected a list of shots, or {file: shots.jsonl}
---
{{shots}}
`);
});

test("a place for shots without shots is remarked, unless it is a variable that is declared", () => {
  checkDiagnostics(`
{{#shots}}{{input}}{{/shots}}
   ^^^^^ information: the front matter has no \`tiller.shots\`, so this is a variable called "shots"
`);
  checkDiagnostics(`
---
input: { schema: { shots(array): string } }
---
{{#each shots}}{{this}}{{/each}}
`);
});

test("a variable that only decides which shots are used is used", () => {
  checkDiagnostics(`
---
input: { schema: { language: string, tags(array): string, other: string } }
                                                          ^^^^^ information: the variable "other" is declared but not used
tiller.shots: [{ input: a, output: b, when: { language: de } }]
tiller.shotSelect: { strategy: tags }
---
{{shots}}
`);
});

test("types that Picoschema does not know are reported", () => {
  checkDiagnostics(`
---
input:
  schema:
    a: strin
    ^ error: expected one of string, boolean, null, number, integer, any or the name of a schema, found "strin"
    b(lst): string
    ^^^^^^ error: expected "array", "object" or "enum" in parentheses, found "lst"
---
{{a}}{{b}}
`);
});

test("another version of our keys is refused", () => {
  checkDiagnostics(`
---
tiller.version: 2
                ^ error: expected tiller.version 1, found 2; this file needs another version of Tiller
---
Hello
`);
});

test("unknown helpers are reported by name, and known ones used the wrong way", () => {
  checkDiagnostics(`
{{upper name}} {{#iff name}}x{{/iff}} {{#if (eq a b)}}y{{/if}}
  ^^^^^ error: no helper is called "upper"
                  ^^^ error: no helper is called "iff"; did you mean "if"?
                                             ^^ error: no helper is called "eq"
{{ifEquals a b}}
  ^^^^^^^^ error: expected this helper to be used as {{#ifEquals a b}}...{{/ifEquals}}
`);
});

test("an unclosed mustache ends at its line", () => {
  checkDiagnostics(`
Hello {{name
      ^^^^^^ error: expected "}}" to close this
and {{other}}
`);
});

test("an unclosed block does not hide the next", () => {
  checkDiagnostics(`
{{#if a}}
^^^^^^^^^ error: expected "{{/if}}" to close this block
{{#each b}}x{{/each}}
`);
});

test("a block closed by another name names both", () => {
  checkDiagnostics(`
{{#if a}}{{#each b}}x{{/if}}
         ^^^^^^^^^^^ error: expected "{{/each}}" to close this block
`);
});

test("an end without a beginning is reported", () => {
  checkDiagnostics(`
x{{/if}}y
 ^^^^^^^ error: expected no "{{/if}}": no block "if" is open here
`);
});

test("nonsense inside a mustache is reported there", () => {
  checkDiagnostics(`
a {{b c=}} d
  ^^^^^^^^ error: expected a variable or a helper call: found "}}"
`);
});

test("undeclared and unused variables are reported when there is a schema", () => {
  checkDiagnostics(`
---
input:
  schema:
    topic: string
    tone?: string
    ^^^^^ information: the variable "tone" is declared but not used
    list(array):
      name: string
---
Write about {{tpoic}}, {{topic}}.
              ^^^^^ warning: no variable is called "tpoic"; did you mean "topic"?
{{#each list}}{{name}} {{../topic}} {{../other}} {{@index}} {{this.x}}{{/each}}
                                      ^^^^^^^^ warning: no variable is called "other"
`);
});

test("without a schema every variable may be given", () => {
  checkDiagnostics(`
Write about {{topic}}.
`);
});

test("roles that do not exist are reported with ours", () => {
  checkDiagnostics(`
{{role "assistant"}}Hi
       ^^^^^^^^^^^ error: expected one of the roles system, user, model, tool, found "assistant"; did you mean "model"?
`);
});

test("a second hole of one name is reported, but not in another branch", () => {
  checkDiagnostics(`
{{gen "a"}}{{select "a" "x"}}
                    ^^^ error: expected a name of its own for every hole, found a second "a"
{{#if c}}{{gen "b"}}{{else}}{{gen "b"}}{{/if}}
`);
});

test("two constraints on a hole are reported, here and there", () => {
  checkDiagnostics(`
---
tiller.gen:
  a:
    regex: x
    int: true
    ^^^ error: expected one constraint on hole "a", found "regex" and "int"
    shape: round
    ^^^^^ warning: a hole has no setting "shape"
---
{{gen "b" text=true number=true tokens="many"}}
                    ^^^^^^^^^^^ error: expected one constraint on hole "b", found "text" and "number"
                                ^^^^^^^^^^^^^ error: expected a number, or {min, max} for "tokens" of hole "b", found "many"
`);
});

test("missing and circular partials are reported where they are used", () => {
  checkDiagnostics(`
{{> nobody}} {{> snake}} {{> broken}} {{> fine}}
    ^^^^^^ error: expected the file "_nobody.prompt", which this partial is read from
                 ^^^^^ error: expected partials that end, found a circle: "snake" uses "snake"
                             ^^^^^^ error: in partial "broken": expected "{{/if}}" to close this block
`);
});

test("files of other tools are recognised", () => {
  checkDiagnostics(`
<system>
^^^^^^^^ error: expected a Dotprompt file, found another format (tags). Begin the file with "---" to make it one
You are kind.
</system>
`);
});

const partials: Readonly<Record<string, string>> = { snake: "s{{> snake}}", broken: "{{#if a}}", fine: "ok" };

function checkDiagnostics(fixture: string): void {
  const lines = fixture.slice(1).split("\n");
  const text = lines.filter((it) => !isMark(it)).join("\n");
  const index = new LineIndex(text);
  const { file, diagnostics } = parse(text);
  const found = [...diagnostics, ...check(file, { partial: (name) => partials[name] })];
  const actual = text.split("\n").flatMap((line, number) => [
    line,
    ...found
      .map((it) => ({ ...it, at: index.position(it.span.start), end: index.position(it.span.end) }))
      .filter((it) => it.at.line === number)
      .sort((a, b) => a.at.column - b.at.column)
      .map(({ at, end, severity, message }) => {
        const width = Math.max(1, (end.line === at.line ? end.column : line.length) - at.column);
        return `${" ".repeat(at.column)}${"^".repeat(width)} ${severity}: ${message}`;
      }),
  ]);
  assert.equal(actual.join("\n"), lines.join("\n"));
}

function isMark(line: string): boolean {
  return /^ *\^+ (error|warning|information):/.test(line);
}
