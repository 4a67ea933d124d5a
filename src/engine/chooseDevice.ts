/**
 * Where a model is computed. A device is tried once for each machine and version of the runtime; what came of it is kept in a
 * small file, which is written only when a device was asked for, or by `tiller doctor`.
 *
 * A device that was asked for is used where it computes what the CPU computes and can keep the cache of keys and values: were
 * that to travel there and back with every token, it would cost more than is gained. `auto` uses one only if it is known to be
 * clearly faster, and tries none: a start must not wait for drivers.
 */

import { cpus, homedir, hostname, release } from "node:os";
import { join } from "node:path";

import { devices, type Device, type DeviceChoice } from "../protocol/device.js";
import { deviceDeaths, type DeviceDeaths } from "./deviceDeaths.js";
import type { DeviceNeeds } from "./deviceNeeds.js";
import { probeDevice, type ProbeAnswer, type RightAnswer } from "./ort/deviceProbe.js";
import { runtimeFacts } from "./ort/runtime.js";
import { runtimeReason } from "./ort/session.js";
import { readRecord, writeRecord } from "./recordFile.js";

export interface ChooseDeviceOptions {
  readonly probe?: (device: string) => Promise<ProbeAnswer>;
  /** Where answers are kept; default: `~/.tiller/devices.json`. Starts are kept beside it, see deviceDeaths.ts. */
  readonly file?: string;
}

export interface ChosenDevice {
  readonly choice: DeviceChoice;
  /** Positions that the device computes rightly in one run; left out: any number. */
  readonly pieceTokens?: number;
  /** To be called when a model is started on it; what it returns, when the first step is done or has failed. */
  readonly begin?: () => () => void;
}

export type OtherDevice = Exclude<Device, "auto" | "cpu">;

/** `auto` leaves the CPU only for a device that writes at least so many times as fast. */
const CLEARLY_FASTER = 1.5;
/** After so many processes that it took with it, a device is left alone. One may have been ended by the user. */
const MOST_DEATHS = 1;
/** Answers of other trials than today's are none. */
const TRIAL = "2";

/** Never rejects: in the end there is always the CPU. */
export async function chooseDevice(
  wish: Device,
  needs: DeviceNeeds,
  options: ChooseDeviceOptions = {},
): Promise<ChosenDevice> {
  if (wish === "cpu") return { choice: { device: "cpu" } };
  if (wish === "auto") return fastestKnown(needs, options);
  const answer = await knownAnswer(wish, options);
  const obstacle = obstacleOf(wish, answer, needs) ?? deadly(wish, options);
  if (obstacle !== undefined || answer.kind !== "right") return { choice: { device: "cpu", reason: obstacle! } };
  return chosen(wish, answer, options);
}

/** Tries a device anew and keeps what comes of it. */
export async function tryDevice(device: OtherDevice, options: ChooseDeviceOptions = {}): Promise<ProbeAnswer> {
  const { probe = probeDevice, file = keptAt() } = options;
  const answer = await probe(device);
  deathsAt(options).forget(keyOf(device));
  const { [keyOf(device)]: _, ...others } = readRecord<ProbeAnswer>(file);
  // What crashed may do better another time, so it is tried again.
  write(file, answer.kind === "crashed" ? others : { ...others, [keyOf(device)]: answer });
  return answer;
}

/** What a trial found, in words for the user. */
export function describeAnswer(device: Device, answer: ProbeAnswer): string {
  switch (answer.kind) {
    case "absent":
      return `${device} is not to be had here: ${runtimeReason(answer.message)}`;
    case "wrong":
      return `${device} computes something else than the processor (${answer.what} is off by ${answer.worst.toPrecision(2)})`;
    case "crashed":
      return `${device} was tried in a process of its own, which failed (${answer.how})`;
    case "right": {
      const times = answer.speedups.map((it) => `${it.times.toPrecision(2)} times as fast with layers of ${it.width}`);
      return `${device} computes the same as the processor (${times.join(", ")})`;
    }
    default:
      return answer satisfies never;
  }
}

