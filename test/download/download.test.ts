// Getting one file from a server on this machine, whatever goes wrong on the way.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { TillerError, type ErrorCode } from "../../src/base/error.js";
import { download, realWorld, type DownloadRequest, type DownloadWorld } from "../../src/download/download.js";
import type { PulledFile, PullEvent } from "../../src/protocol/pull.js";
import { temporaryFolder } from "../temporaryFolder.js";
import { content, serve, sha256, startServer, type FileServer } from "./fileServer.js";

const root = temporaryFolder("download");
const SIZE = 300_000;
const good = content(SIZE);
const ETAG = '"one"';

test("a file comes whole, with its SHA-256, and nothing else is left in the folder", async () => {
  const { server, target, folder } = await place(serve(good, { etag: ETAG }));
  const { file, events } = await get(server, target);
  assert.deepEqual(file, {
    path: target,
    sizeBytes: SIZE,
    sha256: sha256(good),
    checkedBy: "nobody",
    alreadyThere: false,
  });
  assert.deepEqual(new Uint8Array(readFileSync(target)), good);
  assert.deepEqual(readdirSync(folder), ["model.gguf"]);
  const last = events.findLast((it) => it.type === "progress");
  assert.deepEqual([last?.doneBytes, last?.totalBytes], [SIZE, SIZE]);
});

test("a connection that breaks is taken up again where it broke", async () => {
  const { server, target } = await place(serve(good, { etag: ETAG, cutAfter: 100_000 }));
  const { file, events } = await get(server, target);
  assert.equal(file.sha256, sha256(good));
  assert.deepEqual(ranges(server), [undefined, "bytes=100000-", "bytes=200000-"]);
  assert.deepEqual(
    server.asked.slice(1).map((it) => it.headers["if-range"]),
    [ETAG, ETAG],
  );
  assert.equal(notes(events).filter((it) => it.includes("the connection broke")).length, 2);
});

test("what came before the process ended is gone on from by the next one", async () => {
  const { server, target, folder } = await place(serve(good, { etag: ETAG, cutAfter: 120_000 }));
  await fails(
    get(server, target, {}, { pausesMs: [] }),
    "download-failed",
    /kept, and the same command goes on from there/,
  );
  assert.deepEqual(readdirSync(folder).sort(), ["model.gguf.part", "model.gguf.part.json"]);
  assert.equal(statSync(`${target}.part`).size, 120_000);
  server.answer = serve(good, { etag: ETAG });
  assert.equal((await get(server, target)).file.sha256, sha256(good));
  assert.deepEqual(ranges(server), [undefined, "bytes=120000-"]);
  assert.deepEqual(readdirSync(folder), ["model.gguf"]);
});

test("a part that is whole already is only checked and named", async () => {
  const { server, target } = await place(serve(good, { etag: ETAG, cutAfter: SIZE - 1 }));
  await fails(get(server, target, {}, { pausesMs: [] }), "download-failed");
  writeFileSync(`${target}.part`, good);
  server.answer = serve(good, { etag: ETAG });
  assert.equal((await get(server, target)).file.sha256, sha256(good));
  assert.deepEqual(ranges(server), [undefined, `bytes=${SIZE}-`]);
});

test("a date serves where there is no ETag, and a weak ETag does not serve", async () => {
  const lastModified = "Wed, 21 Oct 2015 07:28:00 GMT";
  const { server, target } = await place(serve(good, { etag: 'W/"weak"', lastModified, cutAfter: 150_000 }));
  assert.equal((await get(server, target)).file.sha256, sha256(good));
  assert.equal(server.asked[1]?.headers["if-range"], lastModified);
});

test("a server that names no version is asked for everything again, and that is said", async () => {
  const { server, target } = await place(serve(good, { cutAfter: 200_000 }));
  await fails(get(server, target, {}, { pausesMs: [] }), "download-failed");
  server.answer = serve(good);
  const { file, events } = await get(server, target);
  assert.equal(file.sha256, sha256(good));
  assert.deepEqual(ranges(server), [undefined, undefined]);
  assert.match(notes(events).join(), /does not say whether the file is still the same; starting over/);
});

