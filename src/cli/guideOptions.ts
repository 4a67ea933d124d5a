/** The option that steers a run over what its file says: `--guide strength=1.5`. */

import { parse } from "yaml";

import { messageOf, TillerError } from "../base/error.js";
import { isJsonObject, type Json, type JsonObject } from "../base/json.js";
import { guideKeys } from "../lang/guide/guideKeys.js";
import { readGuideSettings } from "../lang/guide/readGuide.js";
import { didYouMean } from "./didYouMean.js";
import type { OptionSpecs, OptionValues } from "./optionSpec.js";

export const guideOptions = {
  guide: {
    type: "string",
    multiple: true,
    value: "KEY=VALUE",
    help: "A setting of tiller.guide, over the file's: strength=1.5, tone=formal, avoid=[foo, bar], bias.very=-4. Repeatable.",
  },
} as const satisfies OptionSpecs;

/** Throws `usage`, with what is wrong. A value is read as YAML; `null` takes the file's setting away. */
export function guideOf({ guide }: OptionValues<typeof guideOptions>): { readonly guide?: JsonObject } {
  if (guide.length === 0) return {};
  const settings = guide.map(setting).reduce(merged, {});
  const said = Object.fromEntries(Object.entries(settings).filter(([, it]) => it !== null));
  readGuideSettings(said, (path, message) => {
    throw new TillerError("usage", `--guide ${path.join(".")}: ${message}.`);
  });
  return { guide: settings };
}

function setting(given: string): JsonObject {
  const [, path, text] = /^([^=]*)=(.*)$/s.exec(given) ?? [];
  const keys = guideKeys.map((it) => it.key);
  const [key = "", ...inner] = (path ?? "").split(".");
  if (text === undefined || !keys.includes(key)) {
    const hint = didYouMean(key, keys);
    throw new TillerError(
      "usage",
      `--guide takes KEY=VALUE, as in strength=1.5, not "${given}".${hint} It knows ${keys.join(", ")}.`,
    );
  }
  // A word with dots is one word: `bias.e.g.=2` is the bias of "e.g.".
  const value = inner.length === 0 ? valueOf(given, text) : { [inner.join(".")]: valueOf(given, text) };
  return { [key]: value };
}

function valueOf(given: string, text: string): Json {
  try {
    return (text.trim() === "" ? null : parse(text)) as Json;
  } catch (error) {
    const reason = messageOf(error).split("\n")[0];
    throw new TillerError("usage", `--guide ${given}: the value cannot be read: ${reason}.`, { cause: error });
  }
}

/** Several settings of one key with parts are one: `bias.a=1` and `bias.b=2`. */
function merged(all: JsonObject, one: JsonObject): JsonObject {
  const joined = Object.entries(one).map(([key, value]): [string, Json] => {
    const before = all[key];
    return [key, isJsonObject(before) && isJsonObject(value) ? { ...before, ...value } : value];
  });
  return { ...all, ...Object.fromEntries(joined) };
}
