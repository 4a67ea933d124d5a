// tiller models experts, on a tiny mixture.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { Workplace, projectRoot } from "./tiller.js";

const tiller = new Workplace();
const model = join(projectRoot, "test/tiny/olmoe/model.gguf");
const command = ["models", "experts", "--ids", "[1, 2, 3]", "--model", model, "--quiet"];

test("people see each token's experts in one layer, and how even every layer is", async () => {
  const { code, stdout } = await tiller.run([...command, "--layer", "1"]);
  assert.equal(code, 0);
  const [head, first, , third, gap, balance, ...layers] = stdout.trimEnd().split("\n");
  assert.match(head!, /^token +experts of layer 1/);
  for (const it of [first, third]) assert.match(it!, /^".*" +\d +\d+\.\d +\d +\d+\.\d$/);
  assert.equal(gap, "");
  assert.match(balance!, /layer +experts at work +busiest +evenness/);
  assert.equal(layers.length, 2);
  for (const it of layers) assert.match(it, /^ +[01] +\d of 8 +\d \(\d+\.\d %\) +[01]\.\d\d$/);
});

test("programs get every layer", async () => {
  const { stdout } = await tiller.run([...command, "--json"]);
  const { places, balance, experts } = JSON.parse(stdout) as Record<"places" | "balance" | "experts", object[]>;
  assert.deepEqual(places.map((it) => Object.keys(it)), [0, 1].map(() => ["layer", "module", "scores", "weights"])); // prettier-ignore
  assert.equal(balance.length, 2);
  assert.equal(experts.length, 8);
});

test("a layer that is not there and a model without experts are refused", async () => {
  const beyond = await tiller.run([...command, "--layer", "2"]);
  assert.equal(beyond.code, 2);
  assert.match(beyond.stderr, /--layer is a whole number, 0 to 1 with this model, not 2/);
  const plain = await tiller.run(["models", "experts", "text", "--quiet"]);
  assert.equal(plain.code, 2);
  assert.match(plain.stderr, /no mixture of experts/);
});
