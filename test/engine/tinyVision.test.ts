// Models that read pictures against transformers in float32: the tower alone, preprocessing, logits of whole prompts, greedy
// text. Folders with an mmproj.gguf in test/tiny, and those in TILLER_TINY (default ../shared/models/tiny).

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { openFileAlone } from "../../src/engine/gguf/modelFile.js";
import { createTower, type Tower } from "../../src/engine/ort/tower.js";
import { openSafetensors } from "../../src/engine/safetensors/safetensorsFile.js";
import { decodePicture } from "../../src/engine/vision/decodePicture.js";
import { cutTiles, tileGrid } from "../../src/engine/vision/tiles.js";
import { buildTower } from "../../src/engine/vision/towerGraph.js";
import { readVisionShape, type VisionShape } from "../../src/engine/vision/visionShape.js";

interface Golden {
  readonly image_token_id: number;
  readonly prompts: readonly GoldenPrompt[];
}

interface GoldenPrompt {
  /** A file of the folder; keys of golden.safetensors begin with its name. */
  readonly image: string;
  readonly tiles: number;
  readonly image_tokens: number;
  readonly ids: readonly number[];
  readonly greedy: readonly number[];
  readonly greedy_margin: readonly number[];
}

const TOLERANCE = 1e-3;

const root = join(import.meta.dirname, "../../..");
const outside = process.env["TILLER_TINY"] ?? join(root, "../shared/models/tiny");
const folders = new Map<string, string>();
for (const parent of [join(root, "test/tiny"), outside].filter((it) => existsSync(it)))
  for (const name of readdirSync(parent))
    if (existsSync(join(parent, name, "mmproj.gguf"))) folders.set(name, join(parent, name));

for (const [name, folder] of folders) describeModel(name, folder);

function describeModel(name: string, folder: string): void {
  const { prompts } = JSON.parse(readFileSync(join(folder, "golden.json"), "utf8")) as Golden;
  const keyOf = ({ image }: GoldenPrompt, what: string) => `${image.replace(/\.\w+$/, "")}.${what}`;

  describe(name, () => {
    let reference: ReturnType<typeof openSafetensors>;
    let vision: VisionShape;
    let tower: Tower;
    const read = (key: string) => reference.read(reference.tensors.get(key)!);

    before(async () => {
      reference = openSafetensors(join(folder, "golden.safetensors"));
      const file = await openFileAlone(join(folder, "mmproj.gguf"));
      vision = readVisionShape(file);
      tower = await createTower(buildTower(file, vision, "exact"), vision.tileSize, { threads: 1 });
      file.close();
    });
    after(async () => {
      reference.close();
      await tower.dispose();
    });

    it("gives the reference's vectors for its pixels", async () => {
      for (const prompt of prompts) {
        const expected = read(keyOf(prompt, "embeddings"));
        const found = await encode(read(keyOf(prompt, "pixel_values")));
        assert.equal(vision.tileTokens * prompt.tiles, prompt.image_tokens);
        assertClose(found, expected, prompt.image);
      }
    });

    it("makes the reference's pixels of a picture that is cut into tiles", async () => {
      const cut = prompts.filter((it) => 1 < it.tiles);
      assert.ok(0 < cut.length);
      for (const prompt of cut) {
        const picture = await decodePicture(readFileSync(join(folder, prompt.image)), prompt.image);
        const grid = tileGrid(picture, vision);
        assert.equal(grid.tiles, prompt.tiles);
        const found = Float32Array.from([...cutTiles(picture, grid, vision)].flatMap((it) => [...it]));
        assert.deepEqual(found, read(keyOf(prompt, "pixel_values")));
      }
    });

    async function encode(pixels: Float32Array): Promise<Float32Array> {
      const size = 3 * vision.tileSize ** 2;
      const all: number[] = [];
      for (let from = 0; from < pixels.length; from += size)
        all.push(...(await tower.encode(pixels.subarray(from, from + size))));
      return Float32Array.from(all);
    }
  });
}

function assertClose(found: Float32Array, expected: Float32Array, what: string): void {
  assert.equal(found.length, expected.length);
  const most = expected.reduce((most, it, k) => Math.max(most, Math.abs(it - found[k]!)), 0);
  // NaN is not close to anything.
  assert.ok(most <= TOLERANCE && found.every((it) => Number.isFinite(it)), `${what} is off by ${most}`);
  if (process.env["TILLER_SHOW"] !== undefined) console.log(what, most);
}
