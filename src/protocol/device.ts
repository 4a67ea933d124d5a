/** Where a model is computed. */

export const devices = ["auto", "cpu", "webgpu", "dml", "coreml", "cuda"] as const;

/** `auto`: the CPU, unless another device has shown on this machine that it computes the same, and faster. */
export type Device = (typeof devices)[number];

/** What became of the wish. */
export interface DeviceChoice {
  readonly device: Exclude<Device, "auto">;
  /** Why it is not the one that was asked for. */
  readonly reason?: string;
}
