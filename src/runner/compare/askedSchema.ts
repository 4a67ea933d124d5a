/** What shape a prompt asks its output to have. */

import type { Json } from "../../base/json.js";
import { readMetadata } from "../../lang/metadata.js";
import { parse } from "../../lang/parser.js";

/** The prompt's `output.schema` as JSON Schema. */
export function askedSchema(text: string): Json | undefined {
  return readMetadata(parse(text).file).output?.["schema"];
}
