/** Which experts work on which token: the routing of Arrow (adapters/arrow.ts), made visible. */

import { TillerError } from "../../base/error.js";
import type { RoutedPlace, RouteRequest, RouteResult } from "../../protocol/engine.js";
import { hookNames } from "../graph/hooks.js";
import type { LoadedModel } from "../loadedModel.js";
import type { ExtraOutput } from "../ort/decoder.js";
import { openReader, type Reader } from "../reader.js";
import { checkFits, encodePrompt } from "./promptIds.js";
import { tokenText } from "./tokenText.js";

/** Throws `usage` for a request without routing. */
export async function route(model: LoadedModel, request: RouteRequest, signal: AbortSignal): Promise<RouteResult> {
  const reader = await openReader(model, request);
  try {
    const { ids } = encodePrompt(model, request.prompt);
    checkFits(reader.virtualIds.length + ids.length, model);
    signal.throwIfAborted();
    return {
      ids,
      tokens: ids.map((it) => tokenText(model.tokenizer, it)),
      experts: routingOf(reader).experts,
      places: await readPlaces(model, reader, ids),
    };
  } finally {
    reader.release();
  }
}

function routingOf({ adapted }: Reader) {
  if (adapted?.routing !== undefined) return adapted.routing;
  throw new TillerError("usage", "Without experts there is no routing. Name a folder of LoRA adapters.");
}

async function readPlaces(model: LoadedModel, reader: Reader, ids: readonly number[]): Promise<RoutedPlace[]> {
  const { experts, groups } = routingOf(reader);
  const all = [...reader.virtualIds, ...ids];
  const { layers } = model.shape;
  const modulesOf = (group: string) => model.modules.filter((it) => it.group === group);
  const output = (group: string): ExtraOutput => {
    const dims = [1, all.length, modulesOf(group).length, experts.length];
    return { dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) };
  };
  const wanted: Record<string, ExtraOutput> = {};
  for (let layer = 0; layer < layers; layer++) {
    for (const group of groups) {
      wanted[hookNames.routedWeights(layer, group)] = output(group);
      wanted[hookNames.routedScores(layer, group)] = output(group);
    }
  }
  const { prefix = [], prefixTokens = 0 } = reader.adapted ?? {};
  const cache = model.caches.newCache(all.length);
  if (0 < prefixTokens) cache.fill(prefix, prefixTokens);
  await reader.read(cache, all.slice(prefixTokens), [], wanted);
  const places: RoutedPlace[] = [];
  for (let layer = 0; layer < layers; layer++) {
    for (const group of groups) {
      const own = modulesOf(group);
      const table = (name: string, module: number) =>
        ids.map((_, token) => {
          const row = reader.virtualIds.length - prefixTokens + token;
          const from = (row * own.length + module) * experts.length;
          return Array.from(wanted[name]!.data.subarray(from, from + experts.length));
        });
      own.forEach(({ peftName }, module) => {
        const scores = table(hookNames.routedScores(layer, group), module);
        // Where no expert changes anything, there is nothing to choose.
        if (scores.every((it) => it.every((one) => one === 0))) return;
        places.push({ layer, module: peftName, weights: table(hookNames.routedWeights(layer, group), module), scores });
      });
    }
  }
  return places;
}
