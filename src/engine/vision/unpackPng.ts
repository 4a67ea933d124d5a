/** PNG in all its forms (grey, palette, 16 bits, a colour that is transparent) as red, green, blue and alpha in 8 bits. */

import { inflateSync } from "node:zlib";

import { decode, type DecodedPng } from "fast-png";

import type { UnpackedPixels } from "./codecs.js";

/** Throws what the library throws for a damaged file. */
export function unpackPng(bytes: Uint8Array): UnpackedPixels {
  checkUnpackedSize(bytes);
  const png = decode(bytes, { checkCrc: true });
  const { width, height, depth, channels } = png;
  const isPlain = depth === 8 && png.palette === undefined && png.transparency === undefined;
  if (isPlain) return { width, height, data: withFourChannels(png.data as Uint8Array, channels) };
  const data = new Uint8Array(width * height * 4);
  const write = png.palette === undefined ? plainPixel(png) : palettePixel(png);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) write(data, (y * width + x) * 4, x, y);
  return { width, height, data };
}

/**
 * Throws for a file that would unpack to far more than its pixels take: a few megabytes of it could fill any memory, and the
 * library unpacks everything before it looks.
 */
function checkUnpackedSize(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === DATA_CHUNK) parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  // Of 16 bits and four channels, a byte more for each row; interlaced, rows are cut into up to seven.
  const most = height * (width * MOST_PIXEL_BYTES + 8) + (1 << 16);
  try {
    inflateSync(Buffer.concat(parts), { maxOutputLength: most });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") return; // the library says what else is wrong
    throw new Error("it holds far more data than it has pixels", { cause: error });
  }
}

/** "IDAT" */
const DATA_CHUNK = 0x49444154;
const MOST_PIXEL_BYTES = 8;

/** The common case, and the only one of large pictures. */
function withFourChannels(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 4) return data;
  const [isColour, hasAlpha] = [channels === 3, channels === 2];
  const out = new Uint8Array((data.length / channels) * 4);
  for (let from = 0, to = 0; from < data.length; from += channels, to += 4) {
    out[to] = data[from]!;
    out[to + 1] = data[isColour ? from + 1 : from]!;
    out[to + 2] = data[isColour ? from + 2 : from]!;
    out[to + 3] = hasAlpha ? data[from + 1]! : 255;
  }
  return out;
}

type WritePixel = (out: Uint8Array, at: number, x: number, y: number) => void;

/** Of 16 bits the upper 8 are kept, as Pillow and libpng do. */
function plainPixel({ data, width, depth, channels, transparency }: DecodedPng): WritePixel {
  const sample = samples(data, width, depth, channels);
  const to8 = depth === 16 ? (it: number) => it >> 8 : depth === 8 ? (it: number) => it : scaled(depth);
  const isColour = 3 <= channels;
  const hasAlpha = channels === 2 || channels === 4;
  return (out, at, x, y) => {
    const value = (channel: number) => sample(x, y, channel);
    for (let channel = 0; channel < 3; channel++) out[at + channel] = to8(value(isColour ? channel : 0));
    const isClear = transparency?.every((it, channel) => it === value(channel)) === true && 0 < transparency.length;
    out[at + 3] = hasAlpha ? to8(value(channels - 1)) : isClear ? 0 : 255;
  };
}

function palettePixel({ data, width, depth, palette }: DecodedPng): WritePixel {
  const sample = samples(data, width, depth, 1);
  return (out, at, x, y) => {
    const colour = palette![sample(x, y, 0)];
    if (colour === undefined) throw new Error("a pixel has a colour that is not in the palette");
    for (let channel = 0; channel < 3; channel++) out[at + channel] = colour[channel]!;
    out[at + 3] = colour[3] ?? 255;
  };
}

/** Below 8 bits several pixels are packed into a byte, the leftmost in its upper bits; each row begins a new byte. */
function samples(data: ArrayLike<number>, width: number, depth: number, channels: number) {
  if (8 <= depth) return (x: number, y: number, channel: number) => data[(y * width + x) * channels + channel]!;
  const rowBytes = Math.ceil((width * depth) / 8);
  return (x: number, y: number) => {
    const bit = x * depth;
    return (data[y * rowBytes + (bit >> 3)]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
  };
}

function scaled(depth: number): (value: number) => number {
  return (value) => (value * 255) / ((1 << depth) - 1);
}
