/** Models that are cut into several files: `NAME-00001-of-00003.gguf` (llama.cpp's gguf-split). */

const ending = /-(\d{5})-of-(\d{5})(\.gguf)$/i;

/** How many files the model has, or undefined when the name is not one of several. */
export function shardCount(name: string): number | undefined {
  const [, , count] = ending.exec(name) ?? [];
  return count === undefined || Number(count) === 0 ? undefined : Number(count);
}

/** The names of all files of the model, in order; of one that is not cut, its own. */
export function shardNames(name: string): string[] {
  const count = shardCount(name);
  if (count === undefined) return [name];
  return Array.from({ length: count }, (_, i) =>
    name.replace(
      ending,
      (_all, _index, of: string, gguf: string) => `-${String(i + 1).padStart(5, "0")}-of-${of}${gguf}`,
    ),
  );
}

/** The same for addresses: the names differ, the rest stays. */
export function shardAddresses(url: URL): URL[] {
  return shardNames(url.pathname).map((path) => {
    const shard = new URL(url);
    shard.pathname = path;
    return shard;
  });
}