test("with a SHA-256 of the user's, such a server is gone on from", async () => {
  const { server, target } = await place(serve(good, { cutAfter: 200_000 }));
  const { file } = await get(server, target, { sha256: sha256(good) });
  assert.deepEqual([file.checkedBy, ranges(server)[1]], ["user", "bytes=200000-"]);
});

test("a server without ranges is asked for everything again, and that is said", async () => {
  const { server, target } = await place(serve(good, { etag: ETAG, ranges: false, cutAfter: 200_000 }));
  await fails(get(server, target, {}, { pausesMs: [] }), "download-failed");
  server.answer = serve(good, { etag: ETAG, ranges: false });
  const { file, events } = await get(server, target);
  assert.equal(file.sha256, sha256(good));
  assert.match(notes(events).join(), /cannot go on in the middle of a file; starting over/);
});

test("a server that answers another range than was asked for is not believed", async () => {
  const { server, target } = await place(serve(good, { etag: ETAG, cutAfter: 200_000 }));
  await fails(get(server, target, {}, { pausesMs: [] }), "download-failed");
  server.answer = (request, response) => {
    if (request.headers.range === undefined) return serve(good, { etag: ETAG })(request, response);
    const headers = { etag: ETAG, "content-range": `bytes 0-9/${SIZE}`, "content-length": 10 };
    return response.writeHead(206, headers).end(good.subarray(0, 10));
  };
  assert.equal((await get(server, target)).file.sha256, sha256(good));
});

test("a file that changed on the server meanwhile is got from its beginning, and that is said", async () => {
  const other = content(SIZE + 7, 2);
  const { server, target } = await place(serve(good, { etag: ETAG, cutAfter: 100_000 }));
  await fails(get(server, target, {}, { pausesMs: [] }), "download-failed");
  server.answer = serve(other, { etag: '"two"' });
  const { file, events } = await get(server, target);
  assert.equal(file.sha256, sha256(other));
  assert.deepEqual(ranges(server), [undefined, "bytes=100000-"]);
  assert.match(notes(events).join(), /has changed since; starting over/);
});

test("a server that ignores If-Range does not make a file of two halves", async () => {
  const other = content(SIZE, 3);
  const { server, target } = await place(serve(good, { etag: ETAG, cutAfter: 100_000 }));
  await fails(get(server, target, {}, { pausesMs: [] }), "download-failed");
  server.answer = (request, response) => {
    delete request.headers["if-range"];
    serve(other, { etag: '"two"' })(request, response);
  };
  const { file, events } = await get(server, target);
  assert.equal(file.sha256, sha256(other));
  assert.match(notes(events).join(), /has changed since/);
});

test("a wrong checksum leaves neither the file nor a part", async () => {
  const { server, target, folder } = await place(serve(good, { etag: ETAG }));
  const wrong = sha256(content(10));
  await fails(
    get(server, target, { sha256: wrong }),
    "download-failed",
    new RegExp(`${sha256(good)}, not ${wrong} as you say`),
  );
  assert.deepEqual(readdirSync(folder), []);
});

test("a file that the check refuses leaves neither the file nor a part", async () => {
  const { server, target, folder } = await place(serve(good, { etag: ETAG }));
  const check = () => Promise.reject(new TillerError("model-corrupt", "no model"));
  await fails(get(server, target, { check }), "model-corrupt");
  assert.deepEqual(readdirSync(folder), []);
});

test("the file has its name only after the check has looked at the whole of it", async () => {
  const { server, target } = await place(serve(good, { etag: ETAG }));
  let seen = 0;
  const check = (path: string) => {
    seen = statSync(path).size;
    assert.equal(existsSync(target), false);
    return Promise.resolve();
  };
  await get(server, target, { check });
  assert.equal(seen, SIZE);
});

