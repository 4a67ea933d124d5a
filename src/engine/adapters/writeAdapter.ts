/** Writes LoRA adapters: as a PEFT folder, or as a GGUF file of llama.cpp. */

import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { TillerError } from "../../base/error.js";
import { ggufBytes, type GgufValue } from "../gguf/writeGguf.js";
import { unpairRows } from "../graph/modules.js";
import { safetensorsBytes } from "../safetensors/writeSafetensors.js";
import { placeOf, type AdaptedModel, type LowRank } from "./adapter.js";
import type { Place } from "./peftNames.js";

export interface WritableLora {
  readonly name: string;
  readonly baseModel?: string | undefined;
  /** By `placeOf`. */
  readonly lowRank: ReadonlyMap<string, LowRank>;
}

/** A path that ends in `.gguf` becomes a file, any other a folder. Throws `file-unwritable`; then nothing is left behind. */
export function writeAdapter(path: string, lora: WritableLora, model: AdaptedModel): void {
  const isGguf = path.toLowerCase().endsWith(".gguf");
  const partial = `${path}.partial`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (isGguf) writeFileSync(partial, ggufFile(lora, model));
    else {
      mkdirSync(partial, { recursive: true });
      for (const [name, content] of Object.entries(peftFolder(lora, model)))
        writeFileSync(join(partial, name), content);
      rmSync(path, { recursive: true, force: true });
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new TillerError("file-unwritable", `${path} cannot be written (${code}).`);
  }
}

interface PlacedLora extends Place {
  readonly lowRank: LowRank;
}

function placesOf({ lowRank }: WritableLora, { modules, shape }: AdaptedModel): PlacedLora[] {
  const layers = Array.from({ length: shape.layers }, (_, layer) => layer);
  return layers.flatMap((layer) =>
    modules.flatMap((module) => {
      const found = lowRank.get(placeOf(layer, module));
      return found === undefined ? [] : [{ layer, module, lowRank: found }];
    }),
  );
}

function peftFolder(lora: WritableLora, model: AdaptedModel): Record<string, string | Uint8Array> {
  const places = placesOf(lora, model);
  const tensors = places.flatMap(({ layer, module, lowRank: { rank, a, b } }) => {
    const stem = `base_model.model.model.layers.${layer}.${module.peftName}`;
    const values = module.pairedHeads === undefined ? b : unpairRows(b, module.pairedHeads, rank);
    return [
      { name: `${stem}.lora_A.weight`, shape: [rank, module.columns], values: a },
      { name: `${stem}.lora_B.weight`, shape: [module.rows, rank], values },
    ];
  });
  return {
    "adapter_config.json": `${JSON.stringify(peftConfig(lora, places, model), undefined, 2)}\n`,
    "adapter_model.safetensors": safetensorsBytes(tensors),
  };
}

/** What most modules have is the rule; patterns name the others. */
function peftConfig({ baseModel }: WritableLora, places: readonly PlacedLora[], model: AdaptedModel) {
  const r = mostCommon(places.map((it) => it.lowRank.rank));
  const alpha = mostCommon(places.map(alphaOf));
  const patterns = (differ: (it: PlacedLora) => boolean, value: (it: PlacedLora) => number) =>
    Object.fromEntries(places.filter(differ).map((it) => [`layers.${it.layer}.${it.module.peftName}`, value(it)]));
  return {
    base_model_name_or_path: baseModel ?? null,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    lora_alpha: alpha,
    lora_dropout: 0,
    peft_type: "LORA",
    r,
    rank_pattern: patterns(
      (it) => it.lowRank.rank !== r,
      (it) => it.lowRank.rank,
    ),
    alpha_pattern: patterns((it) => alphaOf(it) !== alpha, alphaOf),
    task_type: "CAUSAL_LM",
    use_dora: false,
    use_rslora: false,
    ...targets(places, model),
  };
}

/** The modules by their short names where all layers have the same ones, else one by one. */
function targets(places: readonly PlacedLora[], { shape }: AdaptedModel) {
  const layers = [...new Set(places.map((it) => it.layer))];
  const names = [...new Set(places.map((it) => it.module.peftName))];
  if (places.length !== layers.length * names.length)
    return { target_modules: places.map((it) => `model.layers.${it.layer}.${it.module.peftName}`) };
  const target_modules = names.map((it) => it.split(".").at(-1)!);
  return { target_modules, layers_to_transform: layers.length === shape.layers ? null : layers };
}

function ggufFile(lora: WritableLora, model: AdaptedModel): Uint8Array {
  const places = placesOf(lora, model);
  const alpha = mostCommon(places.map(alphaOf));
  const metadata: Record<string, GgufValue> = {
    "general.architecture": model.shape.architecture,
    "general.type": "adapter",
    "adapter.type": "lora",
    "adapter.lora.alpha": { float: alpha },
    "general.name": lora.name,
    "general.file_type": { count: 0 },
    ...(lora.baseModel !== undefined && {
      "general.base_model.count": { count: 1 },
      "general.base_model.0.name": lora.baseModel,
    }),
  };
  const tensors = places.flatMap((place) => {
    const { layer, module, lowRank } = place;
    const { rank, a, b } = lowRank;
    const stem = `blk.${layer}.${module.ggufName}.weight`;
    // There is one alpha for all; what a module's own scaling has beyond it goes into its B.
    const by = alphaOf(place) / alpha;
    return [
      { name: `${stem}.lora_a`, shape: [module.columns, rank], values: a },
      { name: `${stem}.lora_b`, shape: [rank, module.rows], values: by === 1 ? b : b.map((it) => it * by) },
    ];
  });
  return ggufBytes(metadata, tensors);
}

function alphaOf({ lowRank: { scaling, rank } }: PlacedLora): number {
  // Without what the division by the rank rounded away.
  return Number((scaling * rank).toPrecision(12));
}

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const it of values) counts.set(it, (counts.get(it) ?? 0) + 1);
  return [...counts].reduce((best, it) => (best[1] < it[1] ? it : best), [1, 0] as [number, number])[0];
}
