// Diagnostics on the terminal: places as editors show them, the line with carets, exit codes for scripts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Workplace } from "./tiller.js";

const tiller = new Workplace();
const broken = "Hello.\nGood {{#if day}}day";

test("a file without mistakes is well", async () => {
  tiller.file("good/a.prompt", "Say hi.\n");
  const outcome = await tiller.run(["check", "good"]);
  assert.deepEqual(outcome, { code: 0, stdout: "", stderr: "1 file: 0 errors, 0 warnings\n" });
});

test("a mistake is shown in its line, with carets under it", async () => {
  tiller.file("bad/b.prompt", broken);
  const { code, stdout, stderr } = await tiller.run(["check", "bad/b.prompt"]);
  assert.equal(code, 1);
  const [head, excerpt, carets] = stdout.split("\n");
  assert.match(head!, /^bad\/b\.prompt:2:6: error: .* \[[a-z-]+\]$/);
  assert.equal(excerpt, "2 | Good {{#if day}}day");
  assert.match(carets!, /^ {2}\| {6}\^+$/);
  assert.equal(stderr, "1 file: 1 error, 0 warnings\n");
});

test("carets stand under characters that take two columns", async () => {
  tiller.file("bad/wide.prompt", "\u4f60\u597d {{#if day}}");
  const { stdout } = await tiller.run(["check", "bad/wide.prompt"]);
  assert.match(stdout, /wide\.prompt:1:4: /);
  assert.match(stdout, /\n {2}\| {6}\^/);
});

test("what is never used and what was never declared is told, and is no failure", async () => {
  tiller.file("warn/a.prompt", "---\ninput: {schema: {name: string, age: integer}}\n---\n{{nmae}} is {{age}}.\n");
  const { code, stdout, stderr } = await tiller.run(["check", "warn"]);
  assert.match(stdout, /a\.prompt:4:3: \w+: .*nmae/);
  assert.match(stdout, /a\.prompt:2:\d+: \w+: .*name/);
  assert.deepEqual([code, stderr], [0, "1 file: 0 errors, 1 warning, 1 hint\n"]);
});

test("partials are looked at where they are used", async () => {
  tiller.file("parts/a.prompt", "{{> tone}}{{> nowhere}}\n");
  tiller.file("parts/_tone.prompt", "{{#if a}}");
  const { stdout } = await tiller.run(["check", "parts/a.prompt"]);
  assert.match(stdout, /a\.prompt:1:5: error: in partial "tone": /);
  assert.match(stdout, /a\.prompt:1:15: error: .*_nowhere\.prompt/);
});

test("folders are searched, hidden ones and node_modules are not", async () => {
  for (const it of [
    "all/x.prompt",
    "all/deep/y.prompt",
    "all/.hidden/z.prompt",
    "all/node_modules/w.prompt",
    "all/v.txt",
  ])
    tiller.file(it, broken);
  const { stdout } = await tiller.run(["check", "all", "--json"]);
  const { files, errors } = JSON.parse(stdout) as { files: { path: string }[]; errors: number };
  assert.deepEqual(
    files.map((it) => it.path.replaceAll("\\", "/")),
    ["all/deep/y.prompt", "all/x.prompt"],
  );
  assert.equal(errors, 2);
});

test("--json has places from 1, and offsets", async () => {
  tiller.file("bad/b.prompt", broken);
  const { stdout } = await tiller.run(["check", "bad/b.prompt", "--json"]);
  const { files } = JSON.parse(stdout) as { files: { diagnostics: Record<string, unknown>[] }[] };
  const { severity, line, column, span } = files[0]!.diagnostics[0]!;
  assert.deepEqual([severity, line, column, (span as { start: number }).start], ["error", 2, 6, 12]);
});

test("a file that is not UTF-8 does not stop the others", async () => {
  tiller.file("mixed/a.prompt", Uint8Array.of(0xff));
  tiller.file("mixed/b.prompt", broken);
  const { code, stdout } = await tiller.run(["check", "mixed"]);
  assert.equal(code, 1);
  assert.match(stdout, /^mixed\/a\.prompt:1:1: error: .* is not UTF-8 text: byte 0 \(0xff\)/);
  assert.match(stdout, /\nmixed\/b\.prompt:2:6: error: /);
});

test("a folder without prompts is an error: the script meant another", async () => {
  tiller.file("empty/a.txt", "");
  const { code, stderr } = await tiller.run(["check", "empty"]);
  assert.deepEqual([code, stderr], [1, "error: There is no .prompt file in empty.\n"]);
});

test("a path that is not there is named", async () => {
  const { code, stderr } = await tiller.run(["check", "nowhere"]);
  assert.deepEqual([code, stderr], [1, "error: There is no file or folder nowhere.\n"]);
});

test("a path is needed", async () => {
  const { code, stderr } = await tiller.run(["check"]);
  assert.deepEqual([code, stderr], [2, "error: tiller check needs files or folders. See tiller check --help.\n"]);
});
