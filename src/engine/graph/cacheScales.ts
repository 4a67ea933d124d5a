/** What one step of an 8-bit cache stands for, channel by channel. */

export interface CacheScales {
  /** [kvHeads * headSize] each. */
  readonly key: Float32Array;
  readonly value: Float32Array;
}
