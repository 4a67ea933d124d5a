// wrong-type: a key of the front matter has a value of another kind than it can have.

import { isJsonObject, type Json } from "../../base/json.js";
import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { valueSpan } from "../frontMatter.js";
import { configKeys } from "../configKeys.js";
import { frontMatterKeys, typeNames, typeOf } from "../frontMatterSchema.js";
import type { KeyInfo } from "../keyInfo.js";

export function wrongType({ file }: CheckContext): Diagnostic[] {
  const { frontMatter } = file;
  if (frontMatter === undefined) return [];
  const found: Diagnostic[] = [];
  const look = (infos: readonly KeyInfo[], value: Readonly<Record<string, Json>>, path: readonly string[]) => {
    for (const info of infos) {
      const it = value[info.key];
      if (it === undefined) continue;
      const at = [...path, info.key];
      if (!info.types.includes(typeOf(it)) && !info.types.includes("any")) {
        const expected = info.types.map((type) => typeNames[type]).join(" or ");
        const message = `expected ${expected} for "${info.key}", found ${typeNames[typeOf(it)]}`;
        found.push({ code: "wrong-type", severity: "error", span: valueSpan(frontMatter, at), message });
        continue;
      }
      const children = at.join() === "config" ? configKeys : info.children;
      if (children !== undefined && isJsonObject(it)) look(children, it, at);
    }
  };
  look(frontMatterKeys, frontMatter.value, []);
  return found;
}
