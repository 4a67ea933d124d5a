/** `1 token`, `2 tokens`: for nouns whose plural ends with an s. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
