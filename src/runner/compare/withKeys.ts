/** A prompt with other values under some keys of its front matter: how a variant differs in what only the file can say. */

import type { JsonObject } from "../../base/json.js";
import { readFrontMatter } from "../../lang/frontMatter.js";

/** The front matter is printed anew, as JSON, which is YAML; the body stays as it is. */
export function withKeys(text: string, keys: JsonObject): string {
  if (Object.keys(keys).length === 0) return text;
  const { frontMatter, end, diagnostics } = readFrontMatter(text);
  // What is wrong with the file is said when it is run, at its own places.
  if (diagnostics.some((it) => it.severity === "error")) return text;
  const body = frontMatter === undefined ? `\n${text}` : text.slice(end);
  return `---\n${JSON.stringify({ ...frontMatter?.value, ...keys })}\n---${body}`;
}
