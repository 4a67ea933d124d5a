/** The numbers that a decoder-only model is built from, read from the head of its file. */

export interface ModelShape {
  readonly architecture: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly vocabularySize: number;
  /** Positions the model was trained for. */
  readonly contextLength: number;
  readonly normEpsilon: number;
  readonly rope: RopeShape;
}

export interface RopeShape {
  readonly base: number;
  /** Dimensions of a head that are rotated. */
  readonly size: number;
  /** Pairs are neighbours (2i, 2i+1) instead of (i, i + size/2). */
  readonly interleaved: boolean;
}
