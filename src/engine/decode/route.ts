/**
 * Which experts work on which token, made visible: those that adapters are to a request (Arrow, adapters/arrow.ts), or else
 * the model's own.
 */

import { TillerError } from "../../base/error.js";
import type { RoutedPlace, RouteRequest, RouteResult } from "../../protocol/engine.js";
import { hookNames } from "../graph/hooks.js";
import type { LoadedModel } from "../loadedModel.js";
import type { ExtraOutput } from "../ort/decoder.js";
import { openReader, type Reader } from "../reader.js";
import { readModelExperts } from "./modelExperts.js";
import { openPictures } from "./openPictures.js";
import { withOwnCache } from "./ownCache.js";
import { checkFits, encodePrompt } from "./promptIds.js";
import { tokenText } from "./tokenText.js";

/** Throws `usage` for a request without routing on a model without experts. */
export async function route(model: LoadedModel, request: RouteRequest, signal: AbortSignal): Promise<RouteResult> {
  const pictures = openPictures(model, [request.prompt]);
  try {
    const reader = await openReader(model, request);
    try {
      const { ids, images } = encodePrompt(model, request.prompt, { pictures });
      checkFits(reader.virtualIds.length + ids.length, model, images);
      if (!(await pictures.read(signal))) signal.throwIfAborted();
      return await routeIds(model, reader, ids, signal);
    } finally {
      reader.release();
    }
  } finally {
    pictures.release();
  }
}

async function routeIds(
  model: LoadedModel,
  reader: Reader,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<RouteResult> {
  const told = ids.map((it) => model.tokenOf(it));
  const tokens = told.map((it) => tokenText(model.tokenizer, it));
  const own = model.shape.experts;
  if (reader.adapted?.routing === undefined && own !== undefined) {
    const experts = Array.from({ length: own.count }, (_, i) => String(i));
    return { ids: told, tokens, experts, places: await readModelExperts(model, reader, own, ids, signal) };
  }
  return { ids: told, tokens, experts: routingOf(reader).experts, places: await readPlaces(model, reader, ids) };
}

function routingOf({ adapted }: Reader) {
  if (adapted?.routing !== undefined) return adapted.routing;
  const message =
    "Without experts there is no routing: this model is no mixture of experts. Name a folder of LoRA adapters, or another model.";
  throw new TillerError("usage", message);
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
  const { prefixTokens = 0 } = reader.adapted ?? {};
  await withOwnCache(model, reader, ids.length, ({ cache, virtualIds }) =>
    reader.read(cache, [...virtualIds, ...ids], [], wanted),
  );
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
