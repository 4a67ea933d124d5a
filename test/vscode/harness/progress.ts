/** What the harness says while it works: one line per step, with the seconds since it began. */

export type Say = (line: string) => void;

export function stopwatch(prefix: string): Say {
  const begin = performance.now();
  return (line) => console.log(`[${prefix} ${((performance.now() - begin) / 1000).toFixed(1).padStart(5)} s] ${line}`);
}

/** This machine cannot have what the tests need. They did not run, which is not the same as a test that failed. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** Waits for `work`, but not longer than `limitMs`; then it fails and names `what` was waited for. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
