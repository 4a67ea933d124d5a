/** The text of a prompt by a short name: two texts of one hash are the same. */

import { createHash } from "node:crypto";

/** SHA-256, 16 hexadecimal digits of it. */
export function promptHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
