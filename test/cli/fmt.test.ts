// Formatting from the terminal: files in place, nothing with --check, exit codes for scripts.

import assert from "node:assert/strict";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";

import { Workplace } from "./tiller.js";

const tiller = new Workplace();
const loose = "---\nmodel:   x\n---\nHi  {{ name }}.\n";
const neat = "---\nmodel: x\n---\nHi  {{name}}.\n";

test("files are formatted in place, and named", async () => {
  const path = tiller.file("one/a.prompt", loose);
  tiller.file("one/b.prompt", neat);
  chmodSync(path, 0o640);
  const outcome = await tiller.run(["fmt", "one"]);
  assert.deepEqual(outcome, { code: 0, stdout: "one/a.prompt\n", stderr: "2 files: 1 formatted\n" });
  assert.equal(readFileSync(path, "utf8"), neat);
  if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o777, 0o640);
});

test("--check changes nothing and fails when something would change", async () => {
  const path = tiller.file("two/a.prompt", loose);
  const outcome = await tiller.run(["fmt", "--check", "two"]);
  assert.deepEqual(outcome, { code: 1, stdout: "two/a.prompt\n", stderr: "1 file: 1 to be formatted\n" });
  assert.equal(readFileSync(path, "utf8"), loose);
  tiller.file("two/a.prompt", neat);
  assert.equal((await tiller.run(["fmt", "--check", "two"])).code, 0);
});

test("--json tells what became of each file", async () => {
  tiller.file("three/a.prompt", loose);
  tiller.file("three/b.prompt", "<system>{{ a }}</system>");
  const { code, stdout } = await tiller.run(["fmt", "three", "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    files: [
      { path: "three/a.prompt", changed: true },
      { path: "three/b.prompt", changed: false, refused: "this is not a Dotprompt file (tags)" },
    ],
    changed: 1,
  });
});

test("- reads standard input and writes standard output", async () => {
  const outcome = await tiller.run(["fmt", "-"], { stdin: loose });
  assert.deepEqual(outcome, { code: 0, stdout: neat, stderr: "" });
  const checked = await tiller.run(["fmt", "-", "--check"], { stdin: loose });
  assert.deepEqual(checked, { code: 1, stdout: "", stderr: "" });
  const json = await tiller.run(["fmt", "-", "--json"], { stdin: loose });
  assert.deepEqual(JSON.parse(json.stdout), { changed: true, text: neat });
  assert.equal((await tiller.run(["fmt", "-", "a.prompt"], { stdin: loose })).code, 2);
});

test("what another tool wrote comes out as it went in", async () => {
  const text = "<system>{{ a }}</system>";
  const outcome = await tiller.run(["fmt", "-"], { stdin: text });
  assert.deepEqual(outcome, { code: 0, stdout: text, stderr: "left alone: this is not a Dotprompt file (tags)\n" });
});

test("a byte order mark and CRLF stay", async () => {
  const path = tiller.file("mark/a.prompt", `\uFEFF${loose.replaceAll("\n", "\r\n")}`);
  await tiller.run(["fmt", "mark"]);
  assert.equal(readFileSync(path, "utf8"), `\uFEFF${neat.replaceAll("\n", "\r\n")}`);
});

test("a partial is inserted with all of its text, so only its tags change", async () => {
  const path = tiller.file("part/_a.prompt", "---\nmodel:   x\n---\n{{ name }}");
  await tiller.run(["fmt", "part"]);
  assert.equal(readFileSync(path, "utf8"), "---\nmodel:   x\n---\n{{name}}");
});

test("a file that is not UTF-8 does not stop the others, and stays", async () => {
  const path = tiller.file("mixed/a.prompt", Uint8Array.of(0x7b, 0xff));
  tiller.file("mixed/b.prompt", loose);
  const { code, stdout, stderr } = await tiller.run(["fmt", "mixed"]);
  assert.deepEqual([code, stdout], [1, "mixed/b.prompt\n"]);
  assert.match(stderr, /^error: .*a\.prompt is not UTF-8 text/);
  assert.deepEqual([...readFileSync(path)], [0x7b, 0xff]);
});

test("a folder without prompts and no path at all are errors", async () => {
  tiller.file("empty/a.txt", "");
  const { code, stderr } = await tiller.run(["fmt", "empty"]);
  assert.deepEqual([code, stderr], [1, "error: There is no .prompt file in empty.\n"]);
  const none = await tiller.run(["fmt"]);
  assert.deepEqual([none.code, none.stderr], [2, "error: tiller fmt needs files or folders. See tiller fmt --help.\n"]);
});
