/** What a prompt's guide asked for, measured on what was written. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import { checkPresets, type AskedPresets } from "../../lang/guide/checkPresets.js";
import { readMetadata } from "../../lang/metadata.js";
import { parse } from "../../lang/parser.js";
import type { PresetMeasure } from "../../protocol/compare.js";
import type { TextLimits } from "../../protocol/constraint.js";
import type { FilledHole } from "../../protocol/run.js";

/** Of texts: a typed value has no tone. */
export function measuredPresets(text: string, holes: readonly FilledHole[]): readonly PresetMeasure[] {
  const guide = parse(text).file.frontMatter?.value["tiller.guide"];
  if (!isJsonObject(guide)) return [];
  const asked = askedPresets(guide);
  const shown = holes.filter((it) => !it.hidden && typeof it.value === "string" && it.usage.constraint === undefined);
  return shown.flatMap((it) => checkPresets(asked, it.value as string));
}

/** The prompt's `output.schema` as JSON Schema. */
export function askedSchema(text: string): Json | undefined {
  return readMetadata(parse(text).file).output?.["schema"];
}

function askedPresets(guide: JsonObject): AskedPresets {
  const text = (key: string) => (typeof guide[key] === "string" ? { [key]: guide[key] } : {});
  const list = (key: string): JsonObject =>
    Array.isArray(guide[key]) ? { [key]: (guide[key] as readonly Json[]).filter((it) => typeof it === "string") } : {};
  const length = isJsonObject(guide["length"]) ? guide["length"] : {};
  const limits = { ...length, ...list("include"), ...list("avoid") } as TextLimits;
  return { ...text("tone"), ...text("audience"), ...text("language"), limits };
}
