/** What the parts of one schema share. */

import type { Call, Part } from "../machine.js";
import type { Demands } from "./demands.js";
import type { SchemaReader } from "./expand.js";
import type { Sizes } from "./sizes.js";

export interface PartsContext {
  readonly reader: SchemaReader;
  readonly sizes: Sizes;
  /** One space may follow a colon or a comma. */
  readonly spaces: boolean;
  newCall(part: Part, resume: Call["resume"], rest: number): Call;
  valuePart(demands: Demands): Part;
}
