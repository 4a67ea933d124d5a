/** What every check is given. */

import type { PromptFile } from "./ast.js";
import type { Metadata } from "./metadata.js";
import type { LoadedPartials } from "./partials.js";
import type { ReadShots } from "./shots/readShots.js";

export interface CheckContext {
  readonly file: PromptFile;
  readonly metadata: Metadata;
  /** Undefined when nobody can say what partials there are. */
  readonly partials: LoadedPartials | undefined;
  readonly shots: ReadShots;
}
