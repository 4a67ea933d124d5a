// JSON text without white space, every number spelled as in the source: 1.0 is no integer in the oldest drafts.

/** The compact text of the value at `path` of the JSON document `source`. */
export function rawAt(source: string, path: readonly (string | number)[]): string {
  let at = 0;
  const space = () => {
    while (/\s/.test(source[at] ?? "")) at++;
  };
  const text = (): string => {
    const start = at++;
    while (source[at] !== '"') at += source[at] === "\\" ? 2 : 1;
    return JSON.parse(source.slice(start, ++at)) as string;
  };
  let found: string | undefined;
  const value = (wanted: readonly (string | number)[] | undefined): string => {
    space();
    const written = source[at] === "{" || source[at] === "[" ? list(wanted) : scalar();
    if (wanted?.length === 0) found = written;
    return written;
  };
  const scalar = () => {
    if (source[at] === '"') return JSON.stringify(text());
    const start = at;
    while (at < source.length && !/[\s,\]}]/.test(source[at]!)) at++;
    return source.slice(start, at);
  };
  const list = (wanted: readonly (string | number)[] | undefined): string => {
    const isObject = source[at++] === "{";
    const parts: string[] = [];
    for (space(); source[at] !== "}" && source[at] !== "]"; space()) {
      if (source[at] === ",") at++;
      space();
      const key = isObject ? text() : parts.length;
      if (isObject) {
        space();
        at++; // the colon
      }
      const inner = value(wanted?.[0] === key ? wanted.slice(1) : undefined);
      parts.push(isObject ? `${JSON.stringify(key)}:${inner}` : inner);
    }
    at++;
    return isObject ? `{${parts.join(",")}}` : `[${parts.join(",")}]`;
  };
  value(path);
  if (found === undefined) throw new Error(`nothing at ${path.join("/")}`);
  return found;
}
