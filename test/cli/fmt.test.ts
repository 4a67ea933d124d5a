// `tiller fmt`: what is changed on disk, and what only told.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Workplace } from "./tiller.js";

const tiller = new Workplace();
const read = (name: string) => readFileSync(join(tiller.folder, name), "utf8");

test("files are formatted where they are, and those in form are left alone", async () => {
  tiller.file("a.prompt", "---\nmodel:   x\n---\n{{ name }}\n");
  tiller.file("b.prompt", "{{name}}");
  const { code, stdout, stderr } = await tiller.run(["fmt", "."]);
  assert.deepEqual([code, stdout, stderr], [0, "a.prompt\n", "1 of 2 files formatted\n"]);
  assert.equal(read("a.prompt"), "---\nmodel: x\n---\n{{name}}\n");
});

test("--check changes nothing and fails when something would change", async () => {
  tiller.file("c.prompt", "{{ name }}");
  const { code, stdout } = await tiller.run(["fmt", "--check", "--json", "c.prompt"]);
  assert.deepEqual([code, JSON.parse(stdout)], [1, { files: 1, changed: ["c.prompt"] }]);
  assert.equal(read("c.prompt"), "{{ name }}");
  assert.equal((await tiller.run(["fmt", "--check", "b.prompt"])).code, 0);
});

test("a file that cannot be parsed keeps what is wrong with it", async () => {
  tiller.file("d.prompt", "---\na: [\n---\n{{#if x}}");
  assert.equal((await tiller.run(["fmt", "d.prompt"])).code, 0);
  assert.equal(read("d.prompt"), "---\na: [\n---\n{{#if x}}");
});

test("without a path it says what it needs", async () => {
  const { code, stderr } = await tiller.run(["fmt"]);
  assert.equal(code, 2);
  assert.match(stderr, /needs files or folders/);
});
