/** A picture in memory: what every step of making it ready for a model takes and gives. */

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel, row by row: [height, width, 3]. */
  readonly rgb: Uint8Array;
}