/** How many times as fast as the CPU a model of that width is written. */
export function speedupOf({ speedups }: RightAnswer, hiddenSize: number): number {
  const nearest = speedups.findLast((it) => it.width <= hiddenSize) ?? speedups[0];
  return nearest?.times ?? 0;
}

/** Whether `auto` would take it for some model. */
export function isWorthwhile(answer: ProbeAnswer): boolean {
  return answer.kind === "right" && answer.keeps && answer.speedups.some((it) => CLEARLY_FASTER <= it.times);
}

function fastestKnown(needs: DeviceNeeds, options: ChooseDeviceOptions): ChosenDevice {
  const known = readRecord<ProbeAnswer>(options.file ?? keptAt());
  let best: { readonly device: OtherDevice; readonly answer: RightAnswer } | undefined;
  for (const device of devices) {
    if (device === "auto" || device === "cpu") continue;
    const answer = known[keyOf(device)];
    if (answer?.kind !== "right" || obstacleOf(device, answer, needs) !== undefined) continue;
    if (deadly(device, options) !== undefined) continue;
    const least = best === undefined ? CLEARLY_FASTER : speedupOf(best.answer, needs.hiddenSize);
    if (least <= speedupOf(answer, needs.hiddenSize)) best = { device, answer };
  }
  return best === undefined ? { choice: { device: "cpu" } } : chosen(best.device, best.answer, options);
}

function chosen(device: OtherDevice, { pieceTokens }: RightAnswer, options: ChooseDeviceOptions): ChosenDevice {
  const begin = () => deathsAt(options).begin(keyOf(device));
  return { choice: { device }, begin, ...(pieceTokens !== undefined && { pieceTokens }) };
}

function deadly(device: OtherDevice, options: ChooseDeviceOptions): string | undefined {
  const deaths = deathsAt(options).count(keyOf(device));
  if (deaths <= MOST_DEATHS) return undefined;
  return `${device} took the process with it the last ${deaths} times that a model was started on it; tiller doctor gives it another chance`;
}

function deathsAt({ file = keptAt() }: ChooseDeviceOptions): DeviceDeaths {
  return deviceDeaths(file.replace(/(\.json)?$/, ".starts.json"));
}

/** Why the CPU computes this model although the device was tried, in words for the user. */
function obstacleOf(device: Device, answer: ProbeAnswer, needs: DeviceNeeds): string | undefined {
  const found = describeAnswer(device, answer);
  if (answer.kind !== "right") return found;
  if (!answer.keeps)
    return (
      `${found}, but keys and values cannot be kept on it with onnxruntime ${runtimeFacts().version}, ` +
      "and to copy them with every token costs more than it gains"
    );
  const lacking = needs.attention.filter((it) => answer.lacks.includes(it));
  if (0 < lacking.length)
    return `${device} computes attention with a ${lacking.join(" or a ")} otherwise than the processor, and this model has it`;
  if (needs.cacheType !== "float32") return `a cache of 8-bit integers cannot be kept on ${device}`;
  if (needs.forgets) return `the cache of sparse attention cannot be kept on ${device}`;
  return undefined;
}

async function knownAnswer(device: OtherDevice, options: ChooseDeviceOptions): Promise<ProbeAnswer> {
  return readRecord<ProbeAnswer>(options.file ?? keptAt())[keyOf(device)] ?? (await tryDevice(device, options));
}

function keptAt(): string {
  return join(homedir(), ".tiller", "devices.json");
}

function keyOf(device: Device): string {
  const { version } = runtimeFacts();
  const machine = [process.platform, process.arch, release(), hostname(), cpus()[0]?.model];
  return [device, TRIAL, version, ...machine].join("|");
}

function write(file: string, answers: Readonly<Record<string, ProbeAnswer>>): void {
  if (Object.keys(answers).length === 0 && Object.keys(readRecord(file)).length === 0) return;
  writeRecord(file, answers, 2);
}
