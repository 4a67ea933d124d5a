// `tiller adapters ...` and `--adapter`: what is listed, said, written and run.

import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { FoundAdapters } from "../../src/protocol/adapter.js";
import type { RouteResult, ScoreResult } from "../../src/protocol/engine.js";
import type { RunResult } from "../../src/protocol/run.js";
import { Workplace } from "./tiller.js";

const tiller = new Workplace();
const examples = join(import.meta.dirname, "../../../examples");
for (const it of ["pirate", "terse"])
  cpSync(join(examples, "adapters", it), join(tiller.folder, "adapters", it), { recursive: true });
tiller.file("ask.prompt", "What is the capital of Portugal?");
tiller.file("pirate.prompt", "---\ntiller.adapters: [pirate]\n---\nWhat is the capital of Portugal?\n");
tiller.file("wrong.prompt", "---\ntiller.adapters: [{name: parrot}]\n---\nHi\n");
tiller.file("broken/adapter_config.json", "{}");

const json = async <T>(args: readonly string[]): Promise<T> => {
  const { code, stdout, stderr } = await tiller.run([...args, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as T;
};

test("adapters are listed with their form and base model, and broken ones with the reason", async () => {
  const { adapters, broken } = await json<FoundAdapters>(["adapters", "list", "."]);
  assert.deepEqual(adapters, []);
  assert.match(broken[0]!.problem, /describes an adapter of the type "none"/);
  const all = await json<FoundAdapters>(["adapters", "list"]);
  const here = all.adapters.filter((it) => it.path.startsWith(tiller.folder));
  assert.deepEqual(
    here.map(({ name, form, format, rank }) => ({ name, form, format, rank })),
    [
      { name: "pirate", form: "lora", format: "peft", rank: 8 },
      { name: "pirate", form: "lora", format: "gguf", rank: 8 },
      { name: "terse", form: "lora", format: "peft", rank: 8 },
    ],
  );
  assert.equal(here[0]!.description, "Answers in pirate speech.");
  assert.equal(here[0]!.baseModel, "HuggingFaceTB/SmolLM2-135M-Instruct");
});

test("an adapter is inspected against a model", async () => {
  const { code, stdout } = await tiller.run(["adapters", "inspect", "pirate"]);
  assert.equal(code, 0);
  assert.match(stdout, /^fits +yes$/m);
  assert.match(stdout, /^parameters +921,600$/m);
});

test("a name that is not there is refused with a near one", async () => {
  const { code, stderr } = await tiller.run(["adapters", "inspect", "pirat"]);
  assert.equal(code, 1);
  assert.match(stderr, /There is no adapter "pirat".*Did you mean pirate\?/);
});

test("an adapter goes to llama.cpp's format and back, and writes the same probabilities", async () => {
  assert.equal((await tiller.run(["adapters", "convert", "pirate", "--out", "there.gguf"])).code, 0);
  assert.equal((await tiller.run(["adapters", "convert", "there.gguf", "--out", "back"])).code, 0);
  const score = (adapter: string) =>
    json<ScoreResult>(["score", "Ahoy, matey!", "--adapter", adapter, "--precision", "exact"]);
  const [own, file, back] = [await score("pirate"), await score("there.gguf"), await score("back")];
  assert.deepEqual(file.logprobs, own.logprobs);
  assert.deepEqual(back.logprobs, own.logprobs);
  const theirs = await score("adapters/pirate/pirate.lora.gguf");
  theirs.logprobs.forEach((it, i) => assert.ok(it === own.logprobs[i] || Math.abs(it! - own.logprobs[i]!) < 0.005));
});

test("what is there is not overwritten unasked", async () => {
  const { code, stderr } = await tiller.run(["adapters", "merge", "pirate=0.5", "--out", "adapters/pirate"]);
  assert.equal(code, 2);
  assert.match(stderr, /is there already\. Choose another --out, or replace it with --force/);
  assert.equal(readFileSync(join(tiller.folder, "adapters/pirate/README.md"), "utf8").startsWith("# pirate"), true);
});

test("adapters are merged, and what a smaller rank loses is said", async () => {
  const exact = await tiller.run(["adapters", "merge", "pirate=0.7", "terse=0.5", "--out", "both"]);
  assert.match(exact.stderr, /with rank 16: nothing is lost/);
  const cut = await json<{ rank: number; totalLost: number }>([
    ...["adapters", "merge", "pirate=0.7", "terse=0.5", "--rank", "8", "--out", "less"],
  ]);
  assert.equal(cut.rank, 8);
  assert.ok(0.01 < cut.totalLost && cut.totalLost < 0.3);
  assert.ok(existsSync(join(tiller.folder, "less/adapter_model.safetensors")));
});

test("routing shows each expert's part of each token", async () => {
  const folder = join(examples, "adapters");
  const { experts, tokens, places } = await json<RouteResult>(["adapters", "route", "Ahoy there", "--experts", folder]);
  assert.deepEqual(experts, ["commit-message", "pirate", "terse"]);
  assert.equal(places.length, 30 * 4);
  for (const { weights } of places) {
    assert.equal(weights.length, tokens.length);
    for (const it of weights) {
      assert.ok(Math.abs(it.reduce((a, b) => a + b) - 1) < 1e-5);
      assert.equal(it.filter((one) => one === 0).length, 1);
    }
  }
});

test("a prompt runs with its own adapters, and --adapter adds one or gives it another scale", async () => {
  const run = async (...args: string[]) =>
    (await json<RunResult>(["run", ...args, "--max-tokens", "12"])).output as string;
  const pirate = /\b(?:arr|matey|ye|aye|ahoy|yarr)\b/i;
  assert.doesNotMatch(await run("ask.prompt"), pirate);
  const own = await run("pirate.prompt");
  assert.match(own, pirate);
  assert.equal(await run("ask.prompt", "--adapter", "pirate"), own);
  assert.equal(await run("ask.prompt", "--adapter", "adapters/pirate=1"), own);
  assert.equal(await run("pirate.prompt", "--adapter", "pirate=0"), await run("ask.prompt"));
});

test("an adapter that the prompt names and nobody has is refused before anything is written", async () => {
  const { code, stdout, stderr } = await tiller.run(["run", "wrong.prompt"]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /There is no adapter "parrot"/);
});

for (const [args, part] of [
  [
    ["run", "ask.prompt", "--adapter", "pirate=x"],
    'The scale of --adapter pirate is a number, as in pirate=0.5, not "x"',
  ],
  [["run", "ask.prompt", "--adapter", "=1"], "--adapter needs a name"],
  [["adapters", "merge", "--out", "x"], "needs adapters"],
  [["adapters", "merge", "pirate"], "needs --out"],
  [["adapters", "route", "text"], "needs --experts"],
  [["generate", "text", "--experts-per-token", "2"], "need --experts"],
] as const) {
  test(`tiller ${args.join(" ")} is refused with the reason`, async () => {
    const { code, stderr } = await tiller.run(args);
    assert.equal(code, 2);
    assert.ok(stderr.includes(part), stderr);
  });
}
