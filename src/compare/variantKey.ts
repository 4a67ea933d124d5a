/** What makes two variants the same for ratings: their settings, without what differs from machine to machine. */

import { modelName } from "../base/modelName.js";
import type { Json } from "../base/json.js";
import type { VariantSettings } from "../protocol/compare.js";

/** `m.gguf|adapters=pirate@0.8|temperature=0.7`: readable, because it stands in a file that people merge. */
export function variantKey(
  { guide, sampling = {}, attention, prompt }: VariantSettings,
  model: string,
  adapters: readonly { readonly name: string; readonly scale: number }[],
): string {
  const { seed: _, ...draws } = sampling; // seeds are those of the comparison
  const parts = [
    model,
    ...(adapters.length === 0
      ? []
      : [
          `adapters=${adapters
            .map((it) => `${it.name}@${it.scale}`)
            .sort()
            .join(",")}`,
        ]),
    ...(guide === undefined ? [] : [`guide=${canonical(guide)}`]),
    ...(Object.keys(draws).length === 0 ? [] : [`sampling=${canonical(draws as Json)}`]),
    ...(attention === undefined ? [] : [`attention=${canonical(attention)}`]),
    ...(prompt === undefined ? [] : [`prompt=${fileName(prompt.path)}`]),
  ];
  return parts.join("|");
}

/** For people: `SmolLM2-135M, pirate 0.8, temperature 0.7`. */
export function variantSummary(
  { guide, sampling = {}, attention, prompt }: VariantSettings,
  model: string,
  adapters: readonly { readonly name: string; readonly scale: number }[],
): string {
  const draws = Object.entries(sampling).filter(([name]) => name !== "seed" && name !== "logitBias");
  const parts = [
    modelName(model),
    ...(adapters.length === 0 ? ["no adapter"] : adapters.map((it) => `${it.name} ${it.scale}`)),
    ...(guide === undefined ? [] : [Object.keys(guide).length === 0 ? "unguided" : `guide ${short(guide)}`]),
    ...draws.map(([name, value]) => `${name} ${String(value)}`),
    ...(attention === undefined ? [] : [`attention ${short(attention)}`]),
    ...(prompt === undefined ? [] : [fileName(prompt.path)]),
  ];
  return parts.join(", ");
}

function short(value: { readonly [key: string]: Json }): string {
  return Object.entries(value)
    .map(([key, it]) => `${key} ${typeof it === "string" ? it : JSON.stringify(it)}`)
    .join(" ");
}

/** JSON with keys in order, so that equal values are equal texts. */
export function canonical(value: Json): string {
  return JSON.stringify(value, (_, it: Json) =>
    typeof it === "object" && it !== null && !Array.isArray(it)
      ? Object.fromEntries(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1)))
      : it,
  );
}

export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1)!;
}
