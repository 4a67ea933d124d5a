/**
 * Where a model is computed. A device is tried once for each machine and version of the runtime; what came of it is kept in a
 * small file, which is written only when a device was asked for.
 *
 * No device but the CPU is chosen as long as our cache cannot be kept on it: it grows in place, and onnxruntime's Node binding
 * ignores outputs that were allocated on a device beforehand, so it would travel there and back with every token, which costs
 * more than is gained. What the probe found is said all the same, so that a user knows what the device could do.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, homedir, hostname, release } from "node:os";
import { dirname, join } from "node:path";

import type { Device, DeviceChoice } from "../protocol/device.js";
import { probeDevice, type ProbeAnswer } from "./ort/deviceProbe.js";
import { runtimeFacts } from "./ort/runtime.js";

export interface ChooseDeviceOptions {
  readonly probe?: (device: string) => Promise<ProbeAnswer>;
  /** Where answers are kept; default: `~/.tiller/devices.json`. */
  readonly file?: string;
}

/** Never rejects: in the end there is always the CPU. */
export async function chooseDevice(wish: Device, options: ChooseDeviceOptions = {}): Promise<DeviceChoice> {
  // `auto` tries nothing: there is no device that could win, and a start must not wait for drivers.
  if (wish === "auto" || wish === "cpu") return { device: "cpu" };
  return { device: "cpu", reason: reasonOf(wish, await knownAnswer(wish, options)) };
}

/** Why the CPU computes, in words for the user. */
export function reasonOf(device: Device, answer: ProbeAnswer): string {
  switch (answer.kind) {
    case "absent":
      return `${device} is not to be had here: ${firstLine(answer.message)}`;
    case "wrong":
      return `${device} computes something else than the processor (off by ${answer.worst.toPrecision(2)})`;
    case "crashed":
      return `${device} was tried in a process of its own, which failed (${answer.how})`;
    case "right":
      return (
        `${device} computes the same as the processor (${answer.speedup.toPrecision(2)} times as fast in a small trial), ` +
        `but the cache of keys and values, which grows in place, cannot be kept on it with onnxruntime ${runtimeFacts().version}, and to copy it with every token costs more than it gains`
      );
    default:
      return answer satisfies never;
  }
}

async function knownAnswer(
  device: Device,
  { probe = probeDevice, file = join(homedir(), ".tiller", "devices.json") }: ChooseDeviceOptions,
): Promise<ProbeAnswer> {
  const key = [
    device,
    runtimeFacts().version,
    process.platform,
    process.arch,
    release(),
    hostname(),
    cpus()[0]?.model,
  ].join("|");
  const known = read(file);
  const before = known[key];
  if (before !== undefined) return before;
  const answer = await probe(device);
  // What crashed may do better another time, so it is tried again.
  if (answer.kind !== "crashed") write(file, { ...known, [key]: answer });
  return answer;
}

function read(file: string): Readonly<Record<string, ProbeAnswer>> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, ProbeAnswer>) : {};
  } catch {
    return {}; // there is none yet, or it is damaged: then it is asked for again
  }
}

function write(file: string, answers: Readonly<Record<string, ProbeAnswer>>): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(answers, undefined, 2)}\n`);
  } catch {
    // a home that cannot be written to: the probe will be made again
  }
}

/** Without the place in the runtime's source that its messages begin with. */
function firstLine(text: string): string {
  return text
    .trim()
    .split("\n")[0]!
    .replace(/^\/\S+:\d+ .*? was false\. /, "")
    .replace(/[.\s]+$/, "")
    .slice(0, 300);
}
