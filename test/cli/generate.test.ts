// Writing, reading tokens and scoring with the embedded model: what stands on stdout, what on stderr, what in files.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { GenerateResult, ScoreResult, TokenizeResult } from "../../src/protocol/engine.js";
import { Workplace } from "./tiller.js";

const tiller = new Workplace();
const france = ["generate", "The capital of France is", "--max-tokens", "8"];

test("text goes to stdout, progress to stderr", async () => {
  const { code, stdout, stderr } = await tiller.run(france);
  assert.equal(code, 0);
  assert.match(stdout, /^ Paris.*\n$/s);
  assert.match(stderr, /^loading SmolLM2.*\nSmolLM2.* read 5 tokens in .* and wrote 8 tokens, \d+ tokens\/s\.\n/);
  assert.match(stderr, /It was cut off: the limit of tokens was reached\.\n$/);
});

test("--quiet leaves stderr empty", async () => {
  const { stderr } = await tiller.run([...france, "--quiet"]);
  assert.equal(stderr, "");
});

test("--json is one value with text, tokens and usage", async () => {
  const { stdout } = await tiller.run([...france, "--json"]);
  const result = JSON.parse(stdout) as GenerateResult;
  assert.match(result.text, /^ Paris/);
  assert.deepEqual([result.finish, result.ids.length, result.usage.promptTokens], ["length", 8, 5]);
});

test("--json --stream is a line for each event; the texts make up the result", async () => {
  const { stdout } = await tiller.run([...france, "--json", "--stream", "--top", "2"]);
  const lines = stdout.trimEnd().split("\n");
  const events = lines.map(
    (it) => JSON.parse(it) as { type: string; text?: string; result?: GenerateResult; top?: [] },
  );
  const last = events.at(-1)!;
  assert.equal(last.type, "result");
  assert.equal(last.result!.text, events.flatMap((it) => (it.type === "text" ? [it.text] : [])).join(""));
  const tokens = events.filter((it) => it.type === "token");
  assert.deepEqual(
    tokens.map((it) => it.top!.length),
    Array(8).fill(2),
  );
});

test("a stop text ends the writing and is not written", async () => {
  const { stdout } = await tiller.run(["generate", "One, two, three, four,", "--stop", " six", "--quiet"]);
  assert.equal(stdout, " five,\n");
});

test("--prompt-lookup guesses what repeats the prompt, and says what that was good for", async () => {
  const text = "apple, pear, plum, ".repeat(4);
  const args = ["generate", text, "--max-tokens", "16", "--precision", "exact"];
  const plain = await tiller.run(args);
  const looking = await tiller.run([...args, "--prompt-lookup"]);
  assert.equal(looking.stdout, plain.stdout);
  const [, steps, right] = /^It took (\d+) steps? for 16 tokens; right guesses: (\d+) of \d+\.$/m.exec(looking.stderr)!;
  assert.equal(Number(steps) + Number(right), 15); // the last token is not read
  assert.ok(Number(steps) < 10, looking.stderr);
  assert.doesNotMatch(plain.stderr, /guess/);
});

test("a choice is kept", async () => {
  const messages = JSON.stringify([{ role: "user", content: "Is the sky blue on a clear day?" }]);
  const args = ["generate", "--messages", messages, "--choice", "certainly", "--choice", "never", "--quiet"];
  const { stdout } = await tiller.run(args);
  assert.ok(["certainly\n", "never\n"].includes(stdout), stdout);
});

test("the same seed writes the same text, another one another", async () => {
  const sampled = [...france, "--quiet", "--set", "temperature=1.5", "--seed"];
  const [first, again, other] = await Promise.all(
    ["1", "1", "2"].map(async (seed) => (await tiller.run([...sampled, seed])).stdout),
  );
  assert.equal(first, again);
  assert.notEqual(first, other);
});

test("a prompt may come from standard input", async () => {
  const args = ["generate", "--prompt-file", "-", "--max-tokens", "1", "--quiet"];
  assert.equal((await tiller.run(args, { stdin: "The capital of France is" })).stdout, " Paris\n");
});

test("--out holds the text, stdout nothing", async () => {
  const { stdout } = await tiller.run([...france, "--out", "answer.txt"]);
  assert.equal(stdout, "");
  assert.match(readFileSync(join(tiller.folder, "answer.txt"), "utf8"), /^ Paris/);
});

test("a file that was there is replaced, and nothing is left beside it", async () => {
  const path = tiller.file("kept/answer.txt", "old");
  await tiller.run([...france, "--json", "--out", path]);
  assert.equal((JSON.parse(readFileSync(path, "utf8")) as GenerateResult).finish, "length");
  assert.deepEqual(readdirSync(join(tiller.folder, "kept")), ["answer.txt"]);
});

test("what fails leaves the file as it was", async () => {
  const path = tiller.file("kept/answer.txt", "old");
  const { code } = await tiller.run(["generate", "--ids", "[999999]", "--out", path]);
  assert.equal(code, 2);
  assert.equal(readFileSync(path, "utf8"), "old");
  assert.deepEqual(readdirSync(join(tiller.folder, "kept")), ["answer.txt"]);
});