test("a server that ends early, again and again, is given up with what has come", async () => {
  const { server, target } = await place((_request, response) => {
    // It says that all is well, and it is not.
    response.writeHead(200, { etag: ETAG, "x-linked-size": SIZE }).end(good.subarray(0, 1000));
  });
  await fails(get(server, target), "download-failed", /ended after 1 kB of 300 kB/);
  assert.equal(existsSync(target), false);
});

test("a file of untold length is whole when the server ends it properly, and not when it breaks", async () => {
  const { server, target } = await place(serve(good, { etag: ETAG, hideLength: true, cutAfter: 50_000 }));
  await fails(get(server, target, {}, { pausesMs: [] }), "download-failed", /the connection broke/);
  server.answer = serve(good, { etag: ETAG, hideLength: true });
  assert.equal((await get(server, target)).file.sha256, sha256(good));
});

test("more than was named is refused", async () => {
  const { server, target, folder } = await place((_request, response) => {
    response.writeHead(200, { "x-linked-size": 1000 }).end(good);
  });
  await fails(get(server, target), "download-failed", /sent more than the 1000 bytes/);
  assert.deepEqual(readdirSync(folder), []);
});

test("a full disk keeps what was written, says so, and is gone on from", async () => {
  const { server, target } = await place(serve(good, { etag: ETAG }));
  let room = 90_000;
  const openFile: DownloadWorld["openFile"] = async (path, flags) => {
    const file = await open(path, flags);
    return {
      async appendFile(bytes) {
        await file.appendFile(bytes.subarray(0, room));
        if (room < bytes.length) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
        room -= bytes.length;
      },
      sync: () => file.sync(),
      close: () => file.close(),
    };
  };
  await fails(get(server, target, {}, { openFile }), "file-unwritable", /the disk is full\. What has come is kept/);
  assert.equal(existsSync(target), false);
  assert.equal(statSync(`${target}.part`).size, 90_000);
  assert.equal((await get(server, target)).file.sha256, sha256(good));
  assert.equal(ranges(server)[1], "bytes=90000-");
});

test("a disk that is too small is seen before anything is written, counting what is there already", async () => {
  const { server, target } = await place(serve(good, { etag: ETAG, cutAfter: 100_000 }));
  const freeBytes = () => Promise.resolve(SIZE - 100_001);
  await fails(
    get(server, target, {}, { freeBytes }),
    "file-unwritable",
    /needs 300 kB more on its disk, and 200 kB are free/,
  );
  assert.equal(existsSync(`${target}.part`), false);
  await fails(get(server, target, {}, { pausesMs: [] }), "download-failed");
  server.answer = serve(good, { etag: ETAG });
  await fails(get(server, target, {}, { freeBytes }), "file-unwritable", /needs 200 kB more/);
  assert.equal(
    (await get(server, target, {}, { freeBytes: () => Promise.resolve(SIZE - 100_000) })).file.sizeBytes,
    SIZE,
  );
});

test("a cancel is obeyed at once although the server is slow, and what has come is kept", async () => {
  const { server, target } = await place((_request, response) => {
    response.writeHead(200, { etag: ETAG, "content-length": SIZE });
    let sent = 0;
    const timer = setInterval(() => response.write(good.subarray(sent, (sent += 1000))), 10);
    response.on("close", () => clearInterval(timer));
  });
  const controller = new AbortController();
  const getting = get(server, target, {}, {}, controller.signal, (event) => {
    if (event.type === "progress" && 0 < event.doneBytes) setTimeout(() => controller.abort(), 50);
  });
  await assert.rejects(getting, (error) => error === controller.signal.reason);
  const kept = statSync(`${target}.part`).size;
  assert.ok(0 < kept && kept < SIZE, `${kept}`);
  server.answer = serve(good, { etag: ETAG });
  assert.equal((await get(server, target)).file.sha256, sha256(good));
  assert.equal(ranges(server)[1], `bytes=${kept}-`);
});

