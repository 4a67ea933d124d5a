/** What is said about the place under the pointer. */

import type { Span } from "../base/text.js";
import type { PromptFile } from "./ast.js";
import { describeHole } from "./describeHole.js";
import { keySpan, valueSpan } from "./frontMatter.js";
import { holeSpec } from "./holeSpec.js";
import { holeSettings, wholeHole } from "./holeSettings.js";
import { holesIn } from "./holes.js";
import { readMetadata } from "./metadata.js";

export interface Hover {
  readonly span: Span;
  readonly markdown: string;
}

/** Undefined where there is nothing to say. `offset` counts UTF-16 units from the beginning of the file. */
export function hover(file: PromptFile, offset: number): Hover | undefined {
  const metadata = readMetadata(file);
  const settings = holeSettings(metadata);
  const schema = metadata.output?.["schema"];
  const written = holesIn(file.body.nodes).find(({ span }) => span.start <= offset && offset < span.end);
  if (written !== undefined)
    return { span: written.span, markdown: describeHole(wholeHole(written, settings), schema) };
  if (file.frontMatter === undefined) return undefined;
  for (const [name, own] of Object.entries(settings)) {
    const path = ["tiller.gen", name];
    const span = { start: keySpan(file.frontMatter, path).start, end: valueSpan(file.frontMatter, path).end };
    if (offset < span.start || span.end <= offset) continue;
    return { span, markdown: describeHole(holeSpec(name, own, span).hole, schema) };
  }
  return undefined;
}
