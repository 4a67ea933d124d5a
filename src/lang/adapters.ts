/** `tiller.adapters` and `tiller.routing`: which adapters a prompt runs with. */

import { isJsonObject, type Json } from "../base/json.js";
import type { PromptFile } from "./ast.js";
import type { Diagnostic, Severity } from "./diagnostic.js";
import { valueSpan, type KeyPath } from "./frontMatter.js";
import { typeNames, typeOf } from "./frontMatterSchema.js";

export interface AdapterEntry {
  /** What it is called; without a `uri` it is looked for in folders called `adapters`. */
  readonly name: string;
  /** A path from the prompt's folder. */
  readonly uri?: string;
  readonly scale: number;
  /** Of a control vector: the first and the last layer that it steers, from 0. */
  readonly layers?: readonly [number, number];
  /** Of the file with its weights, in hexadecimal digits. */
  readonly sha256?: string;
}

export interface RoutingEntry {
  /** A folder of LoRA adapters, from the prompt's folder. */
  readonly experts: string;
  readonly topK?: number;
  readonly temperature?: number;
}

export interface ReadAdapters {
  readonly adapters: readonly AdapterEntry[];
  readonly routing?: RoutingEntry;
  readonly diagnostics: readonly Diagnostic[];
}

const MOST_SCALE = 100;

/** What is wrong counts as not said. */
export function readAdapters({ frontMatter }: Pick<PromptFile, "frontMatter">): ReadAdapters {
  const diagnostics: Diagnostic[] = [];
  if (frontMatter === undefined) return { adapters: [], diagnostics };
  const report = (path: KeyPath, message: string, severity: Severity = "error"): undefined => {
    diagnostics.push({ code: "wrong-adapter", severity, span: valueSpan(frontMatter, path), message });
  };
  const list = frontMatter.value["tiller.adapters"];
  const entries = Array.isArray(list) ? (list as readonly Json[]) : [];
  const adapters = readAdapterList(entries, (key, message) => report(["tiller.adapters", ...key], message));
  const routing = readRouting(frontMatter.value["tiller.routing"], (key, message) =>
    report(["tiller.routing", ...key], message),
  );
  return { adapters, ...(routing && { routing }), diagnostics };
}

/** `report` is told the path of what is wrong within the list. */
export function readAdapterList(
  list: readonly Json[],
  report: (path: KeyPath, message: string) => undefined,
): readonly AdapterEntry[] {
  return list
    .map((it, i) => readEntry(it, (key, message) => report([i, ...key], message)))
    .filter((it) => it !== undefined);
}

type Report = (key: readonly string[], message: string) => undefined;

function readEntry(entry: Json, report: Report): AdapterEntry | undefined {
  if (typeof entry === "string") return { name: entry, scale: 1 };
  if (!isJsonObject(entry))
    return report([], `expected {name, uri, scale, layers, sha256}, found ${typeNames[typeOf(entry)]}`);
  const text = (key: string) => textOf(entry[key], key, report);
  const uri = text("uri");
  const name = text("name") ?? lastStep(uri);
  const scale = entry["scale"] ?? 1;
  const sha256 = text("sha256")?.toLowerCase();
  if (name === undefined) return report([], 'expected a "name" or a "uri"');
  if (typeof scale !== "number" || !(Math.abs(scale) <= MOST_SCALE))
    return report(["scale"], `expected a number from -${MOST_SCALE} to ${MOST_SCALE} for "scale"`);
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256))
    return report(["sha256"], 'expected 64 hexadecimal digits for "sha256"');
  const layers = entry["layers"];
  if (layers !== undefined && !isRange(layers))
    return report(["layers"], 'expected the first and the last layer for "layers", such as [8, 20]');
  return {
    name,
    scale,
    ...(uri !== undefined && { uri }),
    ...(layers !== undefined && { layers }),
    ...(sha256 !== undefined && { sha256 }),
  };
}

function isRange(value: Json): value is [number, number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [first, last] = value as readonly Json[];
  const areLayers = [first, last].every((it) => typeof it === "number" && Number.isInteger(it) && 0 <= it);
  return areLayers && (first as number) <= (last as number);
}

function readRouting(entry: Json | undefined, report: Report): RoutingEntry | undefined {
  if (entry === undefined || !isJsonObject(entry)) return undefined; // another type is reported by its own check
  const experts = textOf(entry["experts"], "experts", report);
  if (experts === undefined) return report([], 'expected a folder of LoRA adapters in "experts"');
  const { topK, temperature } = entry;
  if (topK !== undefined && !(typeof topK === "number" && Number.isInteger(topK) && 1 <= topK))
    return report(["topK"], 'expected a whole number from 1 up for "topK"');
  if (temperature !== undefined && !(typeof temperature === "number" && 0 < temperature))
    return report(["temperature"], 'expected a number above 0 for "temperature"');
  return { experts, ...(topK !== undefined && { topK }), ...(temperature !== undefined && { temperature }) };
}

function textOf(value: Json | undefined, key: string, report: Report): string | undefined {
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  return report([key], `expected a text for "${key}"`);
}

/** `../adapters/pirate/` -> `pirate` */
export function lastStep(uri: string | undefined): string | undefined {
  return uri
    ?.split(/[\\/]/)
    .filter((it) => it !== "" && it !== "." && it !== "..")
    .at(-1);
}
