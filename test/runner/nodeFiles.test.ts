// Where partials are looked for, and where they are not.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { TillerError, type ErrorCode } from "../../src/base/error.js";
import { nodeFiles, partialPath } from "../../src/runner/nodeFiles.js";

const folder = mkdtempSync(join(tmpdir(), "tiller-files-"));
after(() => rmSync(folder, { recursive: true }));
const prompt = join(folder, "library/a.prompt");
mkdirSync(join(folder, "library/legal"), { recursive: true });
mkdirSync(join(folder, "library/_folder.prompt"));
for (const [name, text] of [
  ["_outside.prompt", "outside"],
  ["library/_tone.prompt", "\ufeffBe kind."],
  ["library/legal/_notice.prompt", "All rights."],
  ["library/_plain", "without the ending"],
  ["outside.jsonl", "outside"],
  ["library/a.jsonl", "{}"],
  ["library/legal/b.jsonl", "[]"],
  ["library/secrets.env", "secret"],
] as const)
  writeFileSync(join(folder, name), text);
writeFileSync(join(folder, "library/_odd.prompt"), Uint8Array.of(0x61, 0xff));

test("a partial lies beside the prompt", () => checkPartial("tone", "Be kind."));
test("a partial may lie in a folder below", () => checkPartial("legal/notice", "All rights."));
test("a partial that is not there is no error here", () => checkPartial("nowhere", undefined));
test("a folder is no partial", () => checkPartial("folder", undefined));
test("a file without the ending is no partial", () => checkPartial("plain", undefined));

for (const name of [
  "../outside",
  "legal/../../outside",
  "./tone",
  "/tone",
  "legal//notice",
  "..\\outside",
  "C:tone",
  "",
  "a\0b",
]) {
  test(`${JSON.stringify(name)} leads nowhere`, () => {
    assert.equal(partialPath(prompt, name), undefined);
    checkPartial(name, undefined);
  });
}

test("a file of shots lies beside the prompt or below", () => {
  assert.deepEqual([nodeFiles.shots(prompt, "a.jsonl"), nodeFiles.shots(prompt, "legal/b.jsonl")], ["{}", "[]"]);
});
for (const name of [
  "../outside.jsonl",
  "legal/../../outside.jsonl",
  join(folder, "outside.jsonl"),
  "secrets.env",
  "nowhere.jsonl",
  "legal",
]) {
  test(`${JSON.stringify(name.replace(folder, ""))} is no file of shots`, () =>
    assert.equal(nodeFiles.shots(prompt, name), undefined));
}

test("a partial that is not UTF-8 is refused by its own path", () => {
  checkRefused("file-unreadable", /library[/\\]_odd\.prompt is not UTF-8 text: byte 1 \(0xff\)/, () =>
    nodeFiles.partial(prompt, "odd"),
  );
});
test("a prompt that is not there is refused", () => {
  checkRefused("file-not-found", /^There is no file .*a\.prompt\.$/, () => nodeFiles.read(prompt));
});
test("a file in a place of a folder is not there either", () => {
  const path = join(folder, "library/_tone.prompt/x.prompt");
  checkRefused("file-not-found", /^There is no file /, () => nodeFiles.read(path));
});
test("a folder is no prompt", () => {
  checkRefused("file-unreadable", /library is a folder, not a file\.$/, () => nodeFiles.read(join(folder, "library")));
});

function checkPartial(name: string, text: string | undefined): void {
  assert.equal(nodeFiles.partial(prompt, name), text);
}

function checkRefused(code: ErrorCode, message: RegExp, action: () => unknown): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof TillerError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}
