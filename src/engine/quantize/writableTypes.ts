/** The names of the weight types that can be written. By itself, because the command line knows them before it loads anything. */

export const writableTypes = [
  "F32",
  "F16",
  "BF16",
  "Q8_0",
  "Q6_K",
  "Q5_K",
  "Q5_1",
  "Q5_0",
  "Q4_K",
  "Q4_1",
  "Q4_0",
  "Q3_K",
  "Q2_K",
] as const;

export type WritableType = (typeof writableTypes)[number];

export function isWritableType(name: string): name is WritableType {
  return (writableTypes as readonly string[]).includes(name);
}
