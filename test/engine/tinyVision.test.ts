// Models that read pictures against transformers in float32: the tower alone, preprocessing, logits of whole prompts, greedy
// text. Folders with an mmproj.gguf in test/tiny, and those in TILLER_TINY (default ../shared/models/tiny).

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { openPictures } from "../../src/engine/decode/openPictures.js";
import { encodePrompt } from "../../src/engine/decode/promptIds.js";
import { openFileAlone } from "../../src/engine/gguf/modelFile.js";
import { loadModel, type LoadedModel } from "../../src/engine/loadedModel.js";
import { testCache } from "../../src/engine/ort/selfTest.js";
import { createTower, type Tower } from "../../src/engine/ort/tower.js";
import { openReader } from "../../src/engine/reader.js";
import { openSafetensors } from "../../src/engine/safetensors/safetensorsFile.js";
import { decodePicture } from "../../src/engine/vision/decodePicture.js";
import { cutTiles, tileGrid } from "../../src/engine/vision/tiles.js";
import { AROUND_TOKEN, imageText } from "../../src/engine/vision/imageText.js";
import { buildTower } from "../../src/engine/vision/towerGraph.js";
import { readVisionShape, type VisionShape } from "../../src/engine/vision/visionShape.js";
import type { PromptInput } from "../../src/protocol/engine.js";

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
const never = new AbortController().signal;
/** The template of SmolVLM, which the reference's prompts follow; the files of the tiny models have another one. */
const SMOLVLM =
  "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}{% if message['content'][0]['type'] == 'image' %}" +
  "{{':'}}{% else %}{{': '}}{% endif %}{% for line in message['content'] %}{% if line['type'] == 'text' %}{{line['text']}}" +
  "{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}" +
  "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}";

const root = join(import.meta.dirname, "../../..");
const outside = process.env["TILLER_TINY"] ?? join(root, "../shared/models/tiny");
const folders = new Map<string, string>();
for (const parent of [join(root, "test/tiny"), outside].filter((it) => existsSync(it)))
  for (const name of readdirSync(parent))
    if (existsSync(join(parent, name, "mmproj.gguf"))) folders.set(name, join(parent, name));

for (const [name, folder] of folders) describeModel(name, folder);