test("a prompt longer than the context is refused with both numbers", async () => {
  const { code, stderr } = await tiller.run(["generate", "one two three four five six", "--context", "4"]);
  assert.equal(code, 1);
  assert.match(stderr, /error: The prompt has 6 tokens, and this model's context holds 4/);
});

test("more context than the model was trained for is refused", async () => {
  const { code, stderr } = await tiller.run(["generate", "Hi", "--context", "100000"]);
  assert.equal(code, 2);
  assert.match(stderr, /1 to 8192 tokens/);
});

for (const [given, reason] of [
  ["nonsense", /^error: The value of --messages is not JSON: /],
  ["@missing.json", /^error: There is no file .*missing\.json\.\n$/],
  ["[]", /^error: --messages is a list of .*, not empty\.\n$/],
  ['[{"role": "user"}]', /^error: --messages is a list of .*; number 1 is \{"role":"user"\}\.\n$/],
] as const) {
  test(`--messages ${given} is refused`, async () => {
    const { code, stdout, stderr } = await tiller.run(["generate", "--messages", given]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, reason);
  });
}

test("tokens of a text hold no special ones, unless they are asked for", async () => {
  const text = "Hi<|im_end|>";
  const plain = await tokenize(text);
  assert.deepEqual(plain.special, []);
  assert.equal(plain.tokens.join(""), text);
  const parsed = await tokenize(text, "--parse-special");
  assert.deepEqual(parsed.special, [parsed.ids.length - 1]);
});

test("tokens of messages are those of the model's own template", async () => {
  const result = await tokenize("--messages", '[{"role": "user", "content": "Hi"}]');
  assert.match(result.text, /<\|im_start\|>user\nHi<\|im_end\|>\n<\|im_start\|>assistant\n$/);
});

test("tokens for people are a list with their ids", async () => {
  const { stdout } = await tiller.run(["tokenize", "Hi\nyou"]);
  assert.match(stdout, /^ +\d+ {2}"Hi"\n +\d+ {2}"\\n"\n +\d+ {2}"you"\n$/);
});

test("a score has a log-probability for every token but the first, and alternatives for every place", async () => {
  const { stdout } = await tiller.run(["score", "The capital of France is Paris.", "--json", "--top", "3"]);
  const { ids, tokens, logprobs, top, perplexity } = JSON.parse(stdout) as ScoreResult;
  assert.equal(tokens.join(""), "The capital of France is Paris.");
  assert.deepEqual([logprobs.length, top.length], [ids.length, ids.length]);
  assert.equal(logprobs[0], null);
  const known = logprobs.slice(1) as number[];
  assert.ok(known.every((it) => it < 0));
  const mean = known.reduce((sum, it) => sum + it, 0) / known.length;
  assert.ok(Math.abs(perplexity! - Math.exp(-mean)) < 1e-9);
  assert.deepEqual(
    top.map((it) => it.length),
    ids.map(() => 3),
  );
  // " Paris" is likeliest after " is", and its probability there is that of the token itself.
  const place = tokens.indexOf(" Paris");
  assert.equal(top[place - 1]![0]!.token, " Paris");
  assert.equal(top[place - 1]![0]!.logprob, logprobs[place]);
});

test("a score for people is a table", async () => {
  const { stdout } = await tiller.run(["score", "The capital of France is Paris."]);
  assert.match(stdout, /^token +logprob +chance {2}likeliest here\n"The"\n" capital" +-\d/);
  assert.match(stdout, /\n" Paris" .* " Paris" \d+\.\d % /);
  assert.match(stdout, /\n\nperplexity \d+\.\d{3}\n$/);
});

test("nothing was left beside the files", () => {
  assert.ok(existsSync(join(tiller.folder, "answer.txt")));
  assert.deepEqual(
    readdirSync(tiller.folder).filter((it) => it.endsWith(".tmp")),
    [],
  );
});

async function tokenize(...args: readonly string[]): Promise<TokenizeResult> {
  const { stdout } = await tiller.run(["tokenize", ...args, "--json"]);
  return JSON.parse(stdout) as TokenizeResult;
}

test("sparse attention is told of, and what was seen is part of the result", async () => {
  const args = ["generate", "One, two, three, four, five, six,", "--max-tokens", "2", "--attention", "endless:2,3"];
  const { stdout, stderr } = await tiller.run([...args, "--json"]);
  const { usage } = JSON.parse(stdout) as GenerateResult;
  assert.equal(usage.attention?.pattern, "streaming");
  assert.match(
    stderr,
    /It was written with streaming attention: its first token saw \d+ of \d+ tokens of the prompt\./,
  );
});

test("what long prompts see is set for the model, and short ones see everything", async () => {
  const args = ["--max-tokens", "1", "--long-attention", "streaming:4,64", "--json"];
  const usage = async (prompt: string) => {
    const { stdout } = await tiller.run(["generate", prompt, ...args]);
    return (JSON.parse(stdout) as GenerateResult).usage;
  };
  const long = await usage("one two three four ".repeat(540));
  assert.ok(2048 < long.promptTokens);
  assert.equal(long.attention?.pattern, "streaming");
  assert.equal((await usage("one two three four")).attention, undefined);
});
