/** What a hole may hold, in words and examples, as Markdown: the hover over a hole. */

import { TillerError } from "../../base/error.js";
import type { Json } from "../../base/json.js";
import { compileMachine } from "../../constraint/constraint.js";
import { exampleTexts } from "../../constraint/examples.js";
import { sizeOf } from "../../constraint/sequence.js";
import type { Bounds } from "../../protocol/constraint.js";
import { constraintOf } from "../holeConstraint.js";
import type { HoleSpec } from "../hole.js";

const EXAMPLES = 4;
const LONGEST_SHOWN = 200;

/** `outputSchema` is what `json: $output` stands for. */
export function describeHole(hole: HoleSpec, outputSchema: Json | undefined): string {
  const lines = [`**Hole \`${hole.name}\`**: ${kindText(hole)}`, ...limitLines(hole).map((it) => `- ${it}`)];
  const level = hole.level ?? "hard";
  lines.push("", levelTexts[level]);
  const sample = examples(hole, outputSchema);
  if (sample !== undefined) lines.push("", ...sample);
  return lines.join("\n");
}

const levelTexts = {
  hard: "Kept token by token: nothing else can be written.",
  check: "Checked when it is written; a text that fails is written anew.",
  prefer: "Preferred: other text becomes less likely, and is not forbidden.",
} as const;

function kindText({ constraint }: HoleSpec): string {
  switch (constraint?.kind) {
    case undefined:
    case "text":
      return "free text";
    case "choice":
      return `one of ${constraint.options.map((it) => `\`${it}\``).join(", ")}`;
    case "regex":
      return `text that matches \`${constraint.source}\``;
    case "json":
      return constraint.schema === "$output" ? "JSON of \`output.schema\`" : "JSON of a schema";
    case "int":
    case "number":
      return constraint.kind === "int" ? "a whole number" : "a number";
    case "grammar":
      return "text of a grammar";
    default:
      return constraint satisfies never;
  }
}

function limitLines({ limits = {}, tokens, stop, hidden }: HoleSpec): readonly string[] {
  const lines: string[] = [];
  const { chars, words, sentences, startsWith, endsWith, include, avoid } = limits;
  for (const [unit, bounds] of Object.entries({ characters: chars, words, sentences, tokens }))
    if (bounds !== undefined) lines.push(`${boundsText(bounds)} ${unit}`);
  const quoted = (texts: readonly string[]) => texts.map((it) => `\`${JSON.stringify(it)}\``).join(", ");
  if (startsWith !== undefined) lines.push(`begins with ${quoted([startsWith])}`);
  if (endsWith !== undefined) lines.push(`ends with ${quoted([endsWith])}`);
  if (include !== undefined) lines.push(`holds ${quoted(include)}`);
  if (avoid !== undefined) lines.push(`without ${quoted(avoid)}`);
  if (stop !== undefined) lines.push(`ends before ${quoted(stop)}`);
  if (hidden === true) lines.push("not part of the result");
  return lines;
}

function boundsText({ min, max }: Bounds): string {
  if (min !== undefined && max !== undefined) return min === max ? `exactly ${min}` : `${min} to ${max}`;
  return max === undefined ? `at least ${min ?? 0}` : `at most ${max}`;
}

/** Undefined for text of which nothing is said. */
function examples(hole: HoleSpec, outputSchema: Json | undefined): readonly string[] | undefined {
  try {
    const spec = constraintOf(hole, outputSchema);
    if (spec === undefined) return undefined;
    const machine = compileMachine(spec);
    // The same examples each time: what changes on every look says nothing.
    let state = 1;
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
    const texts = exampleTexts(machine, EXAMPLES, random).map((it) =>
      it.length <= LONGEST_SHOWN ? it : `${it.slice(0, LONGEST_SHOWN)}...`,
    );
    const size = sizeOf(machine.root);
    return ["Accepted, the shortest first:", "~~~~text", ...texts, "~~~~", `At least ${size} bytes.`];
  } catch (error) {
    if (error instanceof TillerError) return [`*${error.message}*`];
    throw error;
  }
}
