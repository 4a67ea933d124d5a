// wrong-shot, missing-shots-file: a few-shot example that cannot be used, or a file of them that cannot be read.

import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";

export function wrongShot({ shots }: CheckContext): Diagnostic[] {
  return shots.diagnostics.filter((it) => it.code !== "wrong-type");
}
