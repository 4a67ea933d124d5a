// `tiller steer ...`: files in; a control vector, a report and what is wrong with the files out.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { promptsIn } from "../../src/cli/steerPrompts.js";
import { openAdapter } from "../../src/engine/adapters/openAdapter.js";
import { openModelFile } from "../../src/engine/gguf/modelFile.js";
import type { LayerSeparation } from "../../src/engine/steering/heldOut.js";
import type { ScoreResult } from "../../src/protocol/engine.js";
import { Workplace } from "./tiller.js";

const tiller = new Workplace();
const examples = join(import.meta.dirname, "../../../examples/steering");
for (const it of ["cheerful", "sad", "formal", "casual"])
  tiller.file(`${it}.txt`, readFileSync(join(examples, `${it}.txt`)));

const sides = (positive: string, negative: string) => ["--positive", positive, "--negative", negative];
const make = (...args: readonly string[]) => tiller.run(["steer", "make", ...args]);

interface Made {
  readonly layers: readonly [number, number];
  readonly best: readonly [number, number];
  readonly pairs: number;
  readonly report: readonly LayerSeparation[];
}

for (const [positive, negative, method] of [
  ["cheerful", "sad", "mean"],
  ["formal", "casual", "pca"],
] as const)
  test(`the ${method} of ${positive} against ${negative} tells at least 80 % of held-out pairs apart in its best layers`, async () => {
    const files = sides(`${positive}.txt`, `${negative}.txt`);
    const { code, stdout, stderr } = await make(...files, "--method", method, "--out", `${positive}.gguf`, "--json");
    assert.equal(code, 0, stderr);
    const { best, report, pairs, layers } = JSON.parse(stdout) as Made;
    assert.deepEqual([pairs, report.length, layers], [12, 29, [1, 29]]);
    for (const it of report.slice(best[0] - 1, best[1])) {
      assert.ok(0.8 <= it.right / it.pairs, `layer ${it.layer}: ${it.right} of ${it.pairs}`);
      assert.ok(0.8 <= it.auc, `layer ${it.layer}: ${it.auc}`);
    }
    const file = await openModelFile(join(tiller.folder, `${positive}.gguf`));
    file.close();
    assert.equal(file.metadata.text("general.architecture"), "controlvector");
    assert.equal(file.metadata.text("controlvector.model_hint"), "llama");
    assert.equal(file.metadata.text("tiller.steer.method"), method);
    assert.deepEqual(
      [...file.tensors.values()].map((it) => [it.name, it.shape.join()]),
      Array.from({ length: 29 }, (_, i) => [`direction.${i + 1}`, "576"]),
    );
    const source = await openAdapter(join(tiller.folder, `${positive}.gguf`));
    source.close();
    assert.deepEqual([source.facts.form, source.facts.layers], ["control-vector", 29]);
  });

test("a made vector steers: cheerful words become likelier than sad ones, the more the stronger", async () => {
  const made = await make(...sides("cheerful.txt", "sad.txt"), "--layers", "best", "--out", "steer.gguf", "--json");
  assert.equal(made.code, 0, made.stderr);
  const { layers, best } = JSON.parse(made.stdout) as Made;
  assert.deepEqual(layers, best);
  const preference = async (scale: number) => {
    const logprob = async (word: string) => {
      const args = ["score", `Today I feel very ${word}`, "--adapter", `steer.gguf=${scale}`, "--json"];
      const { code, stdout, stderr } = await tiller.run(args);
      assert.equal(code, 0, stderr);
      return (JSON.parse(stdout) as ScoreResult).logprobs.at(-1)!;
    };
    return (await logprob("happy")) - (await logprob("sad"));
  };
  const found: number[] = [];
  for (const scale of [-4, 0, 4]) found.push(await preference(scale));
  assert.ok(found[0]! < found[1]! && found[1]! < found[2]!, found.join(" "));
});

test("a vector is inspected, alone and on other pairs", async () => {
  const alone = await tiller.run(["steer", "inspect", "cheerful.gguf"]);
  assert.equal(alone.code, 0, alone.stderr);
  assert.match(alone.stdout, /^made by +mean of 12 pairs$/m);
  assert.match(alone.stdout, /^layers +1 to 29$/m);
  assert.match(alone.stdout, /^length +1\.00$/m);
  const measured = await tiller.run(["steer", "inspect", "cheerful.gguf", ...sides("cheerful.txt", "sad.txt")]);
  assert.equal(measured.code, 0, measured.stderr);
  assert.match(measured.stdout, /^ +15 +12 of 12 +1\.000/m);
  // The opposite of what it was made of.
  const turned = await tiller.run(["steer", "inspect", "cheerful.gguf", ...sides("sad.txt", "cheerful.txt")]);
  assert.match(turned.stdout, /^ +15 +0 of 12 +0\.000/m);
});

