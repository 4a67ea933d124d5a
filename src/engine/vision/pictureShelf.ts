/**
 * The pictures that a loaded model has seen. Each vector of a picture has an id of its own, above those of the vocabulary, and
 * the same content always has the same ids: so caches of earlier requests, guidance and rows treat pictures as they treat tokens,
 * and a picture that was read once costs nothing again.
 *
 * Ids are kept for as long as the model is; vectors only of the pictures that were used last, and of those in use.
 */

import type { PictureHead } from "./pictureHead.js";
import type { PictureFile } from "./readSource.js";
import type { TileGrid } from "./tiles.js";

export interface ShelfOptions {
  /** The first id that is free. */
  readonly firstId: number;
  /** Numbers in a vector. */
  readonly vectorSize: number;
  readonly tileTokens: number;
  /** Vectors of pictures that nobody uses are kept up to this size. */
  readonly mostBytes: number;
  head(file: PictureFile): PictureHead;
  grid(head: PictureHead): TileGrid;
  /** The vectors [tileTokens, vectorSize] of the tiles, each when it is asked for. */
  tiles(file: PictureFile, grid: TileGrid, options: ReadTiles): AsyncIterable<Float32Array>;
}

export interface ReadTiles {
  /** The first one that is wanted. */
  readonly from: number;
  /** Aborted: the one that is being made rejects. */
  readonly signal: AbortSignal;
}

export interface PictureShelf {
  /** Finds out what the picture takes, and keeps it until it is released. Throws what `head` throws. */
  hold(file: PictureFile): HeldPicture;
  isPicture(id: number): boolean;
  /** The vector of an id, of a picture that is held and was read. */
  vector(id: number): Float32Array;
  /** How many pictures have their vectors here. */
  readonly kept: number;
}

export interface HeldPicture {
  /** One for each vector, in the order of the tiles. */
  readonly ids: readonly number[];
  readonly head: PictureHead;
  readonly grid: TileGrid;
  /** Has the model look at it, unless it did so before; false when that was cancelled. Of what was done until then, whole tiles are kept. */
  read(signal: AbortSignal): Promise<boolean>;
  release(): void;
}

interface Entry {
  readonly firstId: number;
  readonly head: PictureHead;
  readonly grid: TileGrid;
  /** Of the tiles that were read so far: a request that was cancelled leaves its part to the next one. */
  tiles: Float32Array[];
  users: number;
}

export function createPictureShelf(options: ShelfOptions): PictureShelf {
  const { firstId, vectorSize, tileTokens, mostBytes } = options;
  /** By content; those used last come last. */
  const entries = new Map<string, Entry>();
  /** By id, ascending. */
  const inOrder: Entry[] = [];
  let nextId = firstId;
  let reading: Promise<unknown> = Promise.resolve();

  function entryOf(file: PictureFile): Entry {
    const known = entries.get(file.hash);
    const entry = known ?? added(file);
    entries.delete(file.hash);
    entries.set(file.hash, entry);
    return entry;
  }

  function added(file: PictureFile): Entry {
    const head = options.head(file);
    const grid = options.grid(head);
    const entry: Entry = { firstId: nextId, head, grid, tiles: [], users: 0 };
    nextId += grid.tiles * tileTokens;
    inOrder.push(entry);
    return entry;
  }

  async function readTiles(file: PictureFile, { grid, tiles }: Entry, signal: AbortSignal): Promise<boolean> {
    if (tiles.length === grid.tiles) return true;
    if (await isAborted(signal)) return false;
    try {
      for await (const it of options.tiles(file, grid, { from: tiles.length, signal })) {
        tiles.push(it);
        if (tiles.length < grid.tiles && (await isAborted(signal))) return false;
      }
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
    return true;
  }

  function dropUnused(): void {
    const bytesOf = ({ tiles }: Entry) => tiles.length * tileTokens * vectorSize * 4;
    const unused = [...entries.values()].filter((it) => it.users === 0 && 0 < it.tiles.length);
    let total = unused.reduce((sum, it) => sum + bytesOf(it), 0);
    for (const it of unused) {
      if (total <= mostBytes) break;
      total -= bytesOf(it);
      it.tiles = [];
    }
  }

  return {
    hold(file) {
      const entry = entryOf(file);
      entry.users++;
      let isHeld = true;
      const count = entry.grid.tiles * tileTokens;
      return {
        ids: Array.from({ length: count }, (_, i) => entry.firstId + i),
        head: entry.head,
        grid: entry.grid,
        read(signal) {
          // One after the other: of two requests with the same picture, the second finds it read.
          const read = reading.then(() => readTiles(file, entry, signal));
          reading = read.catch(() => undefined);
          return read;
        },
        release() {
          if (isHeld) entry.users--;
          isHeld = false;
          dropUnused();
        },
      };
    },
    isPicture: (id) => firstId <= id,
    vector(id) {
      const entry = inOrder[lastBelow(inOrder, id)]!;
      const place = id - entry.firstId;
      const tile = entry.tiles[Math.floor(place / tileTokens)];
      if (tile === undefined) throw new Error(`the picture of ${id} was not read`);
      const from = (place % tileTokens) * vectorSize;
      return tile.subarray(from, from + vectorSize);
    },
    get kept() {
      return inOrder.filter((it) => 0 < it.tiles.length).length;
    },
  };
}

/** The event loop has its turn first: a cancel that came meanwhile is only heard then. */
async function isAborted(signal: AbortSignal): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  return signal.aborted;
}

/** Index of the last entry that begins at the id or before it. */
function lastBelow(entries: readonly Entry[], id: number): number {
  let [low, high] = [0, entries.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (entries[middle]!.firstId <= id) low = middle;
    else high = middle - 1;
  }
  return low;
}
