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

const jpeg = codec("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm", () => import("@jsquash/jpeg/decode.js"));
const webp = codec("@jsquash/webp/codec/dec/webp_dec.wasm", () => import("@jsquash/webp/decode.js"));

/** Rejects with whatever the decoder throws for a damaged file. */
export function unpackJpeg(bytes: Uint8Array): Promise<UnpackedPixels> {
  return jpeg(bytes);
}

/** As above. */
export function unpackWebp(bytes: Uint8Array): Promise<UnpackedPixels> {
  return webp(bytes);
}

interface Codec {
  /** Its own types leave out that it takes a module too. */
  readonly init: unknown;
  readonly default: unknown;
}

/** `program` is a file of a package. */
function codec(program: string, load: () => Promise<Codec>): (bytes: Uint8Array) => Promise<UnpackedPixels> {
  let module: WebAssembly.Module | undefined;
  let decode: Promise<Decode> | undefined;

  async function ready(): Promise<Decode> {
    const { init, default: decode } = await load();
    // The decoders give their pixels in an object that browsers have and Node has not.
    (globalThis as { ImageData?: unknown }).ImageData ??= PlainImageData;
    module ??= new WebAssembly.Module(readFileSync(programPath(program)));
    // What they print is for those who wrote them; a picture that is refused is told of in our words.
    await (init as Init)(module, { print: ignore, printErr: ignore });
    return decode as Decode;
  }

  return async (bytes) => {
    try {
      return await (
        await (decode ??= ready())
      )(wholeBuffer(bytes));
    } catch (error) {
      // A decoder that gave up half-way leaves its memory in disorder, and may not come back from the next picture.
      decode = undefined;
      throw error;
    }
  };
}

type Init = (module: WebAssembly.Module, options: object) => Promise<void>;

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
