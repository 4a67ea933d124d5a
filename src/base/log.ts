/** Where messages for developers go. Passed in, never global, so that every process decides for itself. */

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface Log {
  write(level: LogLevel, message: string): void;
}

export const silentLog: Log = { write() {} };
