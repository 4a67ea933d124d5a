/** Whether two trees say the same. Formatting is only done where they do. */

/** `ignored` is a key that may differ, such as the place of a node. Keeps its own stack: trees may be deeper than the machine's. */
export function sameTree(left: unknown, right: unknown, ignored?: string): boolean {
  const open: (readonly [unknown, unknown])[] = [[left, right]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [a, b] = pair;
    if (Object.is(a, b)) continue;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    const [mine, others] = [entriesOf(a, ignored), entriesOf(b, ignored)];
    if (mine.length !== others.length) return false;
    for (const [i, [key, value]] of mine.entries()) {
      const [otherKey, otherValue] = others[i]!;
      if (key !== otherKey) return false;
      open.push([value, otherValue]);
    }
  }
  return true;
}

/** In their order, which counts: inputs and choices are shown in the order in which they are written. */
function entriesOf(value: object, ignored: string | undefined): [string, unknown][] {
  return Object.entries(value).filter(([key]) => key !== ignored);
}
