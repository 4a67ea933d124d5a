/** Values of GGUF tensors as float32, by the definitions of ggml's block formats. */

import { TillerError } from "../../base/error.js";
import { halfToFloat } from "./half.js";

type Decoder = (bytes: Uint8Array, out: Float32Array) => void;

const decoders: Readonly<Record<string, Decoder>> = {
  F32: (bytes, out) => out.set(new Float32Array(bytes.buffer, bytes.byteOffset, out.length)),
  F16: (bytes, out) => {
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, out.length);
    for (let i = 0; i < out.length; i++) out[i] = halfToFloat[halves[i]!]!;
  },
  BF16: (bytes, out) => {
    // A bfloat16 is the upper half of a float32.
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, out.length);
    const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
    for (let i = 0; i < out.length; i++) bits[i] = halves[i]! << 16;
  },
  Q8_0: (bytes, out) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0, at = 0; i < out.length; i += 32, at += 34) {
      const scale = halfToFloat[view.getUint16(at, true)]!;
      for (let j = 0; j < 32; j++) out[i + j] = scale * view.getInt8(at + 2 + j);
    }
  },
  // 32 nibbles: the low ones of 16 bytes are the first half of the block, the high ones the second.
  Q4_0: (bytes, out) => {
    for (let i = 0, at = 0; i < out.length; i += 32, at += 18) {
      const scale = halfToFloat[bytes[at]! | (bytes[at + 1]! << 8)]!;
      for (let j = 0; j < 16; j++) {
        const pair = bytes[at + 2 + j]!;
        out[i + j] = scale * ((pair & 15) - 8);
        out[i + 16 + j] = scale * ((pair >> 4) - 8);
      }
    }
  },
  Q4_1: (bytes, out) => {
    for (let i = 0, at = 0; i < out.length; i += 32, at += 20) {
      const scale = halfToFloat[bytes[at]! | (bytes[at + 1]! << 8)]!;
      const minimum = halfToFloat[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
      for (let j = 0; j < 16; j++) {
        const pair = bytes[at + 4 + j]!;
        out[i + j] = Math.fround(scale * (pair & 15)) + minimum;
        out[i + 16 + j] = Math.fround(scale * (pair >> 4)) + minimum;
      }
    }
  },
};

export function canDequantize(typeName: string): boolean {
  return decoders[typeName] !== undefined;
}

/** `bytes` holds whole blocks of the type at an address divisible by 4; returns their `elementCount` values. */
export function dequantize(typeName: string, bytes: Uint8Array, elementCount: number): Float32Array {
  const decoder = decoders[typeName];
  if (decoder === undefined)
    throw new TillerError("model-unsupported", `Tensors of type ${typeName} are not supported yet.`);
  const out = new Float32Array(elementCount);
  decoder(bytes, out);
  return out;
}
