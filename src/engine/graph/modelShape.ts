/** The numbers that a decoder-only model is built from, read from the head of its file. */

export interface ModelShape {
  readonly architecture: string;
  readonly layers: number;
  readonly hiddenSize: number;
  /** Of one expert where there are several. */
  readonly feedForwardSize: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly vocabularySize: number;
  /** Positions the model was trained for. */
  readonly contextLength: number;
  readonly normEpsilon: number;
  readonly rope: RopeShape;
  readonly attention: AttentionShape;
  readonly scales: StreamScales;
  /** Undefined where each layer has one feed-forward network. */
  readonly experts?: ExpertShape;
  /** Undefined where every layer attends. */
  readonly convolution?: ConvolutionShape;
}

export interface ConvolutionShape {
  /** Positions that a convolution sees, its own included. */
  readonly kernel: number;
  /** For each layer, whether a convolution stands in attention's place. */
  readonly layers: readonly boolean[];
}

/** Which of the cache's keys and values are the layer's: those that attend are counted. */
export function cacheIndex({ convolution }: ModelShape, layer: number): number {
  return convolution === undefined ? layer : convolution.layers.slice(0, layer).filter((it) => !it).length;
}

export interface RopeShape {
  readonly base: number;
  /** Dimensions of a head that are rotated. */
  readonly size: number;
  /** Pairs are neighbours (2i, 2i+1) instead of (i, i + size/2). */
  readonly interleaved: boolean;
  /** How positions beyond those of the first training were brought into reach. */
  readonly scaling?: RopeScaling;
}

export type RopeScaling =
  /** Positions are divided by the factor (arXiv 2306.15595). */
  | { readonly kind: "linear"; readonly factor: number }
  /** Fast pairs keep their positions, slow ones have them divided (arXiv 2309.00071). */
  | {
      readonly kind: "yarn";
      readonly factor: number;
      readonly originalContext: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      /** Cosines and sines are multiplied by it, beside what the method asks for. */
      readonly magnitude: number;
    }
  /** Each frequency has a divisor in the file, one list for short contexts and one for long ones (arXiv 2402.13753). */
  | { readonly kind: "longrope"; readonly originalContext: number; readonly magnitude: number };

export interface AttentionShape {
  /** Products of queries and keys are multiplied by it. */
  readonly scale: number;
  /** Scores are squashed to cap * tanh(score / cap). */
  readonly softCap?: number;
  /** One for each layer. */
  readonly layers: readonly LayerAttention[];
}

export interface LayerAttention {
  /** Undefined where positions are not told apart. Layers that rotate alike share one object. */
  readonly rope: RopeShape | undefined;
  /** A query sees itself and the `window - 1` positions before it; undefined: everything before it. */
  readonly window?: number;
}

/** Factors that some models put into the stream; undefined is 1. */
export interface StreamScales {
  readonly embedding?: number;
  /** Of what a sub-layer adds. */
  readonly residual?: number;
  /** Logits are divided by it. */
  readonly logitDivisor?: number;
  /** Logits are squashed to cap * tanh(logit / cap). */
  readonly logitSoftCap?: number;
}

/** A mixture of experts: a router chooses for each token which feed-forward networks it goes through. */
export interface ExpertShape {
  readonly count: number;
  /** Experts of each token. */
  readonly used: number;
  /** Weights of the chosen ones are made to sum to 1; otherwise they are what a softmax over all experts gives them. */
  readonly normalized: boolean;
  /** All weights are multiplied by it. */
  readonly scale: number;
}
