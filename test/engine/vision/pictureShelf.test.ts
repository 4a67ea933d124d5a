// The pictures that a model has seen: ids by content, vectors that are kept and dropped, requests side by side, cancels.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createPictureShelf } from "../../../src/engine/vision/pictureShelf.js";
import type { PictureFile } from "../../../src/engine/vision/readSource.js";

const never = new AbortController().signal;
const TILE_TOKENS = 2;
const VECTOR = 3;
const TILE_BYTES = TILE_TOKENS * VECTOR * 4;

test("equal pictures have equal ids, and others have others, all above the vocabulary", () => {
  const { shelf } = make();
  const [a, again, b] = [shelf.hold(file("a")), shelf.hold(file("a")), shelf.hold(file("b", 2))];
  assert.deepEqual(a.ids, [500, 501, 502, 503, 504, 505]);
  assert.deepEqual(again.ids, a.ids);
  assert.deepEqual(b.ids, [506, 507, 508, 509]);
  assert.deepEqual(
    [499, 500, 509].map((it) => shelf.isPicture(it)),
    [false, true, true],
  );
});

test("every id has its own vector", async () => {
  const { shelf } = make();
  const [a, b] = [shelf.hold(file("a")), shelf.hold(file("b", 1))];
  await a.read(never);
  await b.read(never);
  const first = (name: string, tile: number, token: number) => [...expected(name, tile, token)];
  assert.deepEqual(
    a.ids.map((it) => [...shelf.vector(it)]),
    [0, 1, 2].flatMap((tile) => [0, 1].map((it) => first("a", tile, it))),
  );
  assert.deepEqual(
    b.ids.map((it) => [...shelf.vector(it)]),
    [0, 1].map((it) => first("b", 0, it)),
  );
});

test("a picture is looked at once, by however many requests", async () => {
  const { shelf, looked } = make();
  const held = [shelf.hold(file("a")), shelf.hold(file("a"))];
  assert.deepEqual(await Promise.all(held.map((it) => it.read(never))), [true, true]);
  held.forEach((it) => it.release());
  assert.equal(await shelf.hold(file("a")).read(never), true);
  assert.deepEqual(looked, ["a0", "a1", "a2"]);
});

test("a cancel is heard between two tiles, and what was looked at is not looked at again", async () => {
  const cancel = new AbortController();
  const { shelf, looked } = make((tile) => tile === "a1" && cancel.abort());
  const held = shelf.hold(file("a"));
  assert.equal(await held.read(cancel.signal), false);
  assert.deepEqual(looked, ["a0", "a1"]);
  assert.equal(await held.read(never), true);
  assert.deepEqual(looked, ["a0", "a1", "a2"]);
  assert.deepEqual([...shelf.vector(held.ids[2]!)], [...expected("a", 1, 0)]);
});

test("a cancel of one request leaves another one with the same picture alone", async () => {
  const cancel = new AbortController();
  const { shelf } = make((tile) => tile === "a0" && cancel.abort());
  const [first, second] = [shelf.hold(file("a")), shelf.hold(file("a"))];
  assert.deepEqual(await Promise.all([first.read(cancel.signal), second.read(never)]), [false, true]);
});

test("a picture that cannot be read fails its own request and no other", async () => {
  const { shelf } = make((tile) => {
    if (tile === "a1") throw new Error("broken");
  });
  const [a, b] = [shelf.hold(file("a")), shelf.hold(file("b"))];
  const results = await Promise.allSettled([a.read(never), b.read(never)]);
  assert.deepEqual(
    results.map((it) => it.status),
    ["rejected", "fulfilled"],
  );
});

test("of pictures that nobody uses, those unused for longest lose their vectors and keep their ids", async () => {
  const { shelf, looked } = make(undefined, 2 * TILE_BYTES);
  const use = async (name: string) => {
    const held = shelf.hold(file(name, 1));
    await held.read(never);
    held.release();
    return held.ids;
  };
  const [a] = [await use("a"), await use("b"), await use("a"), await use("c")];
  assert.equal(shelf.kept, 2);
  looked.length = 0;
  assert.deepEqual(await use("a"), a);
  assert.deepEqual(looked, []); // b was dropped
  await use("b");
  assert.deepEqual(looked, ["b0"]);
});

test("a picture in use is never dropped", async () => {
  const { shelf } = make(undefined, 0);
  const held = shelf.hold(file("a", 1));
  await held.read(never);
  const other = shelf.hold(file("b", 1));
  await other.read(never);
  other.release();
  assert.equal(shelf.kept, 1);
  assert.deepEqual([...shelf.vector(held.ids[0]!)], [...expected("a", 0, 0)]);
  held.release();
  held.release();
  assert.equal(shelf.kept, 0);
});

/** Three tiles unless the file says another number. */
function file(name: string, tiles = 3): PictureFile {
  return { name, bytes: Uint8Array.of(tiles), hash: name };
}

function expected(name: string, tile: number, token: number): Float32Array {
  return Float32Array.of(name.charCodeAt(0), tile, token);
}

function make(onTile: (tile: string) => unknown = () => undefined, mostBytes = 1e6) {
  const looked: string[] = [];
  const shelf = createPictureShelf({
    ...{ firstId: 500, vectorSize: VECTOR, tileTokens: TILE_TOKENS, mostBytes },
    head: ({ bytes }) => ({ format: "png", width: bytes[0]!, height: 1, orientation: 1 }),
    grid: ({ width }) => ({ rows: 1, columns: width, tiles: width, sizes: [] }),
    async *tiles({ name }, { tiles }, { from }) {
      for (let tile = from; tile < tiles; tile++) {
        await Promise.resolve();
        looked.push(`${name}${tile}`);
        onTile(`${name}${tile}`);
        yield Float32Array.from([...expected(name, tile, 0), ...expected(name, tile, 1)]);
      }
    },
  });
  return { shelf, looked };
}
