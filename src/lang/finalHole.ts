/** A prompt that names no hole asks for an answer at its end. */

import type { JsonObject } from "../base/json.js";
import type { HoleSpec } from "./hole.js";
import type { RenderedMessage, RenderedPart } from "./rendered.js";

/** A prompt without holes asks for an answer, and `output` says of which shape. */
export function finalHole(output: JsonObject | undefined): HoleSpec {
  const hole = { name: "output", span: { start: 0, end: 0 } };
  const { format, schema } = output ?? {};
  if (format === "text" || (format === undefined && schema === undefined)) return hole;
  if (format === undefined || format === "json")
    return { ...hole, constraint: { kind: "json", schema: schema ?? true } };
  return { ...hole, other: { [`output.format: ${JSON.stringify(format)}`]: true } };
}

/**
 * A prompt that names no hole asks for an answer, which is `hole`: the model's own message at the end. Where the last
 * message is already the model's, it is continued.
 */
export function withFinalHole(
  rendered: readonly RenderedMessage[],
  hole: HoleSpec,
  filled: Readonly<Record<string, string>>,
): readonly RenderedMessage[] {
  if (rendered.some(({ parts }) => parts.some((it) => it.kind === "hole"))) return rendered;
  const text = filled[hole.name];
  const part: RenderedPart = { kind: "hole", hole, ...(text !== undefined && { filled: text }) };
  const last = rendered.at(-1);
  if (last?.role !== "model") return [...rendered, { role: "model", parts: [part] }];
  return [...rendered.slice(0, -1), { ...last, parts: [...last.parts, part] }];
}
