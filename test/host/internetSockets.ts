// Which sockets of the internet a process holds open, by what Linux says of it.

import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/** Lines of the kernel's tables, such as `tcp 0100007F:1F90 00000000:0000`. */
export function internetSockets(pid: number): string[] {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => inodeOf(`/proc/${pid}/fd/${fd}`)));
  return ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => own.has(columns[9] ?? ""))
      .map((columns) => `${table} ${columns[1]} ${columns[2]}`),
  );
}

function inodeOf(path: string): string[] {
  try {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(path)) ?? [];
    return inode === undefined ? [] : [inode];
  } catch {
    return []; // it was closed since the folder was read
  }
}
