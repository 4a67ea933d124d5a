/** Recognises files of other tools that share the suffix `.prompt`, so that they are never half understood. */

import { span } from "../base/text.js";
import type { Dialect } from "./ast.js";

const signs: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: "tags", pattern: /^\s*<(system|user|assistant)>/ },
  { name: "YAML without fences", pattern: /^\s*(?:model|messages|name|provider):[^\n]*\n(?:[\w-]+:|\s+-|\s{2,}\w)/ },
  { name: "JSON", pattern: /^\s*[{[]\s*"[^"\n]+"\s*[:,\]]/ },
];

export function dialectOf(text: string, hasFrontMatter: boolean): Dialect {
  if (hasFrontMatter) return { kind: "dotprompt" };
  for (const { name, pattern } of signs) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const start = found[0].length - found[0].trimStart().length;
    const end = text.indexOf("\n", start);
    return { kind: "other", name, span: span(start, end < 0 ? text.length : end) };
  }
  return { kind: "dotprompt" };
}
