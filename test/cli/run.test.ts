// Running prompts with the embedded model: what stands on stdout, on stderr and in files, and how bad prompts are refused.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { RunResult } from "../../src/protocol/run.js";
import { projectRoot, Workplace } from "./tiller.js";

const tiller = new Workplace();
tiller.file("capital.prompt", '{{role "model"}}The capital of France is {{gen "city" stop="." tokens=8}}.');
tiller.file(
  "two.prompt",
  `---
input: {schema: {fruit: string}, default: {fruit: apple}}
---
An {{fruit}} is a {{select "kind" "fruit" "stone"}}.{{role "model"}}The {{@gen.kind}} is {{gen "color" stop="." tokens=12}}.`,
);

test("a hole of text is written to stdout and nothing else", async () => {
  const { code, stdout, stderr } = await tiller.run(["run", "capital.prompt"]);
  assert.deepEqual([code, stdout], [0, "Paris\n"]);
  assert.match(stderr, /^loading SmolLM2.*\nSmolLM2.* read \d+ tokens in .* and wrote \d+ tokens, \d+ tokens\/s\.\n$/);
});

test("several holes end with their values, typed", async () => {
  const { stdout } = await tiller.run(["run", "two.prompt", "--quiet"]);
  assert.match(stdout, /^fruit\n.+\n\nResult\n {2}kind: {2}"fruit"\n {2}color: ".+"\n$/);
});

test("--json is the whole result", async () => {
  const { stdout } = await tiller.run(["run", "two.prompt", "--json"]);
  const { messages, holes, output, finish } = JSON.parse(stdout) as RunResult;
  const { kind, color } = output as { kind: string; color: string };
  assert.equal(kind, "fruit");
  assert.equal(finish, "stop");
  assert.deepEqual(messages, [
    { role: "user", content: "An apple is a fruit." },
    { role: "assistant", content: `The fruit is ${color}.` },
  ]);
  assert.deepEqual(
    holes.map((it) => [it.name, it.value]),
    [
      ["kind", kind],
      ["color", color],
    ],
  );
});

test("--json --stream is a line for each event and one for the result", async () => {
  const { stdout } = await tiller.run(["run", "two.prompt", "--json", "--stream"]);
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((it) => JSON.parse(it) as { type: string; name?: string; text?: string; result?: RunResult });
  const kinds = [...new Set(events.map((it) => it.type))];
  assert.deepEqual(kinds, ["rendered", "hole", "loading", "prefill", "text", "filled", "result"]);
  const written = events.filter((it) => it.type === "text" && it.name === "color").map((it) => it.text);
  assert.equal(written.join(""), events.at(-1)!.result!.holes[1]!.text);
});

test("the same seed writes the same text, another one another", async () => {
  const sampled = ["run", "two.prompt", "--quiet", "--set", "temperature=1.5", "--seed"];
  const [first, again, other] = await Promise.all(
    ["1", "1", "2"].map(async (seed) => (await tiller.run([...sampled, seed])).stdout),
  );
  assert.equal(first, again);
  assert.notEqual(first, other);
});

test("input comes from the command line, a file or standard input", async () => {
  const path = tiller.file("input.json", '{"fruit": "orange"}');
  for (const [given, stdin] of [
    ['{"fruit": "orange"}', ""],
    [`@${path}`, ""],
    ["@-", '{"fruit": "orange"}'],
  ] as const) {
    const { stdout } = await tiller.run(["run", "two.prompt", "--json", "--input", given], { stdin });
    assert.equal((JSON.parse(stdout) as RunResult).messages[0]!.content, "An orange is a fruit.");
  }
});

test("--out holds the text of the only hole", async () => {
  const { stdout } = await tiller.run(["run", "capital.prompt", "--out", "city.txt", "--quiet"]);
  assert.equal(stdout, "");
  assert.equal(readFileSync(join(tiller.folder, "city.txt"), "utf8"), "Paris\n");
});

test("--out holds the values of several holes as JSON", async () => {
  await tiller.run(["run", "two.prompt", "--out", "values.json"]);
  const values = JSON.parse(readFileSync(join(tiller.folder, "values.json"), "utf8")) as Record<string, string>;
  assert.deepEqual(Object.keys(values), ["kind", "color"]);
});

test("--max-tokens cuts free text and says so, and leaves a choice whole", async () => {
  const { code, stdout, stderr } = await tiller.run(["run", "two.prompt", "--json", "--max-tokens", "1"]);
  const { holes, finish } = JSON.parse(stdout) as RunResult;
  assert.deepEqual([code, finish, holes[0]!.value, holes[1]!.finish], [0, "length", "fruit", "length"]);
  assert.match(stderr, /color was cut off: the limit of tokens was reached\.\n$/);
});

test("a byte order mark and line ends of Windows do no harm", async () => {
  tiller.file("windows.prompt", "\ufeff---\r\nconfig:\r\n  maxOutputTokens: 3\r\n---\r\nSay hi.\r\n");
  const { code, stdout } = await tiller.run(["run", "windows.prompt", "--json"]);
  assert.equal(code, 0);
  assert.deepEqual((JSON.parse(stdout) as RunResult).messages[0], { role: "user", content: "Say hi." });
});

