/**
 * The scales of a cache with 8-bit integers: one for each channel of each layer's keys and values, found by reading a short text.
 *
 * Rotation moves a key within its pairs of channels and keeps each pair's length, so the two channels of a pair share the scale
 * of the longest pair: positions that the text does not reach are then covered too.
 */

import type { CacheScales } from "../graph/cacheScales.js";
import type { KeyRotation } from "../graph/rotary.js";
import { cacheNames } from "../graph/attention.js";
import type { Decoder } from "./decoder.js";
import { inPlaceCache } from "./inPlaceCache.js";
import type { CacheShape, RunnableCache } from "./kvCache.js";

const LARGEST = 127;
/** Other texts reach a little further than this one; what lies beyond is cut off. */
const HEADROOM = 1.15;

/** `embeddings` [count, hidden] are those of the text; the decoder has a cache of floats. */
export async function calibrate(
  decoder: Decoder,
  shape: Pick<CacheShape, "layers" | "kvHeads" | "headSize">,
  embeddings: Float32Array,
  count: number,
  rotation: KeyRotation,
): Promise<readonly CacheScales[]> {
  const cache: RunnableCache = inPlaceCache({ ...shape, cacheType: "float32" }, count);
  await decoder.forward(cache, embeddings, [count - 1]);
  const { layers, kvHeads, headSize } = shape;
  const partnerOf = partners(rotation, headSize);
  return Array.from({ length: layers }, (_, layer) => {
    const names = cacheNames(layer);
    const data = (name: string) => cache.tensors[name]!.data as Float32Array;
    const [key, value] = [data(names.pastKey), data(names.pastValue)];
    const scales = { key: new Float32Array(kvHeads * headSize), value: new Float32Array(kvHeads * headSize) };
    for (let head = 0; head < kvHeads; head++) {
      for (let position = 0; position < count; position++) {
        const from = (head * count + position) * headSize;
        for (let d = 0; d < headSize; d++) {
          const partner = partnerOf[d]!;
          const k = partner === d ? Math.abs(key[from + d]!) : Math.hypot(key[from + d]!, key[from + partner]!);
          const at = head * headSize + d;
          scales.key[at] = Math.max(scales.key[at]!, k);
          scales.value[at] = Math.max(scales.value[at]!, Math.abs(value[from + d]!));
        }
      }
    }
    const scaled = (most: Float32Array) => most.map((it) => Math.max(it, Number.EPSILON) * (HEADROOM / LARGEST));
    return { key: scaled(scales.key), value: scaled(scales.value) };
  });
}

/** Of each channel, the one that it is rotated with: itself where it is not rotated. */
function partners({ frequencies, interleaved }: KeyRotation, headSize: number): number[] {
  const half = frequencies.length;
  return Array.from({ length: headSize }, (_, d) => {
    if (2 * half <= d) return d;
    if (interleaved) return d ^ 1;
    return d < half ? d + half : d - half;
  });
}
