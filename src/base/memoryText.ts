/** What a model takes, for people. */

import { sizeText } from "./sizeText.js";

/** As `MemoryEstimate` of the protocol, which this folder does not know. */
export interface TakenMemory {
  readonly totalBytes: number;
  readonly loadingBytes: number;
}

/** Whether it can be loaded now: while it is, it takes more than afterwards. */
export function fitsInto({ totalBytes, loadingBytes }: TakenMemory, freeBytes: number): boolean {
  return Math.max(totalBytes, loadingBytes) <= freeBytes;
}

/** `takes 453 MB of memory (590 MB while it is loaded), of 22.6 GB that are free` */
export function memoryText(memory: TakenMemory, freeBytes: number): string {
  const { totalBytes, loadingBytes } = memory;
  const loading = totalBytes < loadingBytes ? ` (${sizeText(loadingBytes)} while it is loaded)` : "";
  const free = fitsInto(memory, freeBytes)
    ? `, of ${sizeText(freeBytes)} that are free`
    : `, and only ${sizeText(freeBytes)} are free: it does not fit`;
  return `takes ${sizeText(totalBytes)} of memory${loading}${free}`;
}

/** The type that most of the tensors with a type of their own have: `Q4_1`. */
export function mainFormat({ tensorTypes }: { readonly tensorTypes: Readonly<Record<string, number>> }): string {
  const types = Object.entries(tensorTypes).sort(([, a], [, b]) => b - a);
  // Norms are always F32 and many.
  const [first] = types.find(([type]) => type !== "F32") ?? types[0] ?? ["no tensors"];
  return first;
}