const bad: readonly (readonly [title: string, text: string | Uint8Array, code: string, message: RegExp])[] = [
  [
    "broken YAML",
    "---\nconfig: {temperature: 1\n---\nHi",
    "prompt-invalid",
    /bad\.prompt:3:1: the front matter is not valid YAML/,
  ],
  ["a front matter that never ends", "---\nconfig:\n", "prompt-invalid", /bad\.prompt:1:1: /],
  ["a block that never ends", "{{#if a}}Hi", "prompt-invalid", /bad\.prompt:1:/],
  ["an unknown helper", '{{shout "hi"}}', "prompt-invalid", /bad\.prompt:1:.*shout/],
  ["a missing partial", "{{> nowhere}}", "prompt-invalid", /bad\.prompt:1:.*nowhere/],
  [
    "bytes that are not UTF-8",
    Uint8Array.of(0x48, 0xe9, 0x21),
    "file-unreadable",
    /bad\.prompt is not UTF-8 text: byte 1 \(0xe9\)/,
  ],
  ["limits that no mask keeps", '{{gen "x" int=true words=3}}', "constraint-unsupported", /Hole "x", `int`: `words`/],
  [
    "input that is missing",
    "---\ninput: {schema: {name: string}}\n---\n{{name}}",
    "input-invalid",
    /"name" is missing/,
  ],
  [
    "an output schema that nothing satisfies",
    "---\noutput: {schema: {type: object, properties: {a: false}, required: [a]}}\n---\nHi",
    "constraint-invalid",
    /Hole "output", `json`: Nothing satisfies the constraint/,
  ],
];
for (const [title, text, code, message] of bad) {
  test(`${title}: the run is refused before the model is loaded`, async () => {
    tiller.file("bad.prompt", text);
    const outcome = await tiller.run(["run", "bad.prompt", "--json"]);
    const { error } = JSON.parse(outcome.stdout) as { error: { code: string; message: string } };
    assert.deepEqual([outcome.code, error.code], [1, code]);
    assert.match(error.message, message);
    assert.equal(outcome.stderr, `error: ${error.message}\n`);
  });
}

test("a partial that is not UTF-8 is refused by its own name", async () => {
  tiller.file("_odd.prompt", Uint8Array.of(0x80));
  tiller.file("partial.prompt", "{{> odd}}");
  const { code, stderr } = await tiller.run(["run", "partial.prompt"]);
  assert.equal(code, 1);
  assert.match(stderr, /_odd\.prompt is not UTF-8 text: byte 0 \(0x80\)/);
});

test("a partial cannot be fetched from outside the prompt's folder", async () => {
  tiller.file("_secret.prompt", "secret");
  tiller.file("inner/spy.prompt", "{{> ../secret}}");
  const { code, stdout, stderr } = await tiller.run(["render", "inner/spy.prompt"]);
  assert.equal(code, 1);
  assert.doesNotMatch(stdout, /secret/);
  assert.match(stderr, /spy\.prompt:1:/);
});

for (const [args, code, message] of [
  [["run", "capital.prompt", "--input", "{nonsense"], 1, /^error: The value of --input is not JSON: /],
  [["run", "capital.prompt", "--input", "[1]"], 1, /^error: --input is an object of variables .*, not a list\.\n$/],
  [["run", "capital.prompt", "--input", "@nowhere.json"], 1, /^error: There is no file .*nowhere\.json\.\n$/],
  [
    ["run", "two.prompt", "--input", '{"fruit": 7}'],
    1,
    /^error: The input does not fit the prompt: "fruit" should be a string, not 7\.\n$/,
  ],
  [["run", "nowhere.prompt"], 1, /^error: There is no file .*nowhere\.prompt\.\n$/],
  [["run", "."], 1, /^error: .* is a folder, not a file\.\n$/],
  [["run"], 2, /^error: tiller run needs a \.prompt file\. See tiller run --help\.\n$/],
  [["run", "a.prompt", "b.prompt"], 2, /^error: tiller run takes one \.prompt file; "b\.prompt" is too much\.\n$/],
  [["run", "capital.prompt", "--model", "nowhere.gguf"], 1, /^error: There is no model "nowhere\.gguf": /],
  [
    ["run", "capital.prompt", "--context", "4"],
    1,
    /^loading .*\nerror: The prompt has \d+ tokens, and this model's context holds 4/,
  ],
] as const) {
  test(`tiller ${args.join(" ")} is refused`, async () => {
    const outcome = await tiller.run(args);
    assert.deepEqual([outcome.code, outcome.stdout], [code, ""]);
    assert.match(outcome.stderr, message);
  });
}

for (const name of readdirSync(join(projectRoot, "examples")).filter((it) => /^[^_].*\.prompt$/.test(it))) {
  test(`the example ${name} runs, and every hole ends by itself`, async () => {
    const { code, stdout, stderr } = await tiller.run(["run", join(projectRoot, "examples", name), "--json"]);
    assert.equal(code, 0, stderr);
    const { finish, holes } = JSON.parse(stdout) as RunResult;
    assert.equal(finish, "stop");
    for (const hole of holes) assert.notEqual(hole.text.trim(), "");
  });
}

test("nothing is left behind in the folder or at home", () => {
  const hidden = readdirSync(tiller.folder).filter((it) => it.startsWith("."));
  assert.deepEqual(hidden, []);
});
