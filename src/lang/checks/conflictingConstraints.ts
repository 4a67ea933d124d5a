// conflicting-constraints, wrong-type, unknown-key: the settings of holes, in the body and in the front matter.

import { isJsonObject, type Json } from "../../base/json.js";
import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { keySpan, valueSpan } from "../frontMatter.js";
import { holesIn } from "../holes.js";
import { holeSpec, type HoleProblem } from "../holeSpec.js";

export function conflictingConstraints({ file, metadata }: CheckContext): Diagnostic[] {
  const gen = metadata.ext["tiller"]?.["gen"];
  const settings = isJsonObject(gen) ? gen : {};
  return [...inFrontMatter(file, settings), ...inBody(file, settings)];
}

function inFrontMatter({ frontMatter }: CheckContext["file"], gen: Readonly<Record<string, Json>>): Diagnostic[] {
  if (frontMatter === undefined) return [];
  return Object.entries(gen).flatMap(([name, settings]) => {
    if (!isJsonObject(settings)) {
      const message = `expected the settings of hole "${name}", found ${JSON.stringify(settings)}`;
      return [
        { code: "wrong-type", severity: "error", span: valueSpan(frontMatter, ["tiller.gen", name]), message } as const,
      ];
    }
    const span = keySpan(frontMatter, ["tiller.gen", name]);
    return holeSpec(name, settings, span).problems.map((it) =>
      toDiagnostic(it, keySpan(frontMatter, ["tiller.gen", name, it.key])),
    );
  });
}

/** What the short form adds; what is wrong in the front matter alone is reported there. */
function inBody({ body }: CheckContext["file"], gen: Readonly<Record<string, Json>>): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { name, settings, span, keySpans } of holesIn(body.nodes)) {
    const base = gen[name];
    const merged = isJsonObject(base) ? { ...base, ...settings } : settings;
    for (const problem of holeSpec(name, merged, span).problems) {
      const own = Object.keys(settings).includes(problem.key) || problem.code === "conflicting-constraints";
      const alone =
        isJsonObject(base) && holeSpec(name, base, span).problems.some((it) => it.message === problem.message);
      if (own && !alone) found.push(toDiagnostic(problem, keySpans.get(problem.key) ?? span));
    }
  }
  return found;
}

function toDiagnostic({ code, message }: HoleProblem, span: Diagnostic["span"]): Diagnostic {
  return { code, severity: code === "unknown-key" ? "warning" : "error", span, message };
}
