/** What the Models view says of each model: whether it runs, what it takes, whether it is in memory and in use. */

import { durationText } from "../../base/durationText.js";
import { fitsInto, mainFormat, memoryText } from "../../base/memoryText.js";
import type { RecommendedModel } from "../../base/recommendedModels.js";
import { sizeText } from "../../base/sizeText.js";
import type { DeviceChoice } from "../../protocol/device.js";
import type { FoundModel, ModelInMemory, ModelList } from "../../protocol/engine.js";

export interface ModelRow {
  readonly path: string;
  readonly name: string;
  readonly description: string;
  /** Lines of Markdown. */
  readonly tooltip: readonly string[];
  /** What a screen reader says. */
  readonly spoken: string;
  readonly icon: "warning" | "loading~spin" | "check" | "circle-filled" | "circle-outline";
  /** Words that the menus look for: `broken`, `idle`, `loading`, `loaded` or `busy`; `used` or `unused`; `removable`. */
  readonly words: readonly string[];
  /** It comes with Tiller, and an empty setting means it. */
  readonly embedded: boolean;
}

export interface ModelRowContext {
  /** The model of the settings. */
  readonly usedPath: string;
  readonly embeddedPath: string;
}

export function modelRows(list: ModelList, context: ModelRowContext): ModelRow[] {
  return list.models.map((it) => {
    const inMemory = list.loaded.filter(({ model }) => model.path === it.path);
    return rowOf(it, inMemory, list, context);
  });
}

function rowOf(
  { path, name, facts, memory, problem }: FoundModel,
  inMemory: readonly ModelInMemory[],
  { freeBytes }: ModelList,
  { usedPath, embeddedPath }: ModelRowContext,
): ModelRow {
  const isUsed = path === usedPath;
  const embedded = path === embeddedPath;
  const why = problem ?? facts?.unsupported;
  const state = why === undefined ? stateOf(inMemory) : "broken";
  const isTooLarge = state === "idle" && memory !== undefined && !fitsInto(memory, freeBytes);
  const words = [state, isUsed ? "used" : "unused", ...(embedded ? [] : ["removable"])];
  const kind = facts === undefined ? [] : [mainFormat(facts), sizeText(facts.sizeBytes)];
  const needs = isTooLarge ? `needs ${sizeText(Math.max(memory.totalBytes, memory.loadingBytes))}, ${sizeText(freeBytes)} free` : undefined;
  const now = state === "broken" ? "cannot be run" : (needs ?? stateText(state, inMemory));
  const description = [isUsed ? "in use" : undefined, now, ...kind].filter((it) => it !== undefined).join(" · ");
  return {
    path,
    name,
    description,
    tooltip: [
      `**${literal(name)}**${embedded ? " (comes with Tiller)" : ""}`,
      ...(isUsed ? ["Prompts that name no model are run on it."] : []),
      ...(why === undefined ? [] : [literal(why)]),
      ...(facts === undefined
        ? []
        : [
            `${literal(facts.architecture)}, ${facts.parameterCount.toLocaleString("en")} parameters, ${facts.layers} layers, trained for ${facts.contextLength.toLocaleString("en")} tokens`,
          ]),
      ...(memory === undefined ? [] : [`It ${memoryText(memory, freeBytes)}.`]),
      ...inMemory.flatMap(({ device }) => deviceLine(device)),
      code(path),
    ],
    spoken: `${name}, ${description}`,
    icon: iconOf(state, isUsed, isTooLarge),
    words,
    embedded,
  };
}

function deviceLine(device: DeviceChoice | undefined): string[] {
  if (device?.reason !== undefined) return [literal(`The processor computes: ${device.reason}.`)];
  return device === undefined || device.device === "cpu" ? [] : [literal(`It is computed on ${device.device}.`)];
}

type State = "broken" | "idle" | "loading" | "loaded" | "busy";

function stateOf(inMemory: readonly ModelInMemory[]): State {
  if (inMemory.length === 0) return "idle";
  if (inMemory.some((it) => it.state === "loading")) return "loading";
  return inMemory.some((it) => 0 < it.users) ? "busy" : "loaded";
}

function stateText(state: State, inMemory: readonly ModelInMemory[]): string | undefined {
  switch (state) {
    case "loading":
      return "is being loaded";
    case "busy":
      return "at work";
    case "loaded": {
      const idleMs = Math.min(...inMemory.map((it) => it.idleMs));
      // Seconds would change with every look, and each change draws the row anew.
      return idleMs < 60_000 ? "in memory" : `in memory, idle for ${durationText(Math.floor(idleMs / 60_000) * 60)}`;
    }
    default:
      return undefined;
  }
}

function iconOf(state: State, isUsed: boolean, isTooLarge: boolean): ModelRow["icon"] {
  if (state === "broken" || isTooLarge) return "warning";
  if (state === "loading") return "loading~spin";
  if (isUsed) return "check";
  return state === "idle" ? "circle-outline" : "circle-filled";
}

/** Of a model that could be got. */
export function recommendedText({ sizeBytes, memoryBytes, purpose, licence, source }: RecommendedModel): {
  readonly description: string;
  readonly tooltip: readonly string[];
} {
  return {
    description: `${sizeText(sizeBytes)} · ${purpose}`,
    tooltip: [
      literal(purpose),
      `A file of ${sizeText(sizeBytes)}; takes about ${sizeText(memoryBytes)} of memory. Licence ${literal(licence)}.`,
      code(source),
    ],
  };
}

/** What files say is text: an image in it would be fetched from wherever it lies. */
function literal(text: string): string {
  return text.replace(/[\\`*_{}[\]()<>#+!|~&:-]/g, "\\$&");
}

/** A path may hold anything; it is shown as it is. */
function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}
