/** Divides the logits: below 1 the likely become likelier, above 1 the choice becomes more even. Not for 0. */

import type { Candidates } from "./candidates.js";

export function temperature({ logits, count }: Candidates, value: number): void {
  for (let i = 0; i < count; i++) logits[i]! /= value;
}
