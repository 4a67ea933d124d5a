// What is said of models and adapters that a front matter names, and which are offered.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

import { artefactAt, artefactHover, sizeText } from "../../src/lang/editor/artefact.js";
import { parse } from "../../src/lang/parser.js";
import { artefactFacts } from "../../src/server/artefactFacts.js";
import { PromptFiles } from "../../src/server/promptFiles.js";
import { temporaryFolder } from "../temporaryFolder.js";

const root = join(import.meta.dirname, "../../..");
const model = join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf");
const adapters = join(root, "examples/adapters");
const folder = temporaryFolder("artefacts");
after(() => rmSync(folder, { recursive: true, force: true }));

test("a model or an adapter is found under the pointer, wherever the front matter names it", () => {
  const text = [
    "---",
    "model: small",
    "tiller.adapters:",
    "  - pirate",
    '  - { name: "terse", uri: ../a/b, scale: 0.5 }',
    "---",
    "pirate",
  ].join("\n");
  const at = (word: string) => {
    const found = artefactAt(parse(text).file, text.indexOf(word) + 1);
    return found && [found.kind, found.name, text.slice(found.span.start, found.span.end)];
  };
  assert.deepEqual(at("small"), ["model", "small", "small"]);
  assert.deepEqual(at("pirate"), ["adapter", "pirate", "pirate"]);
  assert.deepEqual(at('"terse"'), ["adapter", "terse", '"terse"']);
  assert.deepEqual(at("../a/b"), ["adapter", "../a/b", "../a/b"]);
  assert.equal(at("0.5"), undefined);
  assert.equal(at("model"), undefined);
  assert.equal(artefactAt(parse(text).file, text.length - 2), undefined);
});

test("a model's head says what it is", async () => {
  const { facts, sizeBytes, problem } = await artefactFacts(model);
  const said = new Map(facts);
  assert.equal(problem, undefined);
  assert.equal(said.get("architecture"), "llama");
  assert.equal(said.get("layers"), "30");
  assert.equal(said.get("context"), "8,192 tokens");
  assert.match(said.get("weights")!, /^13[45] M, [45]\.\d bits each$/);
  assert.ok(50e6 < sizeBytes!);
});

test("an adapter's folder says its form, its base and what it was trained on", async () => {
  const { facts, summary, sizeBytes } = await artefactFacts(join(adapters, "pirate"));
  assert.equal(summary, "Answers in pirate speech.");
  assert.deepEqual(facts, [
    ["form", "LoRA, rank 8, alpha 16"],
    ["for", "HuggingFaceTB/SmolLM2-135M-Instruct"],
    ["acts on", "k_proj, o_proj, q_proj, v_proj"],
    ["trained on", "train.jsonl, 220 examples"],
  ]);
  assert.ok(1e6 < sizeBytes!);
});

test("data sets that a model card names go before the examples beside it", async () => {
  const own = join(folder, "carded");
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, "adapter_config.json"), '{"peft_type": "IA3", "target_modules": "all-linear"}');
  writeFileSync(join(own, "README.md"), "---\ndatasets:\n  - org/one\n  - org/two\n---\n# Title\n\nSays *much*.\n");
  writeFileSync(join(own, "train.jsonl"), "{}\n");
  const { facts, summary, problem } = await artefactFacts(own);
  assert.deepEqual(facts, [["form", "ia3"], ["acts on", "all-linear"], ["trained on", "org/one, org/two"]]); // prettier-ignore
  assert.equal(summary, "Says *much*.");
  assert.equal(problem, "Its file of weights is missing.");
});

test("a GGUF adapter says that it is one", async () => {
  const said = new Map((await artefactFacts(join(adapters, "pirate/pirate.lora.gguf"))).facts);
  assert.equal(said.get("form"), "lora");
  assert.equal(said.get("alpha"), "16");
});

