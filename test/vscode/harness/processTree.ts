/** The processes of a VS Code that runs: its extension hosts, our engine's. Linux alone, as the editions that we install are. */

import { readdirSync, readFileSync } from "node:fs";

/** Those below `root` that live and whose command line has the text, oldest first. */
export function processesBelow(root: number, text: string): readonly number[] {
  const parents = new Map(livingProcesses());
  const isBelow = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined; at = parents.get(at)) if (at === root) return true;
    return false;
  };
  return [...parents.keys()].filter((it) => isBelow(it) && commandLineOf(it).includes(text)).sort((a, b) => a - b);
}

export function isAlive(pid: number): boolean {
  return livingProcesses().some(([it]) => it === pid);
}

/** Each with its parent. */
function livingProcesses(): readonly (readonly [number, number])[] {
  return readdirSync("/proc").flatMap((it) => {
    if (!/^\d+$/.test(it)) return [];
    const [, state, parent] = /^\d+ \(.*\) (\S) (\d+)/s.exec(read(`/proc/${it}/stat`)) ?? [];
    return state === undefined || state === "Z" ? [] : [[Number(it), Number(parent)] as const];
  });
}

function commandLineOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
}

/** Nothing of a process that ended while the list was read. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
