// unknown-key: the front matter has a key that nobody reads.

import { isJsonObject } from "../../base/json.js";
import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { keySpan } from "../frontMatter.js";
import { frontMatterKeys } from "../frontMatterSchema.js";
import { nearest } from "../nearest.js";

export function unknownKey({ file }: CheckContext): Diagnostic[] {
  const { frontMatter } = file;
  if (frontMatter === undefined) return [];
  const found: Diagnostic[] = [];
  const report = (path: readonly string[], candidates: readonly string[]) => {
    const key = path.at(-1)!;
    const near = nearest(key, candidates);
    const message = `no key is called "${key}"${near === undefined ? "" : `; did you mean "${near}"?`}`;
    found.push({ code: "unknown-key", severity: "warning", span: keySpan(frontMatter, path), message });
  };
  const keys = frontMatterKeys.map((it) => it.key);
  for (const [key, value] of Object.entries(frontMatter.value)) {
    const info = frontMatterKeys.find((it) => it.key === key);
    // Keys with a dot belong to whoever owns the part before it; only ours are known here.
    if (info === undefined && (!key.includes(".") || key.startsWith("tiller."))) report([key], keys);
    if (info?.children === undefined || !isJsonObject(value)) continue;
    const children = info.children.map((it) => it.key);
    for (const child of Object.keys(value)) if (!children.includes(child)) report([key, child], children);
  }
  return found;
}
