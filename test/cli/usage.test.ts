// Wrong usage: exit code 2, nothing on stdout, and a message that says what is wrong and what was probably meant.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Workplace } from "./tiller.js";

const tiller = new Workplace();

test("an unknown command is answered with the one that was meant", () =>
  checkUsage(["rnu", "a.prompt"], '"rnu" is not a command. Did you mean run? See tiller --help.'));

test("a file where a command belongs is answered with the command", () =>
  checkUsage(
    ["hello.prompt"],
    '"hello.prompt" is not a command. Did you mean tiller run hello.prompt? See tiller --help.',
  ));

test("an unknown command of a group is answered from that group", () =>
  checkUsage(
    ["models", "lst"],
    '"tiller models lst" is not a command. Did you mean models list? See tiller models --help.',
  ));

test("an unknown option is answered with the one that was meant", () =>
  checkUsage(
    ["generate", "Hi", "--max-token", "3"],
    "tiller generate has no option --max-token. Did you mean --max-tokens? See tiller generate --help.",
  ));

test("an option that is like no other has no hint", () =>
  checkUsage(["doctor", "--frobnicate"], "tiller doctor has no option --frobnicate. See tiller doctor --help."));

test("an option without its value is told which one it needs", () =>
  checkUsage(["generate", "Hi", "--seed"], "--seed needs a value (N), but the command ends there."));

test("an option is not taken for the value of another", () =>
  checkUsage(
    ["generate", "Hi", "--seed", "--quiet"],
    "--seed needs a value (N), but --quiet follows; write --seed=--quiet if you mean that.",
  ));

test("a switch takes no value", () =>
  checkUsage(["doctor", "--json=yes"], '--json takes no value, but "yes" was given.'));

test("a number must be one", () =>
  checkUsage(["generate", "Hi", "--max-tokens", "many"], '--max-tokens is a whole number, 1 or more, not "many".'));

for (const wrong of ["streming", "streaming:64,1k", "streaming:1,2,3", "dense:1", "toString"])
  test(`attention cannot be ${wrong}`, () =>
    checkUsage(
      ["score", "Hi", "--attention", wrong],
      `--attention is auto, dense, streaming, endless, block-sparse, columns, with whole numbers as in streaming:64,1024, not "${wrong}".`,
    ));

test("the attention of long prompts cannot be anything either", () =>
  checkUsage(
    ["generate", "Hi", "--long-attention", "streming"],
    '--long-attention is auto, dense, streaming, endless, block-sparse, columns, with whole numbers as in streaming:64,1024, not "streming".',
  ));

test("a number must be in its range", () =>
  checkUsage(["score", "Hi", "--top", "1000"], '--top is a whole number, 0 to 256, not "1000".'));

test("an unknown sampling setting is answered with the one that was meant", async () => {
  const { stderr } = await tiller.run(["generate", "Hi", "--set", "topp=1"]);
  assert.match(stderr, /^error: --set knows no "topp". Did you mean topP\? It knows temperature, topK/);
});

test("a sampling setting needs a number", () =>
  checkUsage(["generate", "Hi", "--set", "topP=high"], "--set topP needs a number, as in topP=0.5."));

test("a sampling setting outside its range is refused by the engine", async () => {
  const { code, stderr } = await tiller.run(["generate", "Hi", "--set", "topP=7"]);
  assert.equal(code, 2);
  assert.match(stderr, /error: .*topP/);
});

test("the precision is one of two", () =>
  checkUsage(["generate", "Hi", "--precision", "half"], '--precision is fast or exact, not "half".'));

test("a prompt is needed", () =>
  checkUsage(
    ["generate"],
    "Nothing was given: tiller generate needs one of a text, --prompt, --prompt-file, --messages or --ids. See tiller generate --help.",
  ));

test("one prompt is enough", () =>
  checkUsage(
    ["generate", "Hi", "--ids", "[1]"],
    "Several were given: tiller generate needs one of a text, --prompt, --prompt-file, --messages or --ids. See tiller generate --help.",
  ));

test("a text that was not quoted is noticed", () =>
  checkUsage(["generate", "Hello", "you"], 'tiller generate takes one text; put it in quotes, or "you" is too much.'));

test("--stream belongs to --json", () =>
  checkUsage(["generate", "Hi", "--stream"], "--stream belongs to --json; without it text streams anyway."));

test("with --json the error is JSON on stdout too", async () => {
  const { code, stdout, stderr } = await tiller.run(["models", "inspect", "--json"]);
  const message = "tiller models inspect needs a model (a file or a name). See tiller models inspect --help.";
  assert.deepEqual(JSON.parse(stdout), { error: { code: "usage", message } });
  assert.equal(stderr, `error: ${message}\n`);
  assert.equal(code, 2);
});

test("no command shows the overview", async () => {
  const { code, stdout } = await tiller.run([]);
  assert.equal(code, 0);
  for (const it of ["generate", "models list", "doctor"]) assert.match(stdout, new RegExp(`^ {2}${it} `, "m"));
});

for (const args of [
  ["generate", "--help"],
  ["help", "generate"],
  ["generate", "-h"],
]) {
  test(`${args.join(" ")} tells of its options`, async () => {
    const { code, stdout, stderr } = await tiller.run(args);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /Usage: tiller generate \[TEXT\] \[options\]/);
    assert.match(stdout, /--max-tokens N/);
  });
}

test("a group without a command shows its commands", async () => {
  const { code, stderr } = await tiller.run(["models"]);
  assert.equal(code, 2);
  assert.match(stderr, /models inspect/);
  assert.doesNotMatch(stderr, /doctor/);
});

test("--version is that of the package", async () => {
  const { stdout } = await tiller.run(["--version"]);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

async function checkUsage(args: readonly string[], message: string): Promise<void> {
  const outcome = await tiller.run(args);
  assert.deepEqual(outcome, { code: 2, stdout: "", stderr: `error: ${message}\n` });
}
