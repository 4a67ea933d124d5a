/** The machine: node, memory, cores, what could compute. Nothing native is loaded here. */

import { existsSync } from "node:fs";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";

import { sizeText } from "../../base/sizeText.js";
import type { Finding } from "./finding.js";

const LEAST_NODE = [20, 10] as const;
/** The embedded model with its cache and the runtime. */
const LEAST_MEMORY = 700e6;

export function nodeFinding(version: string): Omit<Finding, "name"> {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const enough = LEAST_NODE[0] < major || (LEAST_NODE[0] === major && LEAST_NODE[1] <= minor);
  const machine = `${version} on ${process.platform} ${process.arch}`;
  if (enough) return { status: "ok", detail: machine };
  return { status: "failed", detail: `${machine}; Tiller needs ${LEAST_NODE.join(".")} or newer` };
}

export function memoryFinding(): Omit<Finding, "name"> {
  const available = availableMemory();
  const detail = `${sizeText(available)} available of ${sizeText(totalmem())}`;
  if (LEAST_MEMORY <= available) return { status: "ok", detail };
  return { status: "warning", detail: `${detail}; the embedded model needs about ${sizeText(LEAST_MEMORY)}` };
}

export function coresFinding(): Omit<Finding, "name"> {
  const cores = availableParallelism();
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  return { status: "ok", detail: `${cores} for this process (${model}); --threads changes how many are used` };
}

/** Newer versions of node know limits of containers; the others know the machine only. */
function availableMemory(): number {
  const { availableMemory: known } = process as { availableMemory?: () => number };
  return known?.() ?? freemem();
}

/** Signs of a graphics processor that cost nothing to look for. */
export function graphicsSigns(): string[] {
  const signs: readonly (readonly [path: string, name: string])[] = [
    ["/proc/driver/nvidia/version", "an NVIDIA driver"],
    ["/dev/kfd", "an AMD compute device"],
    ["/dev/dri", "a graphics device"],
  ];
  return signs.filter(([path]) => existsSync(path)).map(([, name]) => name);
}
