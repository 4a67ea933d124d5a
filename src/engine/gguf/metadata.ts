/** Typed reading of a GGUF file's key-value head. A missing or mistyped key is a corrupt file, and the message names it. */

import { TillerError } from "../../base/error.js";

export class GgufMetadata {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(values: Readonly<Record<string, unknown>>, path: string) {
    this.#values = values;
    this.#path = path;
  }

  has(key: string): boolean {
    return this.#values[key] !== undefined;
  }

  isList(key: string): boolean {
    return Array.isArray(this.#values[key]);
  }

  text(key: string): string | undefined {
    const value = this.#values[key];
    if (value === undefined || typeof value === "string") return value;
    throw this.#wrong(key, "a text");
  }

  /** 64-bit values are returned as numbers: nothing we read is beyond 2^53. */
  number(key: string): number | undefined {
    const value = this.#values[key];
    if (value === undefined || typeof value === "number") return value;
    if (typeof value === "bigint") return Number(value);
    throw this.#wrong(key, "a number");
  }

  flag(key: string): boolean | undefined {
    const value = this.#values[key];
    if (value === undefined || typeof value === "boolean") return value;
    throw this.#wrong(key, "true or false");
  }

  texts(key: string): readonly string[] | undefined {
    const value = this.#values[key];
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((it) => typeof it === "string")) return value;
    throw this.#wrong(key, "a list of texts");
  }

  numbers(key: string): readonly number[] | undefined {
    const value = this.#values[key];
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((it) => typeof it === "number")) return value;
    throw this.#wrong(key, "a list of numbers");
  }

  flags(key: string): readonly boolean[] | undefined {
    const value = this.#values[key];
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((it) => typeof it === "boolean")) return value;
    throw this.#wrong(key, "a list of true and false");
  }

  requiredText(key: string): string {
    return this.text(key) ?? this.#missing(key);
  }

  /** A whole number from 1 to 2^31. */
  requiredCount(key: string): number {
    const value = this.number(key) ?? this.#missing(key);
    if (!Number.isInteger(value) || value < 1 || 2 ** 31 < value) throw this.#wrong(key, "a whole number above 0");
    return value;
  }

  #missing(key: string): never {
    throw new TillerError("model-corrupt", `${this.#path}: the key "${key}" is missing from the head of the file.`);
  }

  #wrong(key: string, expected: string): TillerError {
    const found = this.#values[key];
    const shown = Array.isArray(found) ? "a list" : JSON.stringify(typeof found === "bigint" ? Number(found) : found);
    return new TillerError("model-corrupt", `${this.#path}: the key "${key}" should be ${expected}, not ${shown}.`);
  }
}
