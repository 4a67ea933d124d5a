// `tiller models pull` from a hub on this machine: what is printed, what is left, how to go on.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { content, serve, sha256, startServer } from "../download/fileServer.js";
import { startHub } from "../download/hub.js";
import { outcomeOf, projectRoot, Workplace } from "./tiller.js";

const tiller = new Workplace();
const model = new Uint8Array(readFileSync(join(projectRoot, "test/tiny/llama-untied/model.gguf")));

test("a model is pulled into ~/.tiller/models, listed there, and runs by its name", async () => {
  const { hub } = await startHub({ "tiny-Q8_0.gguf": model });
  const { code, stdout, stderr } = await tiller.run(["models", "pull", "owner/tiny-GGUF"], env(hub.origin));
  const path = join(tiller.folder, ".tiller/models/tiny-Q8_0.gguf");
  assert.deepEqual([code, stdout], [0, `${path}\n`], stderr);
  assert.match(stderr, /^tiny-Q8_0\.gguf, 368 kB, licence apache-2\.0\n/);
  assert.ok(stderr.includes(`sha256 ${sha256(model)} (as the hub says)`), stderr);
  assert.match(stderr, /Use it with --model tiny-Q8_0\.\n$/);
  assert.match((await tiller.run(["models", "list"])).stdout, /\ntiny-Q8_0\n/);
  assert.equal((await tiller.run(["tokenize", "Hi", "--model", "tiny-Q8_0"])).code, 0);
});

test("with --json the result is one value, and a second time nothing is fetched", async () => {
  const { hub, store } = await startHub({ "again.gguf": model });
  const args = ["models", "pull", "hf:owner/tiny-GGUF/again.gguf", "--to", "here", "--json"];
  const results = [await tiller.run(args, env(hub.origin)), await tiller.run(args, env(hub.origin))];
  const path = join(tiller.folder, "here/again.gguf");
  assert.deepEqual(
    results.map((it) => (JSON.parse(it.stdout) as { files: unknown[] }).files),
    [false, true].map((alreadyThere) => [
      { path, sizeBytes: model.length, sha256: sha256(model), checkedBy: "hub", alreadyThere },
    ]),
  );
  assert.equal(store.asked.length, 2);
});

test("what begins like a model and is none does not get a name", async () => {
  const server = await startServer(serve(content(5000)));
  const { code, stderr } = await tiller.run(["models", "pull", `${server.origin}/bad.gguf`, "--to", "bad"]);
  assert.equal(code, 1);
  assert.match(stderr, /error: The head of .*bad\.gguf\.part cannot be read/);
  assert.deepEqual(readdirSync(join(tiller.folder, "bad")), []);
});

test("Ctrl+C keeps what has come and says how to go on; the same command does", async () => {
  const slow = model.subarray(0, 200_000);
  const server = await startServer((_request, response) => {
    response.writeHead(200, { etag: '"one"', "content-length": model.length });
    response.write(slow); // and the rest never comes
  });
  const args = ["models", "pull", `${server.origin}/slow.gguf`, "--to", "slow"];
  const child = tiller.start(args);
  const outcome = outcomeOf(child);
  child.stderr.on("data", (text: string) => {
    if (/slow\.gguf: \d/.test(text)) setTimeout(() => child.kill("SIGINT"), 200);
  });
  const { code, stdout, stderr } = await outcome;
  assert.deepEqual([code, stdout], [130, ""], stderr);
  const part = join(tiller.folder, "slow/slow.gguf.part");
  assert.ok(stderr.includes(`Stopped. 200 kB are kept in ${part}; the same command goes on from there.`), stderr);
  assert.match((await tiller.run(["models", "list"], { env: { TILLER_MODELS: "slow" } })).stdout, /^(?!.*slow\.gguf)/s);
  server.answer = serve(model, { etag: '"one"' });
  assert.equal((await tiller.run(args)).code, 0);
  assert.equal(server.asked.at(-1)?.headers.range, "bytes=200000-");
  assert.deepEqual(readdirSync(join(tiller.folder, "slow")), ["slow.gguf"]);
});

test("a source that is none is wrong usage", async () => {
  const { code, stderr } = await tiller.run(["models", "pull", "gpt"]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /"gpt" names no model: write an https address, hf:OWNER\/REPO\/FILE\.gguf, or OWNER\/REPO:QUANT/,
  );
});

function env(hub: string) {
  return { env: { HF_ENDPOINT: hub } };
}
