/** Reads the settings under one key of the front matter. What is wrong is reported at its place, and then counts as not said. */

import { isJsonObject, type Json } from "../base/json.js";
import type { FrontMatter } from "./ast.js";
import type { Diagnostic, Severity } from "./diagnostic.js";
import { valueSpan, type KeyPath } from "./frontMatter.js";
import { typeNames, typeOf } from "./frontMatterSchema.js";
import type { ValueType } from "./keyInfo.js";
import { nearest } from "./nearest.js";

export interface SettingsReader {
  /** Wrong types have the code `wrong-type`, as the check of that name gives them; the rest has `code`. */
  readonly diagnostics: readonly Diagnostic[];
  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined;
  /** A whole number, `least` or more. */
  count(name: string, least: number): number | undefined;
  flag(name: string): boolean | undefined;
  texts(name: string): readonly string[] | undefined;
  report(path: KeyPath, severity: Severity, message: string): void;
}

export function settingsReader(frontMatter: FrontMatter | undefined, key: string, code: string): SettingsReader {
  const diagnostics: Diagnostic[] = [];
  const value = frontMatter?.value[key];
  const settings = isJsonObject(value) ? value : {};
  const add = (at: KeyPath, severity: Severity, message: string, as = code) => {
    if (frontMatter === undefined) return;
    diagnostics.push({ code: as, severity, span: valueSpan(frontMatter, [key, ...at]), message });
  };
  if (value !== undefined && !isJsonObject(value)) add([], "error", wrongType("object", key, value), "wrong-type");
  const typed = (name: string, type: ValueType): Json | undefined => {
    const it = settings[name];
    if (it === undefined || typeOf(it) === type) return it;
    add([name], "error", wrongType(type, name, it), "wrong-type");
    return undefined;
  };
  return {
    diagnostics,
    oneOf(name, allowed) {
      const it = typed(name, "text") as string | undefined;
      const found = allowed.find((one) => one === it);
      if (it === undefined || found !== undefined) return found;
      const near = nearest(it, allowed);
      const hint = near === undefined ? "" : `; did you mean "${near}"?`;
      add([name], "error", `expected one of ${allowed.join(", ")} for "${name}", found "${it}"${hint}`);
      return undefined;
    },
    count(name, least) {
      const it = typed(name, "number") as number | undefined;
      if (it === undefined || (Number.isSafeInteger(it) && least <= it)) return it;
      add([name], "error", `expected a whole number from ${least} up for "${name}", found ${it}`);
      return undefined;
    },
    flag: (name) => typed(name, "flag") as boolean | undefined,
    texts(name) {
      const list = typed(name, "list") as readonly Json[] | undefined;
      list?.forEach((it, i) => {
        if (typeof it !== "string") add([name, i], "error", `expected a text, found ${typeNames[typeOf(it)]}`);
      });
      return list?.filter((it) => typeof it === "string");
    },
    report: (path, severity, message) => add(path, severity, message),
  };
}

function wrongType(type: ValueType, name: string, found: Json): string {
  return `expected ${typeNames[type]} for "${name}", found ${typeNames[typeOf(found)]}`;
}
