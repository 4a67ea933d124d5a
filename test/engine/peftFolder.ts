// Writes small PEFT folders for the tiny model, whole or wrong on purpose. Independent of the engine's own writer.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { temporaryFolder } from "../temporaryFolder.js";

export interface Tensors {
  [name: string]: { readonly shape: readonly number[]; readonly values: readonly number[] };
}

let made = 0;
let known: string | undefined;
const parent = () => (known ??= temporaryFolder("adapter"));

const HIDDEN = 32;
export const stem = "base_model.model.model.layers.0.self_attn";

/** LoRA of that rank on q and v of the tiny model's one layer. */
export function loraTensors(rank: number, size = 0.1): Tensors {
  const tensor = (rows: number, columns: number, phase: number) => ({
    shape: [rows, columns],
    values: Array.from({ length: rows * columns }, (_, i) => size * Math.sin(phase + 1.7 * i)),
  });
  return {
    [`${stem}.q_proj.lora_A.weight`]: tensor(rank, HIDDEN, 1),
    [`${stem}.q_proj.lora_B.weight`]: tensor(HIDDEN, rank, 2),
    [`${stem}.v_proj.lora_A.weight`]: tensor(rank, HIDDEN, 3),
    [`${stem}.v_proj.lora_B.weight`]: tensor(HIDDEN / 2, rank, 4),
  };
}

export const loraConfig = {
  peft_type: "LORA",
  base_model_name_or_path: "example/tiny",
  r: 2,
  lora_alpha: 4,
  target_modules: ["q_proj", "v_proj"],
  bias: "none",
};

export interface PeftFolder {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly tensors?: Tensors;
  /** Of the file of weights. */
  readonly damage?: (bytes: Buffer) => Buffer;
  readonly weights?: string;
}

export function writePeftFolder(
  {
    config = {},
    tensors = loraTensors(2),
    damage = (it) => it,
    weights = "adapter_model.safetensors",
  }: PeftFolder = {},
  folder = join(parent(), `sample${made++}`),
): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "adapter_config.json"), JSON.stringify({ ...loraConfig, ...config }));
  const path = join(folder, weights);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, damage(safetensors(tensors)));
  return folder;
}

function safetensors(tensors: Tensors): Buffer {
  const parts: Buffer[] = [];
  let offset = 0;
  const head: Record<string, unknown> = {};
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    const bytes = Buffer.from(Float32Array.from(values).buffer);
    head[name] = { dtype: "F32", shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
    parts.push(bytes);
  }
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...parts]);
}
