/** Which of a model's own experts work on which token: its router's scores, and what the graph makes of them. */

import type { RoutedPlace } from "../../protocol/engine.js";
import { expertScores } from "../graph/experts.js";
import type { ExpertShape } from "../graph/modelShape.js";
import type { LoadedModel } from "../loadedModel.js";
import type { Reader } from "../reader.js";
import { withOwnCache } from "./ownCache.js";

/** Tokens that are read at once: a cancel is heard between two pieces. */
const PIECE = 64;

/** Reads `ids` on a cache of its own; a place for each layer. */
export async function readModelExperts(
  model: LoadedModel,
  reader: Reader,
  shape: ExpertShape,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<RoutedPlace[]> {
  const { layers } = model.shape;
  const scores = Array.from({ length: layers }, (): number[][] => []);
  await withOwnCache(model, reader, ids.length, async ({ cache, virtualIds }) => {
    if (0 < virtualIds.length) await reader.read(cache, virtualIds, []);
    for (let from = 0; from < ids.length; from += PIECE) {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      const piece = ids.slice(from, from + PIECE);
      const outputs = Array.from({ length: layers }, () => new Float32Array(piece.length * shape.count));
      const dims = [piece.length, shape.count];
      const wanted = Object.fromEntries(outputs.map((data, layer) => [expertScores(layer), { dims, data }]));
      await reader.read(cache, piece, [], wanted);
      outputs.forEach((data, layer) => {
        for (let at = 0; at < data.length; at += shape.count)
          scores[layer]!.push(Array.from(data.subarray(at, at + shape.count)));
      });
    }
  });
  return scores.map((all, layer) => ({
    layer,
    module: "mlp",
    scores: all,
    weights: all.map((it) => expertWeights(it, shape)),
  }));
}

/** (experts,): what part of a token each expert has; 0 for those that were not chosen. See graph/experts.ts. */
export function expertWeights(scores: readonly number[], { used, normalized, scale }: ExpertShape): number[] {
  const best = scores.map((_, expert) => expert).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const chosen = best.slice(0, used);
  const largest = scores[best[0]!]!;
  const mass = (experts: readonly number[]) => experts.reduce((sum, it) => sum + Math.exp(scores[it]! - largest), 0);
  const total = mass(normalized ? chosen : best);
  const weights = scores.map(() => 0);
  for (const expert of chosen) weights[expert] = (scale * Math.exp(scores[expert]! - largest)) / total;
  return weights;
}
