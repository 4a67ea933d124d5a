// `tiller constrain`: what is accepted, and where and why something is not.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Explanation } from "../../src/protocol/constraint.js";
import type { ConstrainResult } from "../../src/protocol/engine.js";
import { Workplace } from "./tiller.js";

const tiller = new Workplace();

tiller.file(
  "person.json",
  '{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name"],"additionalProperties":false}',
);
tiller.file("list.gbnf", 'root ::= "(" root* ")" | [a-z]+\n');

test("a text that the schema accepts is accepted, with exit code 0", async () => {
  const { code, stdout } = await tiller.run(["constrain", "--schema", "person.json", '{"name":"Ada"}']);
  assert.deepEqual([code, stdout], [0, "accepted\n"]);
});

test("a text that it does not is shown with the place, what could stand there, and a way to the end", async () => {
  const { code, stdout } = await tiller.run(["constrain", "--schema", "person.json", '{"name":"Ada","size":3}']);
  assert.equal(code, 1);
  assert.match(stdout, /^rejected at character 16: after "\{\\"name\\":\\"Ada\\",\\"" there is "size\\":3\}"\n/);
  assert.match(stdout, /allowed there: "age\\":"\n/);
  assert.match(stdout, /a shortest completion: "age\\":0\}"\n$/);
});

test("a text that stops too early is not complete", async () => {
  const { code, stdout } = await tiller.run(["constrain", "--gbnf", "list.gbnf", "--json", "--text", "((a)"]);
  const found = JSON.parse(stdout) as Explanation;
  assert.deepEqual([code, found.verdict, found.position, found.completion], [1, "incomplete", 4, ")"]);
});

test("without a text the constraint itself is looked at", async () => {
  const { code, stdout } = await tiller.run(["constrain", "--regex", "[0-9]{3}x?"]);
  assert.deepEqual([code, stdout], [0, "The constraint can be enforced. A shortest text that it accepts:\n000\n"]);
});

test("with a model its tokens are walked, up to the first that is not allowed", async () => {
  const args = ["constrain", "--regex", "[0-9]+x", "--model", "embedded", "--json", "--text", "12y"];
  const { code, stdout } = await tiller.run(args);
  const { verdict, tokens, memoryBytes } = JSON.parse(stdout) as ConstrainResult;
  assert.deepEqual([code, verdict], [1, "rejected"]);
  assert.deepEqual(
    tokens.map(({ token, allowed, fits }) => [token, allowed, fits]),
    [
      ["1", 10, true],
      ["2", 11, true],
      ["y", 11, false],
    ],
  );
  assert.ok(0 < memoryBytes);
});

for (const [args, message] of [
  [["--regex", "(a"], /"\(" is never closed at position 1/],
  [["--regex", "a", "--gbnf", "list.gbnf"], /needs one of --schema/],
  [["--schema", "list.gbnf"], /list\.gbnf is not JSON/],
  [["--schema", "missing.json"], /missing\.json/],
] as const) {
  test(`${args.join(" ")} is refused with the reason`, async () => {
    const { code, stderr } = await tiller.run(["constrain", ...args]);
    assert.notEqual(code, 0);
    assert.match(stderr, message);
  });
}
