/**
 * JPEG and WebP, unpacked by the programs that wrote the formats down (libjpeg-turbo's kin and libwebp), compiled to
 * WebAssembly: their pixels are those of other programs to the last bit, and no native code is loaded. Each is made ready when
 * the first picture of its kind comes.
 */

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** Red, green, blue and alpha of each pixel. */
export interface UnpackedPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

type Decode = (bytes: ArrayBuffer) => Promise<UnpackedPixels>;

let jpeg: Promise<Decode> | undefined;
let webp: Promise<Decode> | undefined;

/** Rejects with whatever the decoder throws for a damaged file. */
export async function unpackJpeg(bytes: Uint8Array): Promise<UnpackedPixels> {
  jpeg ??= import("@jsquash/jpeg/decode.js").then((it) => ready(it, "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm"));
  return (await jpeg)(wholeBuffer(bytes));
}

/** As above. */
export async function unpackWebp(bytes: Uint8Array): Promise<UnpackedPixels> {
  webp ??= import("@jsquash/webp/decode.js").then((it) => ready(it, "@jsquash/webp/codec/dec/webp_dec.wasm"));
  return (await webp)(wholeBuffer(bytes));
}

interface Codec {
  /** Its own types leave out that it takes a module too. */
  readonly init: unknown;
  readonly default: unknown;
}

async function ready(codec: Codec, program: string): Promise<Decode> {
  // The decoders give their pixels in an object that browsers have and Node has not.
  (globalThis as { ImageData?: unknown }).ImageData ??= PlainImageData;
  const init = codec.init as (module: WebAssembly.Module, options: object) => Promise<void>;
  // What they print is for those who wrote them; a picture that is refused is told of in our words.
  await init(new WebAssembly.Module(readFileSync(programPath(program))), { print: ignore, printErr: ignore });
  return codec.default as Decode;
}

function ignore(): void {}

class PlainImageData {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}

/** Beside the bundle of the host, above the pieces of the command line, or in its package where nothing is bundled. */
function programPath(program: string): string {
  const name = program.slice(program.lastIndexOf("/") + 1);
  const places = [`./${name}`, `../${name}`].map((it) => fileURLToPath(new URL(it, import.meta.url)));
  return places.find((it) => existsSync(it)) ?? createRequire(import.meta.url).resolve(program);
}

function wholeBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}
