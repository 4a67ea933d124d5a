/** Where the tests of a prompt stand. */

import { isJsonObject, type Json } from "../../base/json.js";
import type { Span } from "../../base/text.js";
import type { PromptFile } from "../ast.js";
import { valueSpan } from "../frontMatter.js";

export interface TestPlace {
  readonly name: string;
  readonly span: Span;
}

/** Those that can be run by themselves: with an input, or all where none has one. */
export function testPlaces({ frontMatter, text }: Pick<PromptFile, "frontMatter" | "text">): readonly TestPlace[] {
  const list = frontMatter?.value["tiller.tests"];
  if (frontMatter === undefined || !Array.isArray(list)) return [];
  const all = (list as readonly Json[]).flatMap((it, i) => {
    if (!isJsonObject(it)) return [];
    const { name = `test ${i + 1}`, input } = it;
    if (typeof name !== "string" || name === "") return [];
    const { start, end } = valueSpan(frontMatter, ["tiller.tests", i]);
    // A block ends where the next one begins.
    const span = { start, end: start + text.slice(start, end).trimEnd().length };
    return [{ name, hasInput: input !== undefined, span }];
  });
  const cases = all.filter((it) => it.hasInput);
  return (0 < cases.length ? cases : all).map(({ name, span }) => ({ name, span }));
}
