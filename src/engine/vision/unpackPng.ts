/** PNG in all its forms (grey, palette, 16 bits, a colour that is transparent) as red, green, blue and alpha in 8 bits. */

import { decode, type DecodedPng } from "fast-png";

import type { UnpackedPixels } from "./codecs.js";

/** Throws what the library throws for a damaged file. */
export function unpackPng(bytes: Uint8Array): UnpackedPixels {
  const png = decode(bytes, { checkCrc: true });
  const { width, height, depth, channels } = png;
  if (depth === 8 && channels === 4) return { width, height, data: png.data as Uint8Array };
  const data = new Uint8Array(width * height * 4);
  const write = png.palette === undefined ? plainPixel(png) : palettePixel(png);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) write(data, (y * width + x) * 4, x, y);
  return { width, height, data };
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
