/** Which earlier tokens a token may see, as it crosses a process. Plain data. */

/**
 * `auto` (the default) sees everything up to 2,048 tokens of prompt; longer prompts are read as the model's own setting says
 * (`ModelSpec.attention`), and without one they see everything too.
 */
export type Attention = "auto" | DenseAttention | StreamingAttention | BlockSparseAttention;

/** Everything before: the cost of a token grows with the text. */
export interface DenseAttention {
  readonly pattern: "dense";
}

/**
 * The first tokens and the last ones (StreamingLLM, arXiv 2309.17453): memory and the cost of a token stay the same however
 * long the text is, and what lies between is forgotten.
 */
export interface StreamingAttention {
  readonly pattern: "streaming";
  /** Tokens at the beginning that are always seen; default 64. */
  readonly sinks?: number;
  /** The last tokens, the present one included; default 1024. */
  readonly window?: number;
  /**
   * Tokens between two evictions; default 256. A token sees up to `chunk - 1` tokens more than the window: those that its
   * chunk began with. With 1 it sees exactly the window, and every token is read by itself.
   */
  readonly chunk?: number;
  /**
   * Positions are counted inside of what is seen, so that a text can go on for longer than the model was trained for
   * (default false). What is forgotten leaves no gap then: the model cannot tell how long ago the beginning was.
   */
  readonly endless?: boolean;
}

/**
 * The last blocks and a part of all others (arXiv 1904.10509). The first block is always seen, because models break without it.
 * Without `stride` and `columns`, every fourth block is seen.
 */
export interface BlockSparseAttention {
  readonly pattern: "block-sparse";
  /** Tokens of a block; default 64. */
  readonly block?: number;
  /** Blocks that are seen whole, the present one included; default 4. */
  readonly local?: number;
  /** Of the others, every so-many-th block is seen whole, counted from the first. */
  readonly stride?: number;
  /** Or of each of the others, so many tokens at its end. */
  readonly columns?: number;
}

/** What the tokens of an answer saw of the prompt; told where not everything was seen. */
export interface AttentionUsage {
  readonly pattern: "streaming" | "block-sparse";
  /** Ranges of prompt tokens, from the first up to but not including the second, that the first token of the answer saw. */
  readonly attended: readonly (readonly [number, number])[];
  /** The same of the answer's last token. */
  readonly attendedAtEnd: readonly (readonly [number, number])[];
}

/** Up to this many prompt tokens, `auto` sees everything: there is nothing to gain below. */
export const AUTO_DENSE_TOKENS = 2048;