test("a cancel is obeyed within 100 ms although the server does not even answer", async () => {
  const { server, target } = await place(() => {});
  const controller = new AbortController();
  const getting = get(server, target, {}, {}, controller.signal);
  setTimeout(() => controller.abort(), 50);
  const start = performance.now();
  await assert.rejects(getting, (error) => error === controller.signal.reason);
  assert.ok(performance.now() - start < 150);
});

test("a server that falls silent is asked again", async () => {
  let times = 0;
  const { server, target } = await place((request, response) => {
    if (0 < times++) return serve(good, { etag: ETAG })(request, response);
    response.writeHead(200, { etag: ETAG, "content-length": SIZE });
    response.write(good.subarray(0, 1000));
  });
  const { file, events } = await get(server, target, {}, { silenceMs: 100 });
  assert.equal(file.sha256, sha256(good));
  assert.match(notes(events).join(), /sent nothing for 0\.1 s; trying again/);
});

test("a server that is busy is asked again, and not before it wants to be", async () => {
  let times = 0;
  const { server, target } = await place((request, response) => {
    if (0 < times++) return serve(good, { etag: ETAG })(request, response);
    return response.writeHead(503, { "retry-after": "1" }).end();
  });
  const start = performance.now();
  const { events } = await get(server, target);
  assert.ok(1000 <= performance.now() - start);
  assert.match(notes(events).join(), /answered 503; trying again in 1 s/);
});

for (const [status, pattern] of [
  [404, /answered 404, there is no such file/],
  [401, /set HF_TOKEN/],
  [410, /does not give the file/],
] as const) {
  test(`an answer of ${status} is final and says what to do`, async () => {
    const { server, target, folder } = await place((_request, response) => response.writeHead(status).end());
    await fails(get(server, target), "download-failed", pattern);
    assert.equal(server.asked.length, 1);
    assert.deepEqual(readdirSync(folder), []);
  });
}

test("a web page is not taken for a model", async () => {
  const { server, target, folder } = await place((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>".padEnd(SIZE, "x"));
  });
  await fails(get(server, target), "model-corrupt", /gives no GGUF model file but a web page/);
  assert.deepEqual(readdirSync(folder), []);
});

test("a redirect to another host is followed, and a token is shown to its own host only", async () => {
  const { server: store } = await place(serve(good, { etag: ETAG }));
  const { server, target } = await place((_request, response) => {
    const headers = {
      location: `${store.origin}/signed?key=1`,
      "x-linked-etag": `"${sha256(good)}"`,
      "x-linked-size": SIZE,
    };
    response.writeHead(302, headers).end();
  });
  const { file } = await get(server, target, { credential: { host: server.host, token: "secret" } });
  assert.equal(file.checkedBy, "hub");
  assert.deepEqual(
    [server, store].map((it) => it.asked[0]?.headers.authorization),
    ["Bearer secret", undefined],
  );
  assert.equal(store.asked[0]?.path, "/signed?key=1");
});

test("a file that the hub names by its content is gone on from at another store with another ETag", async () => {
  const { server: store } = await place(serve(good, { etag: ETAG, cutAfter: 100_000 }));
  const { server, target } = await place((_request, response) => {
    response.writeHead(302, { location: store.origin, "x-linked-etag": `"${sha256(good)}"` }).end();
  });
  await fails(get(server, target, {}, { pausesMs: [] }), "download-failed");
  store.answer = serve(good, { etag: '"another store"' });
  assert.equal((await get(server, target)).file.sha256, sha256(good));
  assert.equal(ranges(store)[1], "bytes=100000-");
});

test("another SHA-256 than the hub's is refused before anything is fetched", async () => {
  const { server, target, folder } = await place((_request, response) => {
    response.writeHead(200, { "x-linked-etag": `"${sha256(good)}"`, "content-length": SIZE }).end(good);
  });
  await fails(get(server, target, { sha256: "0".repeat(64) }), "download-failed", /was not fetched: its SHA-256 is/);
  assert.deepEqual(readdirSync(folder), []);
});

