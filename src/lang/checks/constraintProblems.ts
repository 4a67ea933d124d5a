// constraint-invalid, constraint-unsupported: a constraint that means nothing, that nothing satisfies, or that cannot be kept.

import { TillerError } from "../../base/error.js";
import type { Json } from "../../base/json.js";
import type { Span } from "../../base/text.js";
import type { FrontMatter } from "../ast.js";
import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { valueSpan } from "../frontMatter.js";
import { checkedConstraint, type LimitedHole } from "../holeConstraint.js";
import { holeSettings, nowhere, wholeHole, type HoleSettings } from "../holeSettings.js";
import { holesIn } from "../holes.js";
import { holeSpec } from "../holeSpec.js";
import type { Metadata } from "../metadata.js";

export function constraintProblems({ file, metadata }: CheckContext): Diagnostic[] {
  const { frontMatter, body } = file;
  const settings = holeSettings(metadata);
  const schema = metadata.output?.["schema"];
  const found = frontMatter === undefined ? [] : inFrontMatter(frontMatter, settings, metadata);
  for (const written of holesIn(body.nodes)) {
    const { name, settings: own, span, keySpans } = written;
    const { hole } = holeSpec(name, own, span);
    const merged = wholeHole(written, settings);
    // Options that are computed are not known here, and what the front matter says alone is reported there.
    if (Object.keys(own).length === 0 || hole.constraint?.kind === "choice" || merged.level === "check") continue;
    const key = hole.constraint?.kind ?? limitKey(hole);
    if (key !== undefined) found.push(...problemsOf(merged, schema, () => keySpans.get(key) ?? span));
  }
  return found;
}

function inFrontMatter(frontMatter: FrontMatter, gen: HoleSettings, { output }: Metadata): Diagnostic[] {
  const schema = output?.["schema"];
  const found: Diagnostic[] = [];
  if (schema !== undefined && output?.["format"] !== "text") {
    const constraint = { kind: "json", schema } as const;
    found.push(...problemsOf({ constraint }, schema, (path) => placeIn(frontMatter, ["output", "schema"], path)));
  }
  for (const [name, settings] of Object.entries(gen)) {
    const { hole } = holeSpec(name, settings, nowhere);
    const key = hole.constraint?.kind ?? limitKey(hole);
    if (key === undefined || hole.level === "check") continue;
    const at = ["tiller.gen", name, key];
    found.push(...problemsOf(hole, schema, (path) => placeIn(frontMatter, at, path)));
  }
  return found;
}

/** The limit that a problem is reported at. */
function limitKey({ limits }: LimitedHole): string | undefined {
  return limits === undefined ? undefined : Object.keys(limits)[0];
}

/** `spanOf` is given the place inside of a schema that the message names. */
function problemsOf(
  hole: LimitedHole,
  outputSchema: Json | undefined,
  spanOf: (path: readonly string[]) => Span,
): Diagnostic[] {
  try {
    checkedConstraint(hole, outputSchema);
    return [];
  } catch (error) {
    if (!(error instanceof TillerError)) throw error;
    const pointer = /^#(\/[^:]*)?: /.exec(error.message)?.[1] ?? "";
    const path = pointer
      .split("/")
      .slice(1)
      .map((it) => it.replaceAll("~1", "/").replaceAll("~0", "~"));
    return [{ code: error.code, severity: "error", span: spanOf(path), message: error.message.replace(/\.$/, "") }];
  }
}

/** The innermost place on the way that the file spells out: Picoschema stands for more than it says. */
function placeIn(frontMatter: FrontMatter, base: readonly string[], path: readonly string[]): Span {
  for (let length = path.length; 0 < length; length--) {
    const full = [...base, ...path.slice(0, length)];
    const keys = full.map((it) => (/^\d+$/.test(it) ? Number(it) : it));
    if (frontMatter.document.getIn(keys, true) !== undefined) return valueSpan(frontMatter, keys as string[]);
  }
  return valueSpan(frontMatter, base);
}
