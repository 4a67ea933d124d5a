// `tiller quantize`: what is written, said and refused.

import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { QuantizationReport } from "../../src/engine/quantize/report.js";
import { projectRoot, Workplace } from "./tiller.js";

const tiller = new Workplace();
copyFileSync(join(projectRoot, "test/tiny/llama-untied/model.gguf"), join(tiller.folder, "source.gguf"));
tiller.file("words.txt", "Some words, and 12 numbers, to weigh the columns with.\n".repeat(8));

test("a model is quantized, and the report shows what it costs as a table and a plot", async () => {
  const args = ["quantize", "source.gguf", "small.gguf", "--type", "q4_0", "--report", "small.md"];
  const { code, stdout, stderr } = await tiller.run([...args, "--tensor", "blk.0.*=q8_0", "--calibrate", "words.txt"]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /Wrote .*small\.gguf: \d+ kB instead of \d+ kB/);
  const report = readFileSync(join(tiller.folder, "small.md"), "utf8");
  assert.match(report, /^\| source\.gguf \|.*\(source\)/m);
  assert.match(report, /^\| small\.gguf \|.* 0\.\d{5} \| \d+\.\d % \|$/m);
  assert.match(report, /weighted by what the model saw in words\.txt/);
  assert.match(report, /!\[Size and perplexity\]\(small\.svg\)/);
  assert.match(readFileSync(join(tiller.folder, "small.svg"), "utf8"), /^<svg [^]*small\.gguf[^]*<\/svg>\n$/);
  const inspected = await tiller.run(["models", "inspect", join(tiller.folder, "small.gguf")]);
  assert.match(inspected.stdout, /^can be run +yes$/m);
});

test("the report as JSON, with another file to compare", async () => {
  await tiller.run(["quantize", "source.gguf", "fine.gguf", "--type", "q8_0"]);
  const args = ["quantize", "source.gguf", "five.gguf", "-t", "Q5_0", "--report", "five.json", "--with", "fine.gguf"];
  const { code, stdout, stderr } = await tiller.run([...args, "--json"]);
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout) as { tensorTypes: Record<string, number>; report: QuantizationReport };
  assert.deepEqual(result.tensorTypes, { Q8_0: 2, F32: result.tensorTypes["F32"], Q5_0: result.tensorTypes["Q5_0"] });
  assert.deepEqual(JSON.parse(readFileSync(join(tiller.folder, "five.json"), "utf8")), result.report);
  const [five, fine] = result.report.others;
  assert.ok(fine!.agreement!.meanKl < five!.agreement!.meanKl);
});

for (const [what, args, message] of [
  ["without a type", ["source.gguf", "x.gguf"], /needs --type\. It can be: f32, f16/],
  ["with a type that is none", ["source.gguf", "x.gguf", "-t", "q4_x"], /knows no "q4_x".* Did you mean q4_/],
  ["over itself", ["source.gguf", "source.gguf", "-t", "q8_0", "--force"], /is the model itself/],
  ["over a file that is there", ["source.gguf", "words.txt", "-t", "q8_0"], /is there already/],
  ["with half an override", ["source.gguf", "x.gguf", "-t", "q8_0", "--tensor", "q6_k"], /PATTERN=TYPE/],
  ["with a report of another kind", ["source.gguf", "x.gguf", "-t", "q8_0", "--report", "r.pdf"], /\.md or \.json/],
  ["with files for no report", ["source.gguf", "x.gguf", "-t", "q8_0", "--with", "source.gguf"], /needs --report/],
  ["without a file to write", ["source.gguf", "-t", "q8_0"], /needs a model and a file to write/],
] as const) {
  test(`${what} it is refused before anything is read`, async () => {
    const { code, stderr } = await tiller.run(["quantize", ...args]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.ok(!existsSync(join(tiller.folder, "x.gguf")));
  });
}

test("a folder that is not there is said at once", async () => {
  const { code, stderr } = await tiller.run(["quantize", "source.gguf", "no/x.gguf", "-t", "q8_0"]);
  assert.equal(code, 1);
  assert.match(stderr, /cannot be written: there is no such folder/);
});

test("Ctrl+C leaves nothing half-written", { skip: process.platform === "win32" }, async () => {
  const model = join(projectRoot, "models/SmolLM2-135M-Instruct.Q4_1.gguf");
  const child = tiller.start(["quantize", model, "big.gguf", "--type", "q8_0"]);
  const beside = () => readdirSync(tiller.folder).find((it) => it.includes("big.gguf"));
  while (beside() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGINT");
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(code, 130);
  assert.equal(beside(), undefined);
});
