// What the manifest promises to VS Code and to the user, as far as a reader of the file can check it.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

interface Setting {
  readonly type: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly markdownDescription?: string;
}
interface Use {
  readonly command: string;
  readonly when?: string;
}
interface Manifest {
  readonly icon: string;
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly languages: readonly {
      readonly id: string;
      readonly configuration: string;
      readonly icon: { readonly light: string; readonly dark: string };
    }[];
    readonly grammars: readonly { readonly path: string; readonly scopeName: string }[];
    readonly commands: readonly { readonly command: string; readonly category?: string; readonly icon?: string }[];
    readonly menus: Readonly<Record<string, readonly Use[]>>;
    readonly keybindings: readonly Use[];
    readonly configuration: { readonly properties: Readonly<Record<string, Setting>> };
  };
}

const root = join(import.meta.dirname, "../..");
const manifest = readJson("package.json") as Manifest;
const { languages, grammars, commands, menus, keybindings, configuration } = manifest.contributes;
const settings = Object.entries(configuration.properties);

test("every file that the manifest names is there", () => {
  const { configuration: language, icon } = languages[0]!;
  for (const path of [manifest.icon, language, icon.light, icon.dark, grammars[0]!.path]) {
    assert.ok(existsSync(join(root, path)), path);
  }
});

test("the grammar has the scope name that the manifest gives it", () => {
  const { scopeName } = readJson(grammars[0]!.path) as { scopeName: string };
  assert.equal(scopeName, grammars[0]!.scopeName);
});

test("every command stands under Tiller in the palette and has an icon", () => {
  for (const { command, category, icon } of commands) {
    assert.equal(category, "Tiller", command);
    assert.match(icon ?? "", /^\$\([\w-]+\)$/, command);
  }
});

test("menus and keys name only commands that exist, and keys work only where they make sense", () => {
  const known = new Set(commands.map((it) => it.command));
  for (const { command } of [...Object.values(menus).flat(), ...keybindings]) assert.ok(known.has(command), command);
  for (const { command, when } of keybindings) assert.match(when ?? "", /editorTextFocus/, command);
});

test("every setting says what it does, and every number has a range that holds its default", () => {
  for (const [id, it] of settings) {
    assert.ok(20 < (it.markdownDescription ?? "").length, id);
    assert.notEqual(it.default, undefined, id);
    if (it.type !== "integer" && it.type !== "number") continue;
    assert.ok(it.minimum! <= (it.default as number) && (it.default as number) <= it.maximum!, id);
  }
});

test("every choice of a setting is described", () => {
  for (const [id, it] of settings) assert.equal(it.enumDescriptions?.length, it.enum?.length, id);
});

test("a workspace that is not trusted cannot say which file is loaded as a model", () => {
  assert.ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes("tiller.model"));
});

test("the regular expressions of the language configuration can be compiled", () => {
  const { wordPattern, folding, onEnterRules } = readJson("language-configuration.json") as {
    wordPattern: { pattern: string };
    folding: { markers: { start: string; end: string } };
    onEnterRules: { beforeText: string; afterText: string }[];
  };
  const { start, end } = folding.markers;
  for (const it of [wordPattern.pattern, start, end, ...onEnterRules.flatMap((it) => [it.beforeText, it.afterText])]) {
    new RegExp(it);
  }
  assert.match("{{#if ready}}", new RegExp(start));
  assert.doesNotMatch("{{#if ready}} yes {{/if}}", new RegExp(start));
  assert.match("{{/if}}", new RegExp(end));
});

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}
