// What is told of a table and of a judge prompt before anything is compared.

import assert from "node:assert/strict";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { TextDocument } from "vscode-languageserver-textdocument";

import { compareChoices, type CountedTables } from "../../src/server/compareChoices.js";
import { PromptFiles } from "../../src/server/promptFiles.js";
import { temporaryFolder } from "../temporaryFolder.js";

const folder = temporaryFolder("choices");
const uri = pathToFileURL(join(folder, "a.prompt")).href;
const open = new Map<string, TextDocument>();
const files = new PromptFiles({ get: (it) => open.get(it), all: () => [...open.values()] });

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const judgeOf = (path: string) => compareChoices({ uri, judge: path }, files).judge;
const tableOf = (path: string) => compareChoices({ uri, table: path }, files).table;

test("a table says how many rows it has, or what is wrong with it", () => {
  assert.deepEqual(tableOf(file("rows.csv", "who\na\nb\n")), { rows: 2 });
  assert.deepEqual(tableOf(file("rows.jsonl", '{"who":"a"}\n{"who":\n')), { problem: "line 2: expected one JSON object on this line" }); // prettier-ignore
  assert.deepEqual(tableOf(join(folder, "gone.csv")), { problem: "there is no such file" });
  assert.deepEqual(compareChoices({ uri }, files), {});
});

test("rows are counted again only when the file is another one", () => {
  const counted: CountedTables = new Map();
  const path = file("counted.csv", "who\na\nb\n");
  const rowsNow = () => compareChoices({ uri, table: path }, files, counted).table;
  utimesSync(path, 1000, 1000);
  assert.deepEqual(rowsNow(), { rows: 2 });
  file("counted.csv", "who\na b\n"); // as long as before
  utimesSync(path, 1000, 1000);
  assert.deepEqual(rowsNow(), { rows: 2 }, "of the same time and size: not read");
  utimesSync(path, 1000, 1001);
  assert.deepEqual(rowsNow(), { rows: 1 });
});

test("a judge is shown both outputs and chooses between them once, in the body or in the front matter", () => {
  const shown = "{{first}} or {{second}}? ";
  const accepted = [
    `${shown}{{select "better" "first" "second"}}`,
    `${shown}{{gen "why"}} {{select "better" "tie" "second" "first"}}`,
    `---\ntiller.gen:\n  better: { choice: [first, second] }\n---\n${shown}{{gen "better"}}`,
    '{{> both}} {{select "better" "first" "second"}}',
  ];
  for (const [i, text] of accepted.entries()) assert.deepEqual(judgeOf(file(`good${i}.prompt`, text)), {}, text);
  const refused: readonly (readonly [string, RegExp])[] = [
    [`{{first}} {{select "better" "first" "second"}}`, /does not use \{\{second\}\}/],
    [`${shown}{{gen "better"}}`, /no hole that chooses between "first" and "second"/],
    [`${shown}{{select "better" "first" "second" "third"}}`, /no hole that chooses/],
    [`${shown}{{select "a" "first" "second"}}{{select "b" "first" "second"}}`, /more than once: "a" and "b"/],
  ];
  for (const [i, [text, why]] of refused.entries())
    assert.match(judgeOf(file(`bad${i}.prompt`, text))!.problem ?? "", why, text);
  assert.deepEqual(judgeOf(join(folder, "gone.prompt")), { problem: "there is no such file" });
});

test("what is typed in an open judge counts before it is saved", () => {
  const path = file("typed.prompt", "Nothing yet.");
  assert.match(judgeOf(path)!.problem!, /does not use/);
  const id = pathToFileURL(path).href;
  const text = '{{first}} {{second}} {{select "better" "first" "second"}}';
  open.set(id, TextDocument.create(id, "dotprompt", 1, text));
  assert.deepEqual(judgeOf(path), {});
});
