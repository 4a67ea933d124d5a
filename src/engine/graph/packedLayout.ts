/**
 * Which weights are handed to onnxruntime's MatMulNBits as they are, in which layout, and what that costs.
 *
 * The operator takes 4 or 8 bits a value in blocks of 16 or 32, each with a float32 scale and a whole zero point. Two things
 * do not fit. A real-valued minimum has no fast kernel: with 4 bits the whole zero point leaves a residual, which is kept in
 * extra input columns (packLevels.ts); with 8 bits the levels are spread so finely that the zero point is as good as exact.
 * And 8 bits have no kernel for float32 activations, so that in `exact` such matrices are decoded to float32 (weights.ts).
 */

export interface PackedLayout {
  readonly bits: 4 | 8;
  readonly block: 16 | 32;
  /** What becomes of the block's minimum. */
  readonly minimum: "none" | "residual columns" | "zero point";
}

/**
 * By GGUF type. Bits for a value count the layout's scale (32 / block), its zero point and, in `fast`, one pass of residual columns.
 * Types that are not here (F32, F16, BF16) are float32 in both modes: 32 bits.
 */
const layouts = {
  // 5 bits, exact, in both modes.
  Q4_0: { bits: 4, block: 32, minimum: "none" },
  // 5.3 bits. In `fast` one pass over the residual (KL 0.001, a fifth of what rounding the activations costs), in `exact` three.
  Q4_1: { bits: 4, block: 32, minimum: "residual columns" },
  Q4_K: { bits: 4, block: 32, minimum: "residual columns" },
  // 6 bits, exact, in both modes: three bits fit into four, and so need no float32 in `exact`.
  Q3_K: { bits: 4, block: 16, minimum: "none" },
  // 6.6 bits: levels 0 to 3 are spread to 0, 5, 10, 15, so that the zero point leaves a tenth of a step; as Q4_1 from there on.
  Q2_K: { bits: 4, block: 16, minimum: "residual columns" },
  // 9 bits, exact. In `exact` mode 32 bits, as all that follow.
  Q8_0: { bits: 8, block: 32, minimum: "none" },
  // 9 bits, exact: the levels, or the values that a nibble stands for, are whole numbers of at most 8 bits.
  Q5_0: { bits: 8, block: 32, minimum: "none" },
  IQ4_NL: { bits: 8, block: 32, minimum: "none" },
  IQ4_XS: { bits: 8, block: 32, minimum: "none" },
  MXFP4: { bits: 8, block: 32, minimum: "none" },
  // 9.3 bits. A step is eight levels, so that the zero point is off by at most a sixteenth of it: 1 % more squared error.
  Q5_1: { bits: 8, block: 32, minimum: "zero point" },
  Q5_K: { bits: 8, block: 32, minimum: "zero point" },
  // 10 bits, exact: a scale for 16 values.
  Q6_K: { bits: 8, block: 16, minimum: "none" },
} as const satisfies Readonly<Record<string, PackedLayout>>;

export type PackedType = keyof typeof layouts;

export function isPackedType(name: string): name is PackedType {
  return Object.hasOwn(layouts, name);
}

export function layoutOf(type: PackedType): PackedLayout {
  return layouts[type];
}

/** Matrices of one layout can be rows of one product. */
export function isSameLayout(one: PackedLayout, other: PackedLayout): boolean {
  return one.bits === other.bits && one.block === other.block && one.minimum === other.minimum;
}

export interface PackedWeight {
  readonly bits: 4 | 8;
  /** Values in a block. */
  readonly block: 16 | 32;
  /** Rows of the matrix: outputs. */
  readonly rows: number;
  /** Inputs, without the extra columns. */
  readonly columns: number;
  /** Blocks in a row, those of the extra columns included. */
  readonly blocks: number;
  /** Passes over the residual, so many times the block sums are appended to the input. */
  readonly residualPasses: number;
  /** [rows, blocks, block * bits / 8] */
  readonly values: Uint8Array;
  /** [rows, blocks] */
  readonly scales: Float32Array;
  /** 4 bits: [rows, ceil(blocks / 2)], nibbles; 8 bits: [rows, blocks]. Undefined where half the range is right everywhere. */
  readonly zeroPoints?: Uint8Array;
}

/** Extra columns of one pass, for an input of `columns` values: one for each block, padded to whole blocks. */
export function residualColumns(columns: number, block: number): number {
  return Math.ceil(columns / block / block) * block;
}

/** Gives zeroed memory, aligned for any element type. */
export type Allocate = (byteLength: number) => Uint8Array;

/** Room for a matrix; packedWeight.ts fills its rows. `residualPasses` counts for residual columns only: 0 loses the residual. */
export function allocatePacked(
  { bits, block, minimum }: PackedLayout,
  rows: number,
  columns: number,
  residualPasses: number,
  allocate: Allocate,
): PackedWeight {
  const passes = minimum === "residual columns" ? residualPasses : 0;
  const blocks = (columns + passes * residualColumns(columns, block)) / block;
  const zeroBytes = bits === 4 ? Math.ceil(blocks / 2) : blocks;
  const zeroPoints = minimum === "none" ? undefined : allocate(rows * zeroBytes).fill(bits === 4 ? 0x88 : 0x80);
  return {
    bits,
    block,
    rows,
    columns,
    blocks,
    residualPasses: passes,
    values: allocate((rows * blocks * block * bits) / 8),
    scales: floatsOf(allocate(rows * blocks * 4)),
    ...(zeroPoints !== undefined && { zeroPoints }),
  };
}

function floatsOf({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array {
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}
