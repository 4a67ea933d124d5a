/**
 * onnxruntime 1.29 and later, as it is published for Linux and macOS, writes an identifier of the machine into the user's
 * cache folder and uploads facts about the machine and about each model to its maker. Nothing leaves the machine here, so
 * it is told not to. It asks once, when the first session is made; the variable must be set before, on the main thread
 * (a worker's `process.env` is a copy that native code does not see).
 */

export function refuseTelemetry(): void {
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
}
