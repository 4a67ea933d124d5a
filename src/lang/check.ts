/** Everything that can be said about a prompt without running it. One file per check, in `checks`. */

import type { PromptFile } from "./ast.js";
import { conflictingConstraints } from "./checks/conflictingConstraints.js";
import { constraintProblems } from "./checks/constraintProblems.js";
import { duplicateHole } from "./checks/duplicateHole.js";
import { missingShots } from "./checks/missingShots.js";
import { partialProblems } from "./checks/partialProblems.js";
import { unboundedConstraint } from "./checks/unboundedConstraint.js";
import { undefinedVariable } from "./checks/undefinedVariable.js";
import { unknownKey } from "./checks/unknownKey.js";
import { unknownRole } from "./checks/unknownRole.js";
import { unsupportedVersion } from "./checks/unsupportedVersion.js";
import { unusedVariable } from "./checks/unusedVariable.js";
import { wrongAdapter } from "./checks/wrongAdapter.js";
import { wrongAttention } from "./checks/wrongAttention.js";
import { wrongBudget } from "./checks/wrongBudget.js";
import { wrongCompare } from "./checks/wrongCompare.js";
import { wrongGuide } from "./checks/wrongGuide.js";
import { wrongKeep } from "./checks/wrongKeep.js";
import { wrongShot } from "./checks/wrongShot.js";
import { wrongShotSelect } from "./checks/wrongShotSelect.js";
import { wrongTest } from "./checks/wrongTest.js";
import { wrongType } from "./checks/wrongType.js";
import type { CheckContext } from "./checkContext.js";
import type { Diagnostic } from "./diagnostic.js";
import { readMetadata, schemaDiagnostics } from "./metadata.js";
import { loadPartials, type FindPartial } from "./partials.js";
import { readShots, type FindShots } from "./shots/readShots.js";
import { createTemplateCache, type TemplateCache } from "./templateCache.js";
import { unknownHelpers } from "./unknownHelpers.js";

export interface CheckOptions {
  /** The source of a partial, or undefined where there is none. Left out: partials are not looked at. */
  readonly partial?: FindPartial;
  /** The text of a file of shots, or undefined where there is none. Left out: such files are not looked at. */
  readonly shots?: FindShots;
  /** Left out: partials are parsed for this call alone. */
  readonly templates?: TemplateCache;
}

const checks: readonly ((context: CheckContext) => readonly Diagnostic[])[] = [
  unknownKey,
  wrongType,
  unsupportedVersion,
  ({ file }) => schemaDiagnostics(file),
  ({ file }) => unknownHelpers(file.body.nodes),
  unknownRole,
  undefinedVariable,
  unusedVariable,
  duplicateHole,
  conflictingConstraints,
  constraintProblems,
  unboundedConstraint,
  partialProblems,
  wrongShot,
  wrongShotSelect,
  missingShots,
  wrongAdapter,
  wrongAttention,
  wrongBudget,
  wrongGuide,
  wrongKeep,
  wrongTest,
  wrongCompare,
];

/** Adds to what `parse` found; in the order of the text. */
export function check(file: PromptFile, options: CheckOptions = {}): readonly Diagnostic[] {
  if (file.dialect.kind === "other") return [];
  const partials =
    options.partial && loadPartials(file.body.nodes, options.partial, options.templates ?? createTemplateCache());
  const shots = readShots(file, options.shots);
  const context = { file, metadata: readMetadata(file), partials, shots };
  return checks.flatMap((it) => it(context)).sort((a, b) => a.span.start - b.span.start);
}
