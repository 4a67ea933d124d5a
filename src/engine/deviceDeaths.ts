/**
 * Processes that ended while a model was started on a device, before its first step was done: a driver may take the process
 * with it that uses it, also one that did well in a trial. Without this, an engine that is started again would do the same again.
 */

import { readRecord, writeRecord } from "./recordFile.js";

export interface DeviceDeaths {
  /** How often in a row; one process may have been ended by its user. */
  count(device: string): number;
  /** A start begins; it was survived when the returned function is called, whatever came of it. */
  begin(device: string): () => void;
  forget(device: string): void;
}

interface Start {
  /** The process that is at it. */
  readonly pid: number;
  /** Starts before it that were not survived. */
  readonly deaths: number;
}

/** `file`: where starts are kept; `isAlive`: for tests. */
export function deviceDeaths(file: string, isAlive = isProcess): DeviceDeaths {
  const count = (device: string): number => {
    const start = readRecord<Start>(file)[device];
    if (start === undefined) return 0;
    return start.deaths + (isAlive(start.pid) ? 0 : 1);
  };
  const forget = (device: string): void => {
    const { [device]: known, ...others } = readRecord<Start>(file);
    if (known !== undefined) writeRecord(file, others);
  };
  return {
    count,
    begin(device) {
      writeRecord(file, { ...readRecord<Start>(file), [device]: { pid: process.pid, deaths: count(device) } });
      return () => forget(device);
    },
    forget,
  };
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's
  }
}
