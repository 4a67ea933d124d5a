// What a source means: addresses, files of the hub, repositories with a quantization, models in several files.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { TillerError, type ErrorCode } from "../../src/base/error.js";
import { chooseFile } from "../../src/download/hubFiles.js";
import { pull, type PullOptions } from "../../src/download/pull.js";
import { shardNames } from "../../src/download/shards.js";
import { parseSource } from "../../src/download/source.js";
import type { PullEvent, PullRequest } from "../../src/protocol/pull.js";
import { temporaryFolder } from "../temporaryFolder.js";
import { content, serve, sha256, startServer } from "./fileServer.js";
import { startHub } from "./hub.js";

const root = temporaryFolder("pull");
const q4 = content(5000, 1);
const q8 = content(9000, 2);
const shards = [content(4000, 3), content(4000, 4), content(100, 5)];
const names = shardNames("big/tiny-F16-00001-of-00003.gguf");
const files = {
  "tiny-Q4_K_M.gguf": q4,
  "tiny-Q8_0.gguf": q8,
  "mmproj-Q8_0.gguf": content(10),
  ...Object.fromEntries(names.map((it, i) => [it, shards[i]!])),
};

for (const [given, address] of [
  ["https://example.com/a%20b.gguf?x=1", "https://example.com/a%20b.gguf?x=1 as a b.gguf"],
  ["hf:owner/repo/folder/m.gguf", "https://huggingface.co/owner/repo/resolve/main/folder/m.gguf as m.gguf"],
  ["https://huggingface.co/o/r/blob/v1/m.gguf", "https://huggingface.co/o/r/resolve/v1/m.gguf as m.gguf"],
  ["https://hf.co/o/r/resolve/main/m.gguf?download=true", "https://huggingface.co/o/r/resolve/main/m.gguf as m.gguf"],
  ["https://huggingface.co/o/r", "o/r, any"],
  ["o/r-GGUF", "o/r-GGUF, any"],
  ["hf:o/r:Q4_K_M", "o/r, Q4_K_M"],
  ["http://localhost:8080/m.gguf", "http://localhost:8080/m.gguf as m.gguf"],
  ["https://example.com/..%2f..%2fevil.gguf", "https://example.com/..%2f..%2fevil.gguf as _.._evil.gguf"],
  ["https://example.com/con.gguf", "https://example.com/con.gguf as _con.gguf"],
] as const) {
  test(`${given} is ${address}`, () => {
    const source = parseSource(given);
    const shown =
      source.kind === "address"
        ? `${source.url.href} as ${source.file}`
        : `${source.repository}, ${source.quantization ?? "any"}`;
    assert.equal(shown, address);
  });
}

