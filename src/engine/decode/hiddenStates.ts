/**
 * What the model holds of a prompt: the residual stream behind every layer, from a graph that has it as outputs
 * (graph/hooks.ts). Directions to steer by are made of it.
 */

import { TillerError } from "../../base/error.js";
import type {
  HiddenStatesEvent,
  HiddenStatesRequest,
  HiddenStatesResult,
  OnEvent,
  PromptStates,
} from "../../protocol/engine.js";
import { hookNames, type Hook } from "../graph/hooks.js";
import type { LoadedModel } from "../loadedModel.js";
import type { ExtraOutput } from "../ort/decoder.js";
import { openReader, type Reader } from "../reader.js";
import { openPictures, type OpenPictures } from "./openPictures.js";
import { withOwnCache } from "./ownCache.js";
import { checkFits, encodePrompt } from "./promptIds.js";

/** The streams of this many positions are held at once: 64 of the embedded model are 4 MB. A cancel waits for one piece. */
const PIECE = 64;

/** Throws `input-invalid` for a prompt without a token. */
export async function hiddenStates(
  model: LoadedModel,
  { prompts, at = "last", ...adaptation }: HiddenStatesRequest,
  onEvent: OnEvent<HiddenStatesEvent>,
  signal: AbortSignal,
): Promise<HiddenStatesResult> {
  const pictures = openPictures(model, prompts);
  try {
    return await statesOf(pictures, model, { prompts, at, ...adaptation }, onEvent, signal);
  } finally {
    pictures.release();
  }
}

async function statesOf(
  pictures: OpenPictures,
  model: LoadedModel,
  { prompts, at, ...adaptation }: Omit<HiddenStatesRequest, "model" | "at"> & Pick<Place, "at">,
  onEvent: OnEvent<HiddenStatesEvent>,
  signal: AbortSignal,
): Promise<HiddenStatesResult> {
  // Whatever is wrong with one of them is said before any is read.
  const all = prompts.map((prompt, i) => {
    const { ids, images } = encodePrompt(model, prompt, { pictures });
    if (ids.length === 0) throw new TillerError("input-invalid", `Prompt ${i + 1} is empty: it has no last token.`);
    return { ids, images };
  });
  const reader = await openReader(model, adaptation, new Set<Hook>(["streams"]));
  try {
    for (const { ids, images } of all) checkFits(reader.virtualIds.length + ids.length, model, images);
    if (!(await pictures.read(signal))) signal.throwIfAborted();
    const states: PromptStates[] = [];
    for (const { ids } of all) {
      const layers = await streamsOf(model, reader, ids, { at, signal });
      states.push({ tokenCount: ids.length, layers });
      onEvent({ type: "reading", done: states.length, total: all.length });
    }
    return { prompts: states };
  } finally {
    reader.release();
  }
}

interface Place {
  readonly at: "last" | "mean";
  readonly signal: AbortSignal;
}

/** [hidden] for each layer. */
async function streamsOf(
  model: LoadedModel,
  reader: Reader,
  ids: readonly number[],
  { at, signal }: Place,
): Promise<Float32Array[]> {
  const { shape } = model;
  const sums = Array.from({ length: shape.layers }, () => new Float64Array(shape.hiddenSize));
  await withOwnCache(model, reader, ids.length, async ({ cache, virtualIds }) => {
    if (0 < virtualIds.length) await reader.read(cache, virtualIds, []);
    // The last token is read alone, as it is before a text is written (prefill.ts).
    const lastFrom = ids.length - 1;
    for (let from = 0; from < ids.length;) {
      // A cancel that arrived while the last piece was read is only heard after the event loop had its turn.
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      const to = from === lastFrom ? ids.length : Math.min(from + PIECE, lastFrom);
      const isWanted = at === "mean" || from === lastFrom;
      const streams = isWanted ? outputsOf(shape, to - from) : [];
      const wanted = Object.fromEntries(streams.map((it, layer) => [hookNames.stream(layer), it]));
      await reader.read(cache, ids.slice(from, to), [], wanted);
      streams.forEach(({ data }, layer) => addPositions(sums[layer]!, data));
      from = to;
    }
  });
  const positions = at === "mean" ? ids.length : 1;
  return sums.map((sum) => Float32Array.from(sum, (it) => it / positions));
}

/** For each layer [1, positions, hidden]. */
function outputsOf(
  { layers, hiddenSize }: { readonly layers: number; readonly hiddenSize: number },
  positions: number,
): ExtraOutput[] {
  return Array.from({ length: layers }, () => ({
    dims: [1, positions, hiddenSize],
    data: new Float32Array(positions * hiddenSize),
  }));
}

function addPositions(sum: Float64Array, data: Float32Array): void {
  for (let i = 0; i < data.length; i++) sum[i % sum.length]! += data[i]!;
}