const wrong: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  ["without files", ["--out", "x.gguf"], 2, /needs --positive FILE and --negative FILE/],
  ["without a place to write", sides("a.txt", "b.txt"), 2, /tiller steer make needs --out PATH/],
  ["to another format", [...sides("a.txt", "b.txt"), "--out", "x"], 2, /is a GGUF file: --out .*x\.gguf/],
  [
    "of three pairs",
    [...sides("three.txt", "other3.txt"), "--out", "x.gguf"],
    1,
    /3 pairs, and a direction needs at least 4/,
  ],
  [
    "of files of different lengths",
    [...sides("a.txt", "three.txt"), "--out", "x.gguf"],
    1,
    /a\.txt has 4 prompts and three\.txt has 3/,
  ],
  [
    "of the same prompt",
    [...sides("a.txt", "a.txt"), "--out", "x.gguf"],
    1,
    /Pair 1 of a\.txt and a\.txt is twice the same/,
  ],
  ["of a broken line", [...sides("a.txt", "bad.jsonl"), "--out", "x.gguf"], 1, /bad\.jsonl, line 2 is not JSON/],
  [
    "of a file that is not there",
    [...sides("none.txt", "a.txt"), "--out", "x.gguf"],
    1,
    /There is no file .*none\.txt/,
  ],
  [
    "by another method",
    [...sides("a.txt", "b.txt"), "--out", "x.gguf", "--method", "svd"],
    2,
    /mean or pca, not "svd"/,
  ],
  [
    "with all held out",
    [...sides("a.txt", "b.txt"), "--out", "x.gguf", "--holdout", "1"],
    2,
    /from 0 to 0\.5, not "1"/,
  ],
  ["of the first layer", [...sides("a.txt", "b.txt"), "--out", "x.gguf", "--layers", "0:3"], 2, /begins at 1/],
  [
    "of layers that are not there",
    [...sides("a.txt", "b.txt"), "--out", "x.gguf", "--layers", "8:30"],
    2,
    /ends at 29/,
  ],
  ["over a file", [...sides("a.txt", "b.txt"), "--out", "there.gguf"], 2, /is there already/],
];
tiller.file("a.txt", "one\ntwo\n\nthree\nfour\n");
tiller.file("b.txt", "eins\r\nzwei\r\ndrei\r\nvier");
tiller.file("three.txt", "one\ntwo\nthree\n");
tiller.file("other3.txt", "eins\nzwei\ndrei\n");
tiller.file("bad.jsonl", '"eins"\n{"prompt": \n');
tiller.file("there.gguf", "");
for (const [title, args, exit, message] of wrong)
  test(`a vector ${title} is refused`, async () => {
    const { code, stderr, stdout } = await make(...args);
    assert.match(stderr, message);
    assert.deepEqual([code, stdout], [exit, ""]);
  });

test("prompts are lines of text or of JSON, in a chat if asked for", () => {
  const text = (it: string) => ({ type: "text", text: it });
  const user = (it: string) => ({ type: "messages", messages: [{ role: "user", content: it }] });
  assert.deepEqual(promptsIn(" one\n\ntwo ", "a.txt", { chat: false }), [text(" one"), text("two ")]);
  assert.deepEqual(promptsIn("one", "a.txt", { chat: true }), [user("one")]);
  const lines = ['"one\\n1"', '{"prompt": "two", "more": 2}', '{"messages": [{"role": "user", "content": "three"}]}'];
  assert.deepEqual(promptsIn(lines.join("\n"), "a.jsonl", { chat: false }), [
    text("one\n1"),
    text("two"),
    { ...user("three"), continueLast: false },
  ]);
  const said = { role: "assistant", content: "So" };
  assert.deepEqual(promptsIn(JSON.stringify({ messages: [said] }), "a.jsonl", { chat: false }), [
    { type: "messages", messages: [said], continueLast: true },
  ]);
  assert.throws(
    () => promptsIn('{"text": 1}', "a.jsonl", { chat: false }),
    /a\.jsonl, line 1: expected a text in quotes/,
  );
});
