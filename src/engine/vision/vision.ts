/** The eyes of a loaded model: its vision part, which is made ready when the first picture comes, and the pictures it has seen. */

import { TillerError } from "../../base/error.js";
import type { Precision } from "../../protocol/engine.js";
import { openFileAlone } from "../gguf/modelFile.js";
import { checkVisionMemory, freeMemory } from "../memoryEstimate.js";
import { createTower, type Tower } from "../ort/tower.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { checkedHead, decodePicture } from "./decodePicture.js";
import type { VisionPart } from "./findVisionPart.js";
import { AROUND_TOKEN, IMAGE_TOKEN } from "./imageText.js";
import { createPictureShelf, type PictureShelf, type ReadTiles } from "./pictureShelf.js";
import type { PictureFile } from "./readSource.js";
import { cutTiles, tileGrid, type TileGrid } from "./tiles.js";
import { buildTower } from "./towerGraph.js";

export interface Vision {
  readonly part: VisionPart;
  /** The token that stands for every vector of a picture, wherever tokens are told to others. */
  readonly imageToken: number;
  readonly shelf: PictureShelf;
  /** Whether the vision part is in memory now. */
  readonly isReady: boolean;
  dispose(): Promise<void>;
}

export interface VisionOptions {
  readonly precision: Precision;
  readonly threads: number;
  /** Do not refuse a vision part for which memory will not suffice. */
  readonly ignoreMemory: boolean;
  /** The first id above those of the vocabulary. */
  readonly firstId: number;
  /** Its memory is given back when no picture was looked at for so long. */
  readonly idleMs?: number;
  readonly mostBytes?: number;
}

const IDLE_MS = 5 * 60_000;
/** Some 25 pictures of a model of 256 million parameters, and five of one of two billion. */
const MOST_BYTES = 64 << 20;

/** Undefined for a tokenizer without the marks of pictures: the part belongs to another model. */
export function createVision(part: VisionPart, tokenizer: Tokenizer, options: VisionOptions): Vision | undefined {
  const imageToken = tokenizer.specials.get(IMAGE_TOKEN);
  if (imageToken === undefined || !tokenizer.specials.has(AROUND_TOKEN)) return undefined;
  const { shape } = part;
  const towers = keptTower(() => makeTower(part, options), options.idleMs ?? IDLE_MS);

  async function* tiles(file: PictureFile, grid: TileGrid, { from, signal }: ReadTiles): AsyncGenerator<Float32Array> {
    const picture = await decodePicture(file.bytes, file.name);
    let index = 0;
    for (const pixels of cutTiles(picture, grid, shape))
      if (from <= index++) yield await towers.use((tower) => tower.encode(pixels, signal));
  }

  const shelf = createPictureShelf({
    firstId: options.firstId,
    vectorSize: shape.outputSize,
    tileTokens: shape.tileTokens,
    mostBytes: options.mostBytes ?? MOST_BYTES,
    head: ({ bytes, name }) => checkedHead(bytes, name),
    grid: (head) => tileGrid(head, shape),
    tiles,
  });
  return {
    ...{ part, imageToken, shelf },
    get isReady() {
      return towers.isReady;
    },
    dispose: () => towers.dispose(),
  };
}

async function makeTower({ path, shape, bytes }: VisionPart, options: VisionOptions): Promise<Tower> {
  const { precision, threads, ignoreMemory } = options;
  if (!ignoreMemory) checkVisionMemory(path, bytes[precision], freeMemory());
  const file = await openFileAlone(path);
  try {
    return await createTower(buildTower(file, shape, precision), { threads });
  } finally {
    file.close();
  }
}

/** A tower that is made when it is used, and let go when it was not used for a while. */
function keptTower(make: () => Promise<Tower>, idleMs: number) {
  let tower: Promise<Tower> | undefined;
  let users = 0;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  async function letGo(): Promise<void> {
    clearTimeout(timer);
    const old = tower;
    tower = undefined;
    await old?.then(
      (it) => it.dispose(),
      () => undefined,
    );
  }

  return {
    get isReady() {
      return tower !== undefined;
    },
    async use<T>(action: (tower: Tower) => Promise<T>): Promise<T> {
      if (isOver)
        throw new TillerError("usage", "The model was unloaded while it looked at a picture. Run the prompt again.");
      clearTimeout(timer);
      users++;
      // One that could not be made is tried again with the next picture.
      const made = (tower ??= make());
      made.catch(() => (tower = undefined));
      try {
        return await action(await made);
      } finally {
        users--;
        if (users === 0) timer = setTimeout(() => void letGo(), idleMs).unref();
      }
    },
    async dispose() {
      isOver = true;
      await letGo();
    },
  };
}
