// Who may import whom (DESIGN section 1), and that every file says what it is for.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { test } from "node:test";

interface Room {
  /** Other folders of src. */
  readonly folders: readonly string[];
  /** Packages beyond node's own. */
  readonly packages: readonly string[];
  /** Plain TypeScript: no node, no DOM, no editor. */
  readonly pure?: true;
}

/** Keys are folders under src; a longer key wins over a shorter one. */
const rooms: Record<string, Room> = {
  base: { folders: [], packages: [], pure: true },
  lang: {
    folders: ["base", "protocol", "constraint"],
    packages: ["handlebars", "yaml", "tinyld", "csv-parse"],
    pure: true,
  },
  compare: { folders: ["base", "protocol"], packages: [], pure: true },
  constraint: { folders: ["base", "protocol"], packages: [], pure: true },
  protocol: { folders: ["base"], packages: [], pure: true },
  engine: {
    folders: ["base", "protocol", "constraint"],
    packages: ["@huggingface/gguf", "@huggingface/jinja"],
  },
  "engine/vision": {
    folders: ["base", "protocol", "engine"],
    packages: ["@jsquash/jpeg", "@jsquash/webp", "fast-png"],
  },
  "engine/ort": { folders: ["base", "protocol", "engine"], packages: ["onnxruntime-node"] },
  download: { folders: ["base", "protocol"], packages: [] },
  runner: { folders: ["base", "protocol", "lang", "constraint", "compare"], packages: ["ajv"] },
  host: { folders: ["base", "protocol", "lang", "engine", "runner", "compare", "download"], packages: [] },
  server: {
    folders: ["base", "lang", "protocol"],
    packages: ["vscode-languageserver", "vscode-languageserver-textdocument", "@huggingface/gguf"],
  },
  cli: {
    folders: ["base", "protocol", "lang", "constraint", "engine", "runner", "host", "compare", "download"],
    packages: ["yaml"],
  },
  client: { folders: ["base", "protocol"], packages: [] },
  webview: { folders: ["base", "protocol", "compare"], packages: [] },
  extension: {
    folders: ["base", "protocol", "lang", "client", "webview", "compare"],
    packages: ["vscode", "vscode-languageclient"],
  },
};

const root = process.env["SRC_ROOT"] ?? join(import.meta.dirname, "../../src");
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((it) => it.replaceAll("\\", "/"))
  .filter((it) => it.endsWith(".ts"));

for (const file of files) {
  test(`src/${file} imports only what its folder may`, () => {
    const text = readFileSync(join(root, file), "utf8");
    const folder = file.split("/")[0]!;
    const room =
      rooms[`${folder}/${file.split("/")[1]}`] ?? rooms[folder] ?? assert.fail(`src/${folder} is not in the table`);
    for (const [, specifier] of text.matchAll(/(?:from|import|import\()\s*"([^"]+)"/g)) {
      assert.ok(mayImport(file, folder, room, specifier!), `src/${file} must not import ${specifier}`);
    }
    assert.ok(text.startsWith("/**") || text.startsWith("//"), "a file begins with what it is for");
  });
}

test("no two files import each other in a circle", () => {
  const imports = new Map(files.map((file) => [file, importedFiles(file)]));
  const state = new Map<string, "open" | "done">();
  for (const file of files) visit(file, []);

  function visit(file: string, path: readonly string[]): void {
    if (state.get(file) === "done") return;
    assert.notEqual(state.get(file), "open", `a circle: ${[...path, file].join(" -> ")}`);
    state.set(file, "open");
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    state.set(file, "done");
  }
});

function mayImport(file: string, folder: string, room: Room, specifier: string): boolean {
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(file), specifier).split("/")[0]!;
    return target === folder || room.folders.includes(target);
  }
  if (specifier.startsWith("node:")) return room.pure !== true;
  return room.packages.some((it) => specifier === it || specifier.startsWith(`${it}/`));
}

function importedFiles(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/from\s*"(\.[^"]+)"/g)].map(([, it]) =>
    posix.join(posix.dirname(file), it!).replace(/\.js$/, ".ts"),
  );
}

test("nothing asks the network but src/download, which is loaded only when a model is pulled", () => {
  const asking = /\bfetch\(|"node:(?:https?|http2|net|tls|dgram|dns)(?:\/promises)?"/;
  const static_ = /^import (?!type\b)[^;]*"[./]+download\/[^"]+"/m;
  for (const file of files) {
    const text = readFileSync(join(root, file), "utf8");
    if (file.startsWith("download/")) continue;
    assert.doesNotMatch(text, asking, `src/${file} asks the network`);
    assert.doesNotMatch(text, static_, `src/${file} loads src/download before it is needed`);
  }
});