test("a redirect to an address that is not safe is refused", async () => {
  const { server, target } = await place((_request, response) =>
    response.writeHead(302, { location: "http://example.com/model.gguf" }).end(),
  );
  await fails(get(server, target), "download-failed", /redirects to an address that is refused.*over http/);
});

test("a circle of redirects ends", async () => {
  const { server, target } = await place((_request, response) => response.writeHead(302, { location: "/again" }).end());
  await fails(get(server, target), "download-failed", /in a circle/);
  assert.ok(server.asked.length < 20);
});

test("a file that is there already, whole, is not fetched again", async () => {
  const { server, target } = await place((_request, response) => {
    response.writeHead(200, { "x-linked-etag": `"${sha256(good)}"`, "content-length": SIZE });
    response.write(good.subarray(0, 10)); // the rest is never asked for
  });
  writeFileSync(target, good);
  assert.equal((await get(server, target)).file.alreadyThere, true);
  writeFileSync(target, content(SIZE, 9));
  await fails(get(server, target), "usage", /is there already, with another content.*--force/);
  writeFileSync(target, "short");
  await fails(get(server, target), "usage", /is there already, with 5 bytes/);
  server.answer = serve(good);
  assert.equal((await get(server, target, { replace: true })).file.alreadyThere, false);
  assert.deepEqual(new Uint8Array(readFileSync(target)), good);
});

test("two at once do not write into one part", async () => {
  const { server, target } = await place((request, response) => {
    setTimeout(() => serve(good, { etag: ETAG })(request, response), 200);
  });
  const first = get(server, target);
  await fails(get(server, target), "file-unwritable", new RegExp(`fetched already, by the process ${process.pid}`));
  assert.equal((await first).file.sizeBytes, SIZE);
});

test("the lock of a process that is gone hinders nobody", async () => {
  const { server, target, folder } = await place(serve(good));
  writeFileSync(`${target}.part.lock`, "999999999");
  await get(server, target);
  assert.deepEqual(readdirSync(folder), ["model.gguf"]);
});

test("a part of another file is not gone on from", async () => {
  const { server, target } = await place(serve(content(SIZE, 5), { etag: ETAG, cutAfter: 100_000 }));
  await fails(get(server, target, {}, { pausesMs: [] }), "download-failed");
  const { server: other } = await place(serve(good, { etag: ETAG }));
  const { file, events } = await get(other, target);
  assert.equal(file.sha256, sha256(good));
  assert.match(notes(events).join(), /is of another file; starting over/);
});

async function place(answer: FileServer["answer"]) {
  const folder = mkdtempSync(join(root, "place-"));
  return { server: await startServer(answer), folder, target: join(folder, "model.gguf") };
}

async function get(
  { origin }: FileServer,
  target: string,
  request: Partial<DownloadRequest> = {},
  world: Partial<DownloadWorld> = {},
  signal: AbortSignal = new AbortController().signal,
  listener: (event: PullEvent) => void = () => {},
): Promise<{ readonly file: PulledFile; readonly events: readonly PullEvent[] }> {
  const events: PullEvent[] = [];
  const file = await download(
    {
      url: new URL(`${origin}/model.gguf`),
      target,
      begins: "GGUF",
      replace: false,
      check: () => Promise.resolve(),
      index: 1,
      count: 1,
      ...request,
    },
    (event) => {
      events.push(event);
      listener(event);
    },
    signal,
    { ...realWorld, silenceMs: 5000, pausesMs: [5, 5, 5], ...world },
  );
  return { file, events };
}

async function fails(getting: Promise<unknown>, code: ErrorCode, message = /./): Promise<void> {
  await assert.rejects(getting, (error) => {
    assert.ok(error instanceof TillerError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}

function ranges({ asked }: FileServer): (string | undefined)[] {
  return asked.map((it) => it.headers.range);
}

function notes(events: readonly PullEvent[]): string[] {
  return events.flatMap((it) => (it.type === "note" ? [it.text] : []));
}
