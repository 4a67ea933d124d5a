/** How far two texts are apart: V. I. Levenshtein (1966), by characters, over the longer one's length. From 0 to 1. */

export function editDistance(a: string, b: string): number {
  const [first, second] = [[...a], [...b]];
  const longer = Math.max(first.length, second.length);
  if (longer === 0) return 0;
  let above = Array.from({ length: second.length + 1 }, (_, i) => i);
  for (const [i, character] of first.entries()) {
    const row = [i + 1];
    for (const [j, other] of second.entries())
      row.push(Math.min(above[j]! + (character === other ? 0 : 1), above[j + 1]! + 1, row[j]! + 1));
    above = row;
  }
  return above[second.length]! / longer;
}
