// Which adapters a prompt's names mean on disk, and which of them may not be read.

import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { TillerError } from "../../src/base/error.js";
import { nodeFiles } from "../../src/runner/nodeFiles.js";
import { createPromptRunner } from "../../src/runner/promptRunner.js";
import { temporaryFolder } from "../temporaryFolder.js";
import { fakeEngine } from "./fakeEngine.js";

const root = temporaryFolder("adaptation");
const workspace = join(root, "workspace");
const outside = join(root, "elsewhere/pirate");
const prompt = join(workspace, "prompts/a.prompt");
for (const it of [join(workspace, "adapters/terse"), join(workspace, "prompts"), outside, join(root, "shelf/formal")]) {
  mkdirSync(it, { recursive: true });
  writeFileSync(join(it, "adapter_config.json"), "{}");
}
symlinkSync(outside, join(workspace, "adapters/disguised"));

const runner = createPromptRunner({ engine: fakeEngine([]), files: nodeFiles });
const found = async (adapters: string, confinedTo?: readonly string[]) => {
  const text = `---\ntiller.adapters: ${adapters}\n---\nHi`;
  const request = { path: prompt, text, adapterFolders: [join(root, "shelf")], ...(confinedTo && { confinedTo }) };
  const { adapters: all = [] } = await runner.adaptation(request, () => undefined, new AbortController().signal);
  return all.map((it) => it.path);
};

test("an adapter is found above the prompt, in the given folders, and by its path", async () => {
  assert.deepEqual(await found("[terse, formal, {uri: ../../elsewhere/pirate}]"), [
    join(workspace, "adapters/terse"),
    join(root, "shelf/formal"),
    outside,
  ]);
});

test("a prompt without adapters has none", async () => {
  const request = { path: prompt, text: "Hi" };
  assert.deepEqual(await runner.adaptation(request, () => undefined, new AbortController().signal), {});
});

test("within a workspace that is not trusted, adapters of the workspace are found", async () => {
  assert.deepEqual(await found("[terse]", [workspace]), [join(workspace, "adapters/terse")]);
});

for (const [title, adapters] of [
  ["a path that leads out of it", "[{uri: ../../elsewhere/pirate}]"],
  ["an absolute path", JSON.stringify([{ uri: outside }])],
  ["a link in it that leads out", "[disguised]"],
  ["a folder of the user's own", "[formal]"],
] as const)
  test(`within a workspace that is not trusted, ${title} is refused, with the reason and what to do`, async () => {
    const error: unknown = await found(adapters, [workspace]).catch((it: unknown) => it);
    assert.ok(error instanceof TillerError && error.code === "adapter-untrusted", String(error));
    assert.match(error.message, /lies outside of this workspace.*Trust the workspace, or copy the adapter into it/);
  });
