// The names in the code and those in the manifest are the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { commandIds, generatingContextKey, languageId, settingIds } from "../../src/extension/ids.js";

interface Manifest {
  readonly contributes?: {
    readonly commands?: readonly { readonly command: string }[];
    readonly configuration?: Configuration | readonly Configuration[];
    readonly languages?: readonly { readonly id: string; readonly extensions?: readonly string[] }[];
    readonly keybindings?: readonly { readonly command: string; readonly when?: string }[];
  };
}
interface Configuration {
  readonly properties?: Readonly<Record<string, unknown>>;
}

const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
const contributes = (JSON.parse(text) as Manifest).contributes ?? {};

test("every command of the manifest is in the code, and every one of the code in the manifest", () => {
  checkSame(contributes.commands?.map((it) => it.command) ?? [], Object.values(commandIds));
});

test("every setting of the manifest is in the code, and every one of the code in the manifest", () => {
  const sections = ([] as Configuration[]).concat(contributes.configuration ?? []);
  checkSame(
    sections.flatMap((it) => Object.keys(it.properties ?? {})),
    Object.values(settingIds),
  );
});

test("the manifest has our language, for .prompt files", () => {
  const language = contributes.languages?.find((it) => it.id === languageId);
  assert.ok(language?.extensions?.includes(".prompt"));
});

test("Escape cancels only while there is something to cancel", () => {
  const binding = contributes.keybindings?.find((it) => it.command === commandIds.cancel);
  assert.ok(binding?.when?.includes(generatingContextKey), binding?.when ?? "there is no key for it");
});

function checkSame(manifest: readonly string[], code: readonly string[]): void {
  assert.deepEqual([...manifest].sort(), [...code].sort());
}