for (const given of [
  "http://example.com/m.gguf",
  "ftp://example.com/m.gguf",
  "file:///etc/passwd",
  "https://me:secret@example.com/m.gguf",
  "http://127.0.0.1.example.com/m.gguf",
  "model.gguf",
  "a/b/c",
  "",
]) {
  test(`"${given}" is refused as a source`, () => {
    assert.throws(
      () => parseSource(given),
      (error) => {
        assert.ok(error instanceof TillerError && error.code === "usage", String(error));
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
  });
}

test("a repository gives the file of its quantization, whose content the hub names", async () => {
  const { hub, store } = await startHub(files);
  const { result, events, to } = await get({ source: "owner/tiny-GGUF:q8_0" }, { HF_ENDPOINT: hub.origin });
  assert.deepEqual(
    result.files.map((it) => [it.path, it.sha256, it.checkedBy]),
    [[join(to, "tiny-Q8_0.gguf"), sha256(q8), "hub"]],
  );
  assert.deepEqual(events[0], {
    type: "files",
    files: [{ name: "tiny-Q8_0.gguf", sizeBytes: 9000 }],
    licence: "apache-2.0",
  });
  assert.equal(store.asked.length, 1);
});

test("without a quantization a repository gives Q4_K_M", async () => {
  const { hub } = await startHub(files);
  const { result } = await get({ source: "owner/tiny-GGUF" }, { HF_ENDPOINT: `${hub.origin}/` });
  assert.equal(result.files[0]?.sha256, sha256(q4));
});

test("a model in several files comes with all of them, each checked", async () => {
  const { hub } = await startHub(files);
  for (const source of ["owner/tiny-GGUF:F16", `hf:owner/tiny-GGUF/${names[1]}`]) {
    const { result, to } = await get({ source }, { HF_ENDPOINT: hub.origin });
    assert.deepEqual(
      result.files.map((it) => it.sha256),
      shards.map(sha256),
    );
    assert.deepEqual(
      readdirSync(to).sort(),
      names.map((it) => it.slice("big/".length)),
    );
  }
  await fails(
    get({ source: "owner/tiny-GGUF:F16", sha256: sha256(q4) }, { HF_ENDPOINT: hub.origin }),
    "usage",
    /3 files/,
  );
});

test("a model that has not all of its files at the hub is refused before any is fetched", async () => {
  const { hub, store } = await startHub({ [names[0]!]: shards[0]!, [names[2]!]: shards[2]! });
  await fails(get({ source: "owner/tiny-GGUF" }, { HF_ENDPOINT: hub.origin }), "download-failed", /not whole there/);
  assert.equal(store.asked.length, 0);
});

test("the token goes to its own host and neither to a mirror nor to the store", async () => {
  const { hub, store } = await startHub(files);
  const env = { HF_ENDPOINT: hub.origin, HF_TOKEN: "hf_secret" };
  await get({ source: "owner/tiny-GGUF" }, env);
  assert.deepEqual([...new Set(hub.asked.map((it) => it.headers.authorization))], [undefined]);
  await get({ source: "owner/tiny-GGUF" }, env, { tokenHost: hub.host });
  assert.deepEqual([...new Set(hub.asked.slice(4).map((it) => it.headers.authorization))], ["Bearer hf_secret"]);
  assert.deepEqual([...new Set(store.asked.map((it) => it.headers.authorization))], [undefined]);
});

test("a token that cannot be one is refused without being shown", async () => {
  await fails(get({ source: "o/r" }, { HF_TOKEN: "hf_secret\nx" }), "usage", /^(?!.*secret)/s);
});

test("a listing that goes on at another host is not followed", async () => {
  const elsewhere = await startServer((_request, response) => response.writeHead(200).end("[]"));
  const hub = await startServer((_request, response) => {
    response.writeHead(200, { link: `<${elsewhere.origin}/next>; rel="next"` }).end("[]");
  });
  await fails(
    get({ source: "o/r" }, { HF_ENDPOINT: hub.origin }),
    "download-failed",
    /does not answer as the hub does/,
  );
  assert.equal(elsewhere.asked.length, 0);
});

test("a hub that answers nonsense is said to", async () => {
  const hub = await startServer((_request, response) => response.writeHead(200).end("<html>"));
  await fails(
    get({ source: "o/r" }, { HF_ENDPOINT: hub.origin }),
    "download-failed",
    /does not answer as the hub does/,
  );
});

for (const [quantization, pattern] of [
  ["Q5_0", /holds no Q5_0\. It holds a-Q4_K_M\.gguf, a-Q4_K_S\.gguf, b\/Q8_0\/a-00001-of-00002\.gguf, c-Q8_0\.gguf/],
  ["Q4_K", /holds no Q4_K\./],
  ["Q8_0", /several files of Q8_0\. Name one: hf:o\/r\/b\/Q8_0\/a-00001-of-00002\.gguf, hf:o\/r\/c-Q8_0\.gguf/],
] as const) {
  test(`a quantization that names not one file is refused with what there is: ${quantization}`, () => {
    const paths = [
      "a-Q4_K_M.gguf",
      "a-Q4_K_S.gguf",
      "b/Q8_0/a-00001-of-00002.gguf",
      "b/Q8_0/a-00002-of-00002.gguf",
      "c-Q8_0.gguf",
    ];
    const listed = paths.map((path) => ({ path, sizeBytes: 1 }));
    assert.throws(() => chooseFile(listed, "o/r", quantization), pattern);
  });
}

test("an address without the name of a model needs one", async () => {
  const server = await startServer(serve(q4));
  await fails(
    get({ source: `${server.origin}/download?id=5` }),
    "usage",
    /is not the name of a GGUF file.*--to FOLDER\/NAME\.gguf/,
  );
  const to = join(mkdtempSync(join(root, "place-")), "mine.gguf");
  const { files: pulled } = await pull(
    { source: `${server.origin}/download?id=5`, to },
    { env: {}, check: () => Promise.resolve() },
    () => {},
    new AbortController().signal,
  );
  assert.equal(pulled[0]?.path, to);
});

test("a SHA-256 that is none is refused before anything is asked", async () => {
  const server = await startServer(serve(q4));
  await fails(get({ source: `${server.origin}/m.gguf`, sha256: "abc" }), "usage", /64 hexadecimal digits/);
  assert.equal(server.asked.length, 0);
  const { result } = await get({ source: `${server.origin}/m.gguf`, sha256: `sha256:${sha256(q4).toUpperCase()}` });
  assert.equal(result.files[0]?.checkedBy, "user");
});

async function get(request: Omit<PullRequest, "to">, env: PullOptions["env"] = {}, options: Partial<PullOptions> = {}) {
  const to = mkdtempSync(join(root, "place-"));
  const events: PullEvent[] = [];
  const result = await pull(
    { ...request, to },
    { env, check: () => Promise.resolve(), ...options },
    (event) => events.push(event),
    new AbortController().signal,
  );
  return { result, events, to };
}

async function fails(getting: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(getting, (error) => {
    assert.ok(error instanceof TillerError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}
