/** Typed reading of `adapter_config.json`. */

import { readFileSync } from "node:fs";

import { TillerError } from "../../base/error.js";
import { unsupported } from "./problems.js";

export interface Config {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Throws `adapter-corrupt` or `file-unreadable`. */
export function readConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new TillerError(
      "file-unreadable",
      `${path} cannot be read (${String((error as NodeJS.ErrnoException).code)}).`,
    );
  }
  return { path, values: parseObject(path, text) };
}

function parseObject(path: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw new TillerError("adapter-corrupt", `${path} is not a JSON object. Save or download the adapter again.`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textOf(config: Config, key: string): string | undefined {
  const value = config.values[key];
  return typeof value === "string" ? value : undefined;
}

/** A number above 0. */
export function positiveOf(config: Config, key: string): number {
  const value = config.values[key];
  if (typeof value === "number" && 0 < value && Number.isFinite(value)) return value;
  throw new TillerError(
    "adapter-corrupt",
    `${config.path}: "${key}" should be a number above 0, not ${JSON.stringify(value)}.`,
  );
}

export function textsOf(config: Config, key: string): readonly string[] | undefined {
  const value = config.values[key];
  return Array.isArray(value) && value.every((it) => typeof it === "string") ? value : undefined;
}

/** Throws `adapter-unsupported` naming the first of `keys` that is set to something. */
export function refuseKeys(config: Config, keys: readonly string[]): void {
  const found = keys.find((it) => isSet(config.values[it]));
  if (found === undefined) return;
  throw unsupported(config.path, `uses "${found}", which this version cannot run: its effect would be left out`);
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "none") return false;
  if (Array.isArray(value)) return 0 < value.length;
  return !isObject(value) || 0 < Object.keys(value).length;
}
