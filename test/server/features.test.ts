// The language features as an editor asks for them, over the protocol, with several files.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";

import { reader, send } from "./client.js";
import { temporaryFolder } from "../temporaryFolder.js";

const entry = join(import.meta.dirname, "../../src/server/main.js");

const prompt = `---
input:
  schema:
    topic: string, what it is about
tiller.gen:
  title: { regex: "[A-Z]{2}" }
---
{{role "user"}}
About {{topic}}. {{> legal/footer}}
{{role "model"}}
{{gen "title"}} {{tpoic}}`;

describe("the language features", () => {
  const folder = temporaryFolder("features");
  const uriOf = (name: string) => pathToFileURL(join(folder, name)).href;
  const uri = uriOf("a.prompt");
  const server = spawn(process.execPath, [entry, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const messages = reader(server);
  let id = 1;
  after(() => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const ask = async (method: string, params: object): Promise<unknown> => {
    const own = ++id;
    send(server, { id: own, method, params });
    const { result, error } = await messages((it) => it.id === own && it.method === undefined);
    if (error !== undefined) throw new Error(error.message);
    return result;
  };
  /** The place of the first `text` in the prompt, moved by some characters. */
  const at = (text: string, plus = 0) => {
    const lines = prompt.slice(0, prompt.indexOf(text) + plus).split("\n");
    return { line: lines.length - 1, character: lines.at(-1)!.length };
  };
  const on = (text: string, plus = 1) => ({ textDocument: { uri }, position: at(text, plus) });

  before(async () => {
    write("legal/_footer.prompt", "Bye, {{topic}}.");
    write("b.prompt", "{{topic}} {{> legal/footer}}");
    write("models/small.gguf", "");
    const workspaceFolders = [{ uri: pathToFileURL(folder).href, name: "work" }];
    const initializationOptions = { lenses: ["tiller.runPrompt"] };
    await ask("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
      workspaceFolders,
      initializationOptions,
    });
    send(server, { method: "initialized", params: {} });
    const textDocument = { uri, languageId: "dotprompt", version: 1, text: prompt };
    send(server, { method: "textDocument/didOpen", params: { textDocument } });
  });

  it("offers variables where one is typed, and partials below the folder", async () => {
    const labels = async (place: object) =>
      ((await ask("textDocument/completion", place)) as readonly { readonly label: string }[]).map((it) => it.label);
    assert.ok((await labels(on("{{topic}}", 2))).includes("topic"));
    assert.deepEqual(await labels(on("{{> legal", 4)), ["legal/footer"]);
  });

  it("says what a variable and a hole are", async () => {
    const text = async (place: object) =>
      ((await ask("textDocument/hover", place)) as { readonly contents: { readonly value: string } }).contents.value;
    assert.match(await text(on("{{topic}}", 4)), /what it is about/);
    assert.match(await text(on('{{gen "title"', 4)), /text that matches/);
  });

  it("goes to where a variable is declared, and to the file of a partial", async () => {
    const found = (await ask("textDocument/definition", on("{{topic}}", 4))) as readonly { readonly range: object }[];
    assert.deepEqual(found[0]!.range, { start: at("topic: string"), end: at("topic: string", 5) });
    const [file] = (await ask("textDocument/definition", on("legal/footer", 3))) as readonly { readonly uri: string }[];
    assert.equal(file!.uri, uriOf("legal/_footer.prompt"));
  });

  it("renames a variable in all the files that it goes through", async () => {
    const { documentChanges } = (await ask("textDocument/rename", { ...on("{{topic}}", 4), newName: "theme" })) as {
      readonly documentChanges: readonly {
        readonly textDocument: { readonly uri: string };
        readonly edits: readonly object[];
      }[];
    };
    assert.deepEqual(
      documentChanges.map((it) => [it.textDocument.uri, it.edits.length]).sort(),
      [
        [uri, 2],
        [uriOf("b.prompt"), 1],
        [uriOf("legal/_footer.prompt"), 1],
      ].sort(),
    );
  });

  it("refuses a name that no template can say, with the reason", async () => {
    await assert.rejects(ask("textDocument/rename", { ...on("{{topic}}", 4), newName: "a b" }), /begins with a letter/);
    await assert.rejects(ask("textDocument/rename", { ...on("{{topic}}", 4), newName: "tpoic" }), /already a variable/);
  });

  it("renames a partial with its file", async () => {
    const { documentChanges } = (await ask("textDocument/rename", {
      ...on("legal/footer", 3),
      newName: "legal/end",
    })) as {
      readonly documentChanges: readonly { readonly kind?: string; readonly newUri?: string }[];
    };
    assert.equal(documentChanges.length, 3);
    assert.deepEqual([documentChanges[2]!.kind, documentChanges[2]!.newUri], ["rename", uriOf("legal/_end.prompt")]);
  });

  it("changes the uses of a partial whose file is renamed", async () => {
    const files = [{ oldUri: uriOf("legal/_footer.prompt"), newUri: uriOf("_bye.prompt") }];
    const { documentChanges } = (await ask("workspace/willRenameFiles", { files })) as {
      readonly documentChanges: readonly { readonly edits: readonly { readonly newText: string }[] }[];
    };
    assert.deepEqual(
      documentChanges.flatMap((it) => it.edits.map((one) => one.newText)),
      ["bye", "bye"],
    );
  });

  it("mends a mistyped variable", async () => {
    const range = { start: at("tpoic", 1), end: at("tpoic", 1) };
    const actions = (await ask("textDocument/codeAction", {
      textDocument: { uri },
      range,
      context: { diagnostics: [] },
    })) as readonly { readonly title: string; readonly isPreferred?: boolean }[];
    assert.equal(actions[0]!.title, 'Change to "topic"');
    assert.equal(actions[0]!.isPreferred, true);
    assert.ok(actions.some((it) => it.title === "Make Portable"));
  });

  it("says of a partial's variable which prompts use the partial", async () => {
    const own = uriOf("legal/_footer.prompt");
    const textDocument = { uri: own, languageId: "dotprompt", version: 1, text: "Bye, {{topic}}." };
    send(server, { method: "textDocument/didOpen", params: { textDocument } });
    const params = { textDocument: { uri: own }, position: { line: 0, character: 8 } };
    const { contents } = (await ask("textDocument/hover", params)) as { readonly contents: { readonly value: string } };
    send(server, { method: "textDocument/didClose", params: { textDocument: { uri: own } } });
    assert.match(contents.value, /- `\.\.\/a\.prompt`, line 9: its own `topic`, string/);
    assert.match(contents.value, /- `\.\.\/b\.prompt`, line 1: its own `topic`$/m);
  });

  it("makes an example of selected text, and not in a partial", async () => {
    const titles = async (name: string, text: string) => {
      const own = uriOf(name);
      const textDocument = { uri: own, languageId: "dotprompt", version: 1, text };
      send(server, { method: "textDocument/didOpen", params: { textDocument } });
      const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 5 } };
      const actions = await ask("textDocument/codeAction", {
        textDocument: { uri: own },
        range,
        context: { diagnostics: [] },
      });
      send(server, { method: "textDocument/didClose", params: { textDocument: { uri: own } } });
      return (actions as readonly { readonly title: string }[]).map((it) => it.title);
    };
    assert.deepEqual(await titles("shot.prompt", "Hello you"), ["Use as few-shot example"]);
    assert.deepEqual(await titles("_shot.prompt", "Hello you"), []);
  });

  it("has an outline, folds, colours, links and the lenses of the client's own commands", async () => {
    const document = { textDocument: { uri } };
    const count = async (method: string) =>
      ((await ask(`textDocument/${method}`, document)) as readonly unknown[]).length;
    assert.equal(await count("documentSymbol"), 3);
    assert.ok(4 <= (await count("foldingRange")));
    assert.equal(await count("codeLens"), 1);
    assert.equal(await count("documentLink"), 1);
    const { data } = (await ask("textDocument/semanticTokens/full", document)) as { readonly data: readonly number[] };
    assert.equal(data.length % 5, 0);
    assert.ok(5 * 8 <= data.length);
  });

  it("says where the tests of a prompt stand", async () => {
    write("tests.prompt", "---\ntiller.tests:\n  - name: a\n    input: {}\n  - { name: b, input: {} }\n---\nHi");
    assert.deepEqual(await ask("tiller/promptTests", { uri: uriOf("tests.prompt") }), {
      tests: [
        { name: "a", firstLine: 2, lastLine: 3 },
        { name: "b", firstLine: 4, lastLine: 4 },
      ],
    });
    assert.equal(await ask("tiller/promptTests", { uri: uriOf("gone.prompt") }), null);
  });

  it("puts a prompt into form, and of a partial only the tags: all of its text is sent", async () => {
    const formatted = async (name: string, text: string) => {
      const own = uriOf(name);
      send(server, {
        method: "textDocument/didOpen",
        params: { textDocument: { uri: own, languageId: "dotprompt", version: 1, text } },
      });
      const options = { tabSize: 2, insertSpaces: true };
      const edits = await ask("textDocument/formatting", { textDocument: { uri: own }, options });
      send(server, { method: "textDocument/didClose", params: { textDocument: { uri: own } } });
      const places = edits as readonly { readonly range: { readonly start: { readonly line: number } } }[];
      return [...new Set(places.map((it) => it.range.start.line))];
    };
    const text = "---\nmodel:   x\n---\n{{ name }}\n";
    assert.deepEqual(await formatted("form.prompt", text), [1, 3]);
    assert.deepEqual(await formatted("_form.prompt", text), [3]);
  });

  it("forgets a document that is closed: another of the same name is read anew", async () => {
    const other = "untitled:Untitled-1";
    const hoverIn = async (text: string) => {
      const textDocument = { uri: other, languageId: "dotprompt", version: 1, text };
      send(server, { method: "textDocument/didOpen", params: { textDocument } });
      const found = await ask("textDocument/hover", {
        textDocument: { uri: other },
        position: { line: 0, character: 3 },
      });
      send(server, { method: "textDocument/didClose", params: { textDocument: { uri: other } } });
      return JSON.stringify(found);
    };
    assert.match(await hoverIn("{{first}}"), /first/);
    assert.match(await hoverIn("{{second}}"), /second/);
  });

  it("answers for a document that nobody opened with nothing", async () => {
    const place = { textDocument: { uri: uriOf("b.prompt") }, position: { line: 0, character: 0 } };
    assert.equal(await ask("textDocument/hover", place), null);
    assert.ok(existsSync(join(folder, "b.prompt")));
  });
});
