// unsupported-version: the file asks for a version of our keys that this program does not know.

import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { valueSpan } from "../frontMatter.js";

const VERSION = 1;

export function unsupportedVersion({ file }: CheckContext): Diagnostic[] {
  const { frontMatter } = file;
  const version = frontMatter?.value["tiller.version"];
  if (
    frontMatter === undefined ||
    version === undefined ||
    typeof version !== "number" ||
    Math.trunc(version) === VERSION
  )
    return [];
  const message = `expected tiller.version ${VERSION}, found ${version}; this file needs another version of Tiller`;
  return [
    { code: "unsupported-version", severity: "error", span: valueSpan(frontMatter, ["tiller.version"]), message },
  ];
}
