// Models of a realistic size with random weights: only their speed means anything. The vocabulary is that of the embedded model.

import { readRawMetadata } from "../src/engine/gguf/rawMetadata.js";
import { ggufEntry, writeGgufFile, type GgufValue, type StreamedTensor } from "../src/engine/gguf/writeGguf.js";
import { quantizeRows, writableType } from "../src/engine/quantize/quantize.js";
import type { WritableType } from "../src/engine/quantize/writableTypes.js";
import { seededRandom } from "../src/engine/sampling/random.js";

export interface RandomShape {
  readonly architecture: "llama" | "qwen3moe";
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  /** Of one expert where there are any. */
  readonly feedForward: number;
  readonly experts?: { readonly count: number; readonly used: number };
}

const CONTEXT = 4096;
const VOCABULARY = 49152;
/** Different blocks of a tensor; its rows are made of them at random, which is as good as new ones and much faster. */
const POOL = 2048;
const BYTES_AT_ONCE = 1 << 22;

/** Writes the file `out`; `typeOf` says what a matrix becomes, by its name. `vocabularyOf` is the file with the tokens. */
export async function writeRandomModel(
  out: string,
  shape: RandomShape,
  typeOf: (name: string) => WritableType,
  vocabularyOf: string,
): Promise<void> {
  const tokens = readRawMetadata(vocabularyOf).filter(({ key }) => key.startsWith("tokenizer.ggml."));
  const entries = [...Object.entries(metadataOf(shape)).map(([key, value]) => ggufEntry(key, value)), ...tokens];
  const blocks = randomBlocks();
  const tensors = matricesOf(shape).map(({ name, shape: size }) =>
    size.length === 1 ? ones(name, size[0]!) : randomTensor(name, size, typeOf(name), blocks),
  );
  const options = { signal: new AbortController().signal, onProgress: () => undefined };
  await writeGgufFile(out, { entries, tensors }, options);
}

function metadataOf({ architecture, ...shape }: RandomShape): Record<string, GgufValue> {
  const own: Record<string, GgufValue> = {
    context_length: { count: CONTEXT },
    embedding_length: { count: shape.hidden },
    block_count: { count: shape.layers },
    feed_forward_length: { count: shape.feedForward },
    "attention.head_count": { count: shape.heads },
    "attention.head_count_kv": { count: shape.kvHeads },
    "attention.key_length": { count: shape.headSize },
    "attention.value_length": { count: shape.headSize },
    "attention.layer_norm_rms_epsilon": { float: 1e-6 },
    "rope.freq_base": { float: 1e6 },
    "rope.dimension_count": { count: shape.headSize },
    vocab_size: { count: VOCABULARY },
    ...(shape.experts && {
      expert_count: { count: shape.experts.count },
      expert_used_count: { count: shape.experts.used },
      expert_feed_forward_length: { count: shape.feedForward },
    }),
  };
  return {
    "general.architecture": architecture,
    "general.name": "random weights",
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${architecture}.${key}`, value])),
  };
}

interface Sized {
  readonly name: string;
  /** Rows' length first; one number for vectors. */
  readonly shape: readonly number[];
}

function matricesOf({
  architecture,
  layers,
  hidden,
  heads,
  kvHeads,
  headSize,
  feedForward,
  experts,
}: RandomShape): Sized[] {
  const sized = (name: string, ...shape: number[]): Sized => ({ name: `${name}.weight`, shape });
  const ofExperts = (name: string, columns: number, rows: number) =>
    experts === undefined ? sized(name, columns, rows) : sized(`${name}_exps`, columns, rows, experts.count);
  return [
    sized("token_embd", hidden, VOCABULARY),
    sized("output_norm", hidden),
    sized("output", hidden, VOCABULARY),
    ...Array.from({ length: layers }, (_, i) => `blk.${i}`).flatMap((blk) => [
      sized(`${blk}.attn_norm`, hidden),
      sized(`${blk}.attn_q`, hidden, heads * headSize),
      sized(`${blk}.attn_k`, hidden, kvHeads * headSize),
      sized(`${blk}.attn_v`, hidden, kvHeads * headSize),
      sized(`${blk}.attn_output`, heads * headSize, hidden),
      ...(architecture === "qwen3moe"
        ? [sized(`${blk}.attn_q_norm`, headSize), sized(`${blk}.attn_k_norm`, headSize)]
        : []),
      sized(`${blk}.ffn_norm`, hidden),
      ...(experts === undefined ? [] : [sized(`${blk}.ffn_gate_inp`, hidden, experts.count)]),
      ofExperts(`${blk}.ffn_gate`, hidden, feedForward),
      ofExperts(`${blk}.ffn_up`, hidden, feedForward),
      ofExperts(`${blk}.ffn_down`, feedForward, hidden),
    ]),
  ];
}

function ones(name: string, length: number): StreamedTensor {
  const bytes = new Uint8Array(new Float32Array(length).fill(1).buffer);
  return { name, shape: [length], type: writableType("F32"), pieces: () => [bytes] };
}

/** Blocks of a type for rows of a length, whose products keep the size of their inputs. */
type BlocksOf = (type: WritableType, columns: number) => Uint8Array;

function randomBlocks(): BlocksOf {
  const known = new Map<string, Uint8Array>();
  const random = seededRandom(7);
  return (type, columns) => {
    const key = `${type} ${columns}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const count = POOL * writableType(type).blockSize;
    const values = Float32Array.from({ length: count }, () => deviation(random) / Math.sqrt(columns));
    const bytes = quantizeRows(type, values, count);
    known.set(key, bytes);
    return bytes;
  };
}

function randomTensor(name: string, shape: readonly number[], type: WritableType, blocks: BlocksOf): StreamedTensor {
  const { blockBytes, blockSize } = writableType(type);
  const total = shape.reduce((a, b) => a * b, 1) / blockSize;
  return {
    name,
    shape,
    type: writableType(type),
    *pieces() {
      const pool = blocks(type, shape[0]!);
      const random = seededRandom(name.length + total);
      const most = Math.floor(BYTES_AT_ONCE / blockBytes);
      for (let done = 0; done < total; done += most) {
        const bytes = new Uint8Array(Math.min(most, total - done) * blockBytes);
        for (let at = 0; at < bytes.length; at += blockBytes) {
          const from = Math.floor(random() * POOL) * blockBytes;
          bytes.set(pool.subarray(from, from + blockBytes), at);
        }
        yield bytes;
      }
    },
  };
}

/** Near to normally distributed, with variance 1. */
function deviation(random: () => number): number {
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += random();
  return sum - 6;
}
