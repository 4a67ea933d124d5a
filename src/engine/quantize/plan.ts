/** Which tensor of a model gets which type when it is quantized, and why. */

import { TillerError } from "../../base/error.js";
import type { TensorInfo } from "../gguf/modelFile.js";
import { canDequantize } from "../gguf/dequantize.js";
import type { TensorType } from "../gguf/tensorTypes.js";
import { writableType } from "./quantize.js";
import type { WritableType } from "./writableTypes.js";

export interface Override {
  /** A tensor's name, or a part of names with `*` for any text: `blk.*.ffn_down.weight`. */
  readonly pattern: string;
  readonly type: WritableType;
}

export interface PlannedTensor {
  readonly tensor: TensorInfo;
  /** What it becomes; its own type for tensors that stay as they are. */
  readonly type: TensorType;
  /** The bytes are taken over: nothing is decoded. */
  readonly isCopied: boolean;
}

export interface Plan {
  readonly tensors: readonly PlannedTensor[];
  /** What the user should know, as sentences. */
  readonly notes: readonly string[];
}

/** Rows that are no whole blocks of 256 get the type whose blocks of 32 come nearest. */
const substitutes: Partial<Record<WritableType, WritableType>> = {
  Q2_K: "Q4_0",
  Q3_K: "Q4_0",
  Q4_K: "Q4_1",
  Q5_K: "Q5_1",
  Q6_K: "Q8_0",
};

/** Below 8 bits the table of the vocabulary costs more than all other matrices together (4 bits: 9 % of perplexity). */
const VOCABULARY = ["token_embd.weight", "output.weight"];
const VOCABULARY_TYPE = "Q8_0";

/** Throws `usage` for an override that no tensor or no block fits, `model-unsupported` for tensors that cannot be read. */
export function planTypes(
  tensors: ReadonlyMap<string, TensorInfo>,
  type: WritableType,
  overrides: readonly Override[],
): Plan {
  for (const { pattern } of overrides) {
    if ([...tensors.keys()].some((it) => fits(pattern, it))) continue;
    throw new TillerError("usage", `No tensor of the model is called "${pattern}". See tiller models inspect.`);
  }
  const substituted = new Map<string, number>();
  const planned = [...tensors.values()].map((tensor) => {
    const override = overrides.findLast((it) => fits(it.pattern, tensor.name));
    const wanted = override?.type ?? defaultType(tensor, type);
    if (wanted === undefined) return { tensor, type: tensor.type, isCopied: true };
    const chosen = whole(tensor, wanted, override !== undefined);
    if (chosen !== wanted) substituted.set(`${wanted}, ${chosen}`, (substituted.get(`${wanted}, ${chosen}`) ?? 0) + 1);
    if (chosen !== tensor.type.name && !canDequantize(tensor.type.name)) {
      const message = `The tensor "${tensor.name}" is ${tensor.type.name}, which this version cannot read.`;
      throw new TillerError("model-unsupported", message);
    }
    return { tensor, type: writableType(chosen), isCopied: chosen === tensor.type.name };
  });
  const notes = [...substituted].map(([pair, count]) => {
    const [wanted, chosen] = pair.split(", ");
    return `${count} matrices have rows that are no multiple of 256 values, which ${wanted} needs: they become ${chosen}.`;
  });
  const coarse = planned.find(({ tensor, isCopied }) => !isCopied && bitsOf(tensor.type) < 16);
  if (coarse !== undefined) {
    notes.push(
      `The source is quantized already (${coarse.tensor.type.name}): what it lost stays lost. A source in F16, BF16 or F32 gives better files.`,
    );
  }
  return { tensors: planned, notes };
}

/** Bits for a value. */
export function bitsOf({ blockBytes, blockSize }: TensorType): number {
  return (8 * blockBytes) / blockSize;
}

/** Undefined for tensors that stay: vectors, norms, biases, routers, tables of positions, small kernels. */
function defaultType(tensor: TensorInfo, type: WritableType): WritableType | undefined {
  const { name, shape } = tensor;
  const isMatrix = 2 <= shape.length && name.endsWith(".weight") && shape[0]! % 32 === 0;
  if (!isMatrix || /norm|ffn_gate_inp|rope_|shortconv\.conv|position_embd|token_types|patch_embd/.test(name))
    return undefined;
  if (!VOCABULARY.includes(name)) return type;
  const isFine = bitsOf(writableType(VOCABULARY_TYPE)) <= bitsOf(writableType(type));
  // Not more than the source has: it would be larger, and no better.
  const isCoarse = bitsOf(tensor.type) < bitsOf(writableType(VOCABULARY_TYPE));
  return isFine ? type : isCoarse ? undefined : VOCABULARY_TYPE;
}

function whole(tensor: TensorInfo, wanted: WritableType, isForced: boolean): WritableType {
  const { blockSize } = writableType(wanted);
  const columns = tensor.shape[0]!;
  if (columns % blockSize === 0) return wanted;
  const substitute = substitutes[wanted];
  if (!isForced && substitute !== undefined && columns % 32 === 0) return substitute;
  const message = `"${tensor.name}" has rows of ${columns} values, and ${wanted} needs multiples of ${blockSize}. Choose another type for it.`;
  throw new TillerError("usage", message);
}

function fits(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((it) => it.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}