function describeModel(name: string, folder: string): void {
  const { prompts, image_token_id } = JSON.parse(readFileSync(join(folder, "golden.json"), "utf8")) as Golden;
  const keyOf = ({ image }: GoldenPrompt, what: string) => `${image.replace(/\.\w+$/, "")}.${what}`;

  describe(name, () => {
    let reference: ReturnType<typeof openSafetensors>;
    let vision: VisionShape;
    let tower: Tower;
    let model: LoadedModel;
    const read = (key: string) => reference.read(reference.tensors.get(key)!);

    before(async () => {
      reference = openSafetensors(join(folder, "golden.safetensors"));
      const file = await openFileAlone(join(folder, "mmproj.gguf"));
      vision = readVisionShape(file);
      tower = await createTower(buildTower(file, vision, "exact"), { threads: 1 });
      file.close();
      const spec = { path: join(folder, "model.gguf"), precision: "exact" } as const;
      model = await loadModel({ spec, cacheKind: (await testCache()).kind, defaultThreads: 1 }, () => undefined);
    });
    after(async () => {
      await model.dispose();
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

    it("gives the reference's logits at every position of its prompts", async () => {
      for (const prompt of prompts) {
        const vectors = read(keyOf(prompt, "embeddings"));
        const found = await logitsOf(prompt.ids, vectors);
        assertClose(found, read(keyOf(prompt, "logits")), prompt.image);
      }
    });

    it("writes the reference's text behind its pictures, token by token", async () => {
      for (const prompt of prompts) await writeGreedy(prompt, await encode(read(keyOf(prompt, "pixel_values"))));
    });

    it("makes the reference's prompt of a chat with a picture, and reads it as the reference does", async () => {
      for (const prompt of prompts.filter((it) => 1 < it.tiles)) {
        const chat = chatOf(prompt);
        const pictures = openPictures(model, [chat]);
        const { ids, images } = encodePrompt({ ...model, chatTemplate: SMOLVLM }, chat, { pictures });
        assert.deepEqual(ids.map(model.tokenOf), prompt.ids);
        const first = prompt.ids.indexOf(model.tokenizer.specials.get(AROUND_TOKEN)!);
        const last = prompt.ids.lastIndexOf(model.tokenizer.specials.get(AROUND_TOKEN)!);
        const picture = await decodePicture(readFileSync(join(folder, prompt.image)), prompt.image);
        const { width, height } = picture;
        assert.deepEqual(images, [{ first, count: last - first + 1, width, height, tiles: prompt.tiles }]);
        await pictures.read(never);
        const reader = await openReader(model, {});
        const cache = model.caches.newCache(ids.length);
        const logits = await reader.read(
          cache,
          ids,
          ids.map((_, i) => i),
        );
        assertClose(logits, read(keyOf(prompt, "logits")), prompt.image);
        reader.release();
        pictures.release();
      }
    });

    it("makes the reference's prompt of a picture that is one tile", () => {
      for (const prompt of prompts.filter((it) => it.tiles === 1)) {
        const { specials, encodeSegments } = model.tokenizer;
        const text = imageText({ rows: 0, columns: 0, tiles: 1, sizes: [] }, vision.tileTokens);
        const ids = encodeSegments([{ text, trusted: true }]);
        const from = prompt.ids.indexOf(specials.get(AROUND_TOKEN)!);
        assert.deepEqual(prompt.ids.slice(from, from + ids.length), ids);
      }
    });

    /** The messages of the reference: a picture, then what is asked. */
    function chatOf({ ids, image }: GoldenPrompt): PromptInput {
      const { specials, decode } = model.tokenizer;
      const from = ids.lastIndexOf(specials.get(AROUND_TOKEN)!) + 1;
      const content = decode(ids.slice(from, ids.indexOf(specials.get("<end_of_utterance>")!)));
      const images = [{ at: 0, source: { path: join(folder, image) } }];
      return { type: "messages", messages: [{ role: "user", content, images }] };
    }

    /** The vectors of a prompt whose pictures have these. */
    function embed(ids: readonly number[], vectors: Float32Array): Float32Array {
      const out = model.embeddings.lookUp(ids);
      const size = model.shape.hiddenSize;
      let next = 0;
      ids.forEach((id, i) => {
        if (id === image_token_id) out.set(vectors.subarray(next++ * size, next * size), i * size);
      });
      assert.equal(next * size, vectors.length);
      return out;
    }

    async function logitsOf(ids: readonly number[], vectors: Float32Array): Promise<Float32Array> {
      const reader = await openReader(model, {});
      const cache = model.caches.newCache(ids.length);
      const logits = await reader.decoder.forward(
        cache,
        embed(ids, vectors),
        ids.map((_, i) => i),
      );
      reader.release();
      return logits;
    }

    async function writeGreedy({ ids, greedy, greedy_margin, image }: GoldenPrompt, vectors: Float32Array) {
      const reader = await openReader(model, {});
      const cache = model.caches.newCache(ids.length + greedy.length);
      let logits = await reader.decoder.forward(cache, embed(ids, vectors), [ids.length - 1]);
      const unclear = greedy_margin.findIndex((it) => it < 2 * TOLERANCE);
      const clear = greedy.slice(0, unclear < 0 ? greedy.length : unclear);
      assert.ok(0 < clear.length);
      for (const [step, id] of clear.entries()) {
        assert.equal(logits.indexOf(logits.reduce((a, b) => Math.max(a, b))), id, `${image}, step ${step}`);
        logits = await reader.read(cache, [id], [0]);
      }
      reader.release();
    }

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
        all.push(...(await tower.encode(pixels.subarray(from, from + size), never)));
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
