/** A run that was good becomes an example for the next ones. */

import type { Json, JsonObject } from "../../base/json.js";
import { isJsonObject } from "../../base/json.js";
import type { PromptFile } from "../ast.js";
import { readFrontMatter } from "../frontMatter.js";
import type { AppendedShot } from "../../protocol/language.js";

export interface NewShot {
  readonly input: JsonObject;
  readonly output: Json;
}

export function appendShot({ text, frontMatter }: PromptFile, { input, output }: NewShot): AppendedShot {
  if (frontMatter === undefined) {
    const { document } = readFrontMatter("---\n---\n").frontMatter!;
    document.setIn(["tiller.shots"], document.createNode([{ input, output }]));
    return {
      kind: "edit",
      edit: { span: { start: 0, end: 0 }, text: `---\n${document.toString({ lineWidth: 0 })}---\n` },
    };
  }
  if (0 < frontMatter.document.errors.length)
    return { kind: "refused", reason: "The front matter has errors. Mend them first." };
  const shots = frontMatter.value["tiller.shots"];
  if (isJsonObject(shots)) {
    const { file } = shots;
    if (typeof file !== "string") return { kind: "refused", reason: "`tiller.shots` names no file." };
    return { kind: "line", file, line: `${JSON.stringify({ input, output })}\n` };
  }
  // Parsed anew: a document is changed in place, and this one belongs to the tree.
  const { document } = readFrontMatter(text).frontMatter!;
  if (Array.isArray(shots)) document.addIn(["tiller.shots"], document.createNode({ input, output }));
  else document.setIn(["tiller.shots"], document.createNode([{ input, output }]));
  return { kind: "edit", edit: { span: frontMatter.yamlSpan, text: document.toString({ lineWidth: 0 }) } };
}
