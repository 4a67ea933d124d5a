/** The bytes of a PNG, JPEG or WebP file -> its pixels as they are to be seen: turned upright, on white where it is transparent. */

import { TillerError } from "../../base/error.js";
import { unpackJpeg, unpackWebp, type UnpackedPixels } from "./codecs.js";
import { liesOnItsSide, type Orientation } from "./exif.js";
import type { Picture } from "./picture.js";
import { otherFormat, readPictureHead, type PictureHead } from "./pictureHead.js";
import { unpackPng } from "./unpackPng.js";

const MEGAPIXEL = 1_000_000;
const MOST_PIXELS = 64 * MEGAPIXEL;

/** `name` is what messages call the picture. Throws `input-invalid` for what is no picture, or one that is too large. */
export function checkedHead(bytes: Uint8Array, name: string): PictureHead {
  const head = attempt(name, () => readPictureHead(bytes));
  if (head === undefined) {
    const other = otherFormat(bytes);
    const what = other === undefined ? "is not a picture" : `is ${/^[AMH]/.test(other) ? "an" : "a"} ${other} file`;
    throw new TillerError(
      "input-invalid",
      `${name} ${what}. Pictures can be PNG, JPEG and WebP: convert it to one of these.`,
    );
  }
  const { width, height } = head;
  if (width * height <= MOST_PIXELS) return head;
  const message =
    `${name} has ${width} x ${height} pixels, and at most ${MOST_PIXELS / MEGAPIXEL} million are read. ` +
    "Models see far fewer: make it smaller.";
  throw new TillerError("input-invalid", message);
}

/** As above, and for a picture that is damaged. */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<Picture> {
  const { format, orientation } = checkedHead(bytes, name);
  try {
    const pixels = format === "png" ? unpackPng(bytes) : await (format === "jpeg" ? unpackJpeg : unpackWebp)(bytes);
    return upright(onWhite(pixels), orientation);
  } catch (error) {
    throw damaged(name, error);
  }
}

function attempt<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw damaged(name, error);
  }
}

/** Decoders throw all kinds of things, some of them numbers; those of ours say what is wrong. */
function damaged(name: string, error: unknown): TillerError {
  const reason = error instanceof Error && error.message !== "" ? error.message : "its data make no sense";
  return new TillerError(
    "input-invalid",
    `The picture ${name} cannot be read: ${reason}. Open it elsewhere and save it anew.`,
    {
      cause: error,
    },
  );
}

const ALPHA_BITS = 7;

/** Whole numbers as in Pillow's alpha_composite, so that pixels are equal to the reference's. */
function onWhite({ width, height, data }: UnpackedPixels): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const alpha = data[pixel * 4 + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      const value = data[pixel * 4 + channel]!;
      rgb[pixel * 3 + channel] = alpha === 255 ? value : alpha === 0 ? 255 : blended(value, alpha);
    }
  }
  return { width, height, rgb };
}

function blended(value: number, alpha: number): number {
  const own = alpha << ALPHA_BITS;
  const sum = value * own + 255 * ((255 << ALPHA_BITS) - own) + (0x80 << ALPHA_BITS);
  return (((sum >> 8) + sum) >> 8) >> ALPHA_BITS;
}

function upright(picture: Picture, orientation: Orientation): Picture {
  if (orientation === 1) return picture;
  const { width, height, rgb } = picture;
  const [newWidth, newHeight] = liesOnItsSide(orientation) ? [height, width] : [width, height];
  const turned = new Uint8Array(rgb.length);
  const [right, bottom] = [width - 1, height - 1];
  for (let y = 0; y < newHeight; y++) {
    for (let x = 0; x < newWidth; x++) {
      const [fromX, fromY] = sourceOf(x, y);
      const from = (fromY * width + fromX) * 3;
      turned.set(rgb.subarray(from, from + 3), (y * newWidth + x) * 3);
    }
  }
  return { width: newWidth, height: newHeight, rgb: turned };

  function sourceOf(x: number, y: number): readonly [number, number] {
    switch (orientation) {
      case 2:
        return [right - x, y];
      case 3:
        return [right - x, bottom - y];
      case 4:
        return [x, bottom - y];
      case 5:
        return [y, x];
      case 6:
        return [y, bottom - x];
      case 7:
        return [right - y, bottom - x];
      case 8:
        return [right - y, x];
      default:
        return [x, y];
    }
  }
}
