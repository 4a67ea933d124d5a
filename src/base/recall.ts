/** What `known` has under the key, else what `make` gives, which is kept. Of more than `most`, the one unused longest is dropped. */
export function recall<T extends object>(known: Map<string, T>, key: string, most: number, make: () => T): T {
  const value = known.get(key) ?? make();
  known.delete(key);
  known.set(key, value); // behind all others
  const [oldest] = known.keys();
  if (most < known.size && oldest !== undefined) known.delete(oldest);
  return value;
}
