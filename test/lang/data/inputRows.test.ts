// Tables of inputs: lines of JSON and cells of tables, with their names and references.

import assert from "node:assert/strict";
import { test } from "node:test";

import { inputRows } from "../../../src/lang/data/inputRows.js";

test("lines of JSON are values, or values with a name and a reference", () => {
  const text = '{"who":"cat"}\n\n{"input":{"who":"dog"},"name":"second","reference":"Woof"}\r\n{"input":"a text"}\n';
  assert.deepEqual(inputRows("rows.jsonl", text, {}), {
    rows: [
      { values: { who: "cat" } },
      { values: { who: "dog" }, name: "second", reference: "Woof" },
      { values: { input: "a text" } },
    ],
  });
});

test("cells of a table are texts, and numbers and flags where the prompt's variables are", () => {
  const schemas = { age: { type: "integer" }, isTame: { type: "boolean" }, who: { type: "string" } };
  const text = "who\tage\tisTame\tname\treference\n7\t7\ttrue\t7\t8\nox\tmany\tno\t\t\n";
  assert.deepEqual(inputRows("rows.TSV", text, schemas), {
    rows: [
      { values: { who: "7", age: 7, isTame: true }, name: "7", reference: "8" },
      { values: { who: "ox", age: "many", isTame: "no" } },
    ],
  });
});

test("what is wrong with a table is said with its line", () => {
  const problem = (name: string, text: string) => {
    const read = inputRows(name, text, {});
    return "problem" in read ? read.problem : "none";
  };
  assert.equal(problem("a.jsonl", '{"a":1}\n[1]\n'), "line 2: expected an object of input values");
  assert.match(problem("a.jsonl", "{"), /^line 1: /);
  assert.match(problem("a.csv", 'a,b\n1,"2\n'), /^it is no table: /);
  assert.equal(problem("a.csv", "who\n"), "it holds no rows");
  assert.equal(problem("a.jsonl", "\n\n"), "it holds no rows");
});
