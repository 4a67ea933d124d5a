/** Where a completion may be written on its own, and what it may hold there so that nothing breaks. */

import type { ConstraintSpec } from "../../protocol/constraint.js";
import type { GhostPlace } from "../../protocol/language.js";
import type { PromptFile } from "../ast.js";
import { readGuide } from "../guide/readGuide.js";
import { readMetadata } from "../metadata.js";
import { parse } from "../parser.js";
import { guidedPlace } from "./guidedPlace.js";
import { prose } from "./proseGhost.js";
import { templatePlace } from "./templatePlace.js";
import { yamlPlace } from "./yamlPlace.js";

/** Values that are prose. */
const proseKeys = new Set(["description", "instructions", "tone", "audience", "input", "output"]);

/** Undefined where a completion could only disturb: in tags, keys, and in the middle of a line. It keeps the file's guide. */
export function ghostPlace(file: PromptFile, offset: number): GhostPlace | undefined {
  const place = freePlace(file, offset);
  if (place === undefined) return undefined;
  const { limits, bias } = readGuide(file).guide;
  return guidedPlace(place, { avoid: limits.avoid ?? [], bias });
}

function freePlace(file: PromptFile, offset: number): GhostPlace | undefined {
  const { text, frontMatter, body, dialect } = file;
  if (dialect.kind === "other") return undefined;
  const lineEnd = text.indexOf("\n", offset);
  if (text.slice(offset, lineEnd < 0 ? text.length : lineEnd).trim() !== "") return undefined;
  if (frontMatter !== undefined && offset < frontMatter.span.end) {
    const shot = shotOutput(file, offset);
    if (shot !== undefined) return shot;
    const place = yamlPlace(text, frontMatter.yamlSpan, offset);
    const isProse = place?.kind === "value" && proseKeys.has(place.path.at(-1) ?? "");
    return isProse && place.text !== "" ? inYaml(place.text) : undefined;
  }
  if (offset < body.span.start || templatePlace(text, body.span.start, offset) !== undefined) return undefined;
  // Nobody can say what an empty prompt is about.
  return text.slice(body.span.start, offset).trim() === "" ? undefined : prose;
}

/** The output of a few-shot example where `output.schema` says what it is: JSON on the same line, which YAML reads too. */
function shotOutput({ text, frontMatter }: PromptFile, offset: number): GhostPlace | undefined {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const [, key, typed] = /^(\s*(?:- +)*output: )(.*)$/.exec(text.slice(lineStart, offset)) ?? [];
  if (key === undefined || typed === undefined || frontMatter === undefined) return undefined;
  const valueStart = lineStart + key.length;
  const path = yamlPlace(text, frontMatter.yamlSpan, valueStart)?.path ?? [];
  if (!path.join(".").startsWith("tiller.shots.")) return undefined;
  // A value that was only begun breaks the YAML, so the schema is read without it.
  const { file } = parse(text.slice(0, valueStart) + text.slice(offset));
  const schema = readMetadata(file).output?.["schema"];
  if (schema === undefined) return undefined;
  const constraint = { kind: "json", schema, spaces: true } as const;
  return { constraint, stop: [], written: typed };
}

/** A value that was begun without quotes goes on without what means something to YAML. */
function inYaml(typed: string): GhostPlace | undefined {
  if (/^["'[{|>&*!%@`]/.test(typed)) return undefined;
  const limits = { chars: { min: 1 }, avoid: [": ", " #", "\n", "\r", "{", "}", "[", "]", '"'] };
  const items: readonly ConstraintSpec[] = [
    { kind: "text", limits: { ...limits } },
    { kind: "regex", source: "[^]*[^:\\s]" },
  ];
  return { constraint: { kind: "all", items, stop: ["\n"] }, stop: ["\n"] };
}