test("a damaged file is a problem that is said, and nothing is thrown", async () => {
  const broken = join(folder, "broken.gguf");
  writeFileSync(broken, "GGUFxxxx");
  for (const it of [broken, join(folder, "none.gguf")]) {
    const facts = await artefactFacts(it);
    assert.match(facts.problem!, /cannot be read/);
    assert.match(artefactHover({ kind: "model", name: "b", span: { start: 0, end: 1 } }, facts).markdown, /cannot be/);
  }
});

test("what a file says of itself is shown as text, and a name that nothing has says where it was looked for", () => {
  const named = { kind: "adapter", name: "x", span: { start: 0, end: 1 } } as const;
  const { markdown } = artefactHover(named, {
    path: "/a/x",
    sizeBytes: 1234567,
    summary: "See <b>[this](command:x)</b>",
    facts: [["for", "a_b"]],
  });
  assert.match(markdown, /See \\<b\\>\\\[this\\\]\\\(command:x\\\)/);
  assert.match(markdown, /- for: a\\_b\n- size: 1\.23 MB\n- file: `\/a\/x`/);
  assert.match(artefactHover(named, undefined).markdown, /none of this name beside the prompt/);
});

test("models and adapters of the workspace, above the prompt and of the usual folders are offered once each", () => {
  const workspace = join(folder, "work");
  const usual = join(folder, "usual");
  for (const it of ["prompts/adapters/near", "other/far", "models"])
    mkdirSync(join(workspace, it), { recursive: true });
  for (const it of ["adapters/near", "models"]) mkdirSync(join(usual, it), { recursive: true });
  const config = '{"peft_type": "LORA", "r": 4}';
  for (const it of ["work/prompts/adapters/near", "work/other/far", "usual/adapters/near"])
    writeFileSync(join(folder, it, "adapter_config.json"), config);
  copyFileSync(join(adapters, "pirate/pirate.lora.gguf"), join(usual, "adapters/pirate.lora.gguf"));
  writeFileSync(join(workspace, "models/own.gguf"), "GGUF");
  writeFileSync(join(usual, "models/Usual.gguf"), "GGUF");
  const files = new PromptFiles(
    { get: () => undefined, all: () => [] },
    { models: [join(usual, "models")], adapters: [join(usual, "adapters")] },
  );
  files.setRoots([workspace]);
  const uri = pathToFileURL(join(workspace, "prompts/a.prompt")).href;
  const around = files.surroundings(uri);
  assert.deepEqual(around.models, [{ name: "../models/own.gguf", detail: "4 bytes" }, { name: "Usual.gguf", detail: "4 bytes" }]); // prettier-ignore
  assert.deepEqual(around.adapters, [
    { name: "far", detail: "LoRA, rank 4" },
    { name: "near", detail: "LoRA, rank 4" },
    { name: "pirate", detail: "GGUF" },
  ]);
  const find = (kind: "model" | "adapter", name: string) => files.artefact(uri, { kind, name });
  assert.equal(find("model", "../models/own.gguf"), join(workspace, "models/own.gguf"));
  assert.equal(find("model", "usual"), join(usual, "models/Usual.gguf"));
  assert.equal(find("model", "googleai/gemini"), undefined);
  assert.equal(find("adapter", "near"), join(usual, "adapters/near"), "the usual folders go first, as in a run");
  assert.equal(find("adapter", "adapters/near"), join(workspace, "prompts/adapters/near"));
  assert.equal(find("adapter", "far"), join(workspace, "other/far"));
  assert.equal(find("adapter", "pirate"), join(usual, "adapters/pirate.lora.gguf"));
  assert.equal(find("adapter", "../../.."), undefined);
});

test("sizes are in three figures", () => {
  assert.deepEqual([0, 999, 1000, 1234567, 98765432100].map(sizeText), ["0 bytes", "999 bytes", "1.00 kB", "1.23 MB", "98.8 GB"]); // prettier-ignore
});
