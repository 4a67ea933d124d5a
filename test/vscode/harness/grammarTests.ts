/**
 * The TextMate grammar, in VS Code's own tokenizer and with VS Code's own YAML and Markdown grammars, all of them taken
 * from the installed copy. Fixtures are pictures: under a line of text, carets say which scopes a place must have (or,
 * with a minus, must not have).
 */

import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import type { Tally } from "./hostTests.js";
import type { VSCodeInstall } from "./install.js";
import type { Say } from "./progress.js";

export interface GrammarTestOptions {
  readonly root: string;
  readonly install: VSCodeInstall;
}

export async function runGrammarTests({ root, install }: GrammarTestOptions, say: Say): Promise<Tally> {
  const tokenize = await loadTokenizer(root, dirname(dirname(install.serverMain)));
  const folder = join(root, "test/vscode/fixtures/grammar");
  let failed = 0;
  const files = (await readdir(folder)).sort();
  for (const file of files) {
    const problems = check(await readFile(join(folder, file), "utf8"), tokenize);
    const name = `grammar: ${file.replace(/\..*$/, "").replaceAll("-", " ")}`;
    if (problems.length === 0) {
      say(`ok   ${name}`);
      continue;
    }
    failed++;
    say(`FAIL ${name}\n     ${problems.join("\n     ")}`);
  }
  return { passed: files.length - failed, failed };
}

/** For each line, the scopes of each of its characters. */
type Tokenize = (lines: readonly string[]) => readonly (readonly (readonly string[])[])[];

const mark = /^ *(\^+) (-?[\w.-]+(?: -?[\w.-]+)*)$/;

function check(fixture: string, tokenize: Tokenize): string[] {
  const all = fixture.trimEnd().split("\n");
  const scopes = tokenize(all.filter((it) => !mark.test(it)));
  const problems: string[] = [];
  let line = -1;
  for (const text of all) {
    const match = mark.exec(text);
    if (match === null) {
      line++;
      continue;
    }
    const column = text.indexOf("^");
    for (const wanted of match[2]!.split(" ")) {
      for (let at = column; at < column + match[1]!.length; at++) {
        const found = scopes[line]?.[at];
        if (found === undefined) problems.push(`line ${line + 1}: the marks reach beyond its end`);
        else if (!holds(wanted, found))
          problems.push(`line ${line + 1}, column ${at}: ${wanted}, found ${found.join(" ")}`);
        else continue;
        break; // one problem for each mark is enough
      }
    }
  }
  return problems;
}

function holds(wanted: string, found: readonly string[]): boolean {
  const name = wanted.replace(/^-/, "");
  const has = found.some((it) => it === name || it.startsWith(`${name}.`));
  return wanted.startsWith("-") ? !has : has;
}

/** The part of vscode-textmate that is used here. */
interface TextMate {
  readonly Registry: new (options: {
    readonly onigLib: Promise<unknown>;
    readonly loadGrammar: (scopeName: string) => Promise<unknown>;
  }) => { loadGrammar(scopeName: string): Promise<Grammar | null> };
  readonly INITIAL: unknown;
  parseRawGrammar(text: string, path: string): unknown;
}
interface Grammar {
  tokenizeLine(line: string, state: unknown): { readonly tokens: readonly Token[]; readonly ruleStack: unknown };
}
interface Token {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly scopes: readonly string[];
}
interface Oniguruma {
  loadWASM(data: Uint8Array): Promise<void>;
  createOnigScanner(patterns: string[]): unknown;
  createOnigString(text: string): unknown;
}

async function loadTokenizer(root: string, vscode: string): Promise<Tokenize> {
  const require = createRequire(join(vscode, "package.json"));
  const textmate = require("vscode-textmate") as TextMate;
  const oniguruma = require("vscode-oniguruma") as Oniguruma;
  await oniguruma.loadWASM(await readFile(require.resolve("vscode-oniguruma/release/onig.wasm")));
  const { createOnigScanner, createOnigString } = oniguruma;

  const paths = await grammarPaths(vscode);
  paths.set("source.dotprompt", join(root, "syntaxes/dotprompt.tmLanguage.json"));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: async (scopeName) => {
      const path = paths.get(scopeName);
      return path === undefined ? null : textmate.parseRawGrammar(await readFile(path, "utf8"), path);
    },
  });
  const grammar = await registry.loadGrammar("source.dotprompt");
  if (grammar === null) throw new Error("syntaxes/dotprompt.tmLanguage.json cannot be loaded");

  return (lines) => {
    let state = textmate.INITIAL;
    return lines.map((line) => {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
      state = ruleStack;
      return tokens.flatMap((it) => Array<readonly string[]>(it.endIndex - it.startIndex).fill(it.scopes));
    });
  };
}

interface ExtensionManifest {
  readonly contributes?: { readonly grammars?: readonly { readonly scopeName: string; readonly path: string }[] };
}

async function grammarPaths(vscode: string): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const extension of await readdir(join(vscode, "extensions"))) {
    const folder = join(vscode, "extensions", extension);
    const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "{}"); // a file beside the folders
    for (const { scopeName, path } of (JSON.parse(text) as ExtensionManifest).contributes?.grammars ?? []) {
      paths.set(scopeName, join(folder, path));
    }
  }
  return paths;
}
