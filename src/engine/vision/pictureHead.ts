/**
 * What a picture's file says of itself before its pixels are unpacked: its format, its size, how it is turned. So a picture that
 * is too large is refused without taking its memory, and what one costs in tokens is known at once.
 */

import { exifOrientation, liesOnItsSide, type Orientation } from "./exif.js";

export type PictureFormat = "png" | "jpeg" | "webp";

export interface PictureHead {
  readonly format: PictureFormat;
  /** Pixels of the picture as it is to be seen, turned upright. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
}

/** Undefined for a file of none of the formats; throws a plain Error for one that is damaged. */
export function readPictureHead(bytes: Uint8Array): PictureHead | undefined {
  const raw = isPng(bytes)
    ? pngHead(bytes)
    : isJpeg(bytes)
      ? jpegHead(bytes)
      : isWebp(bytes)
        ? webpHead(bytes)
        : undefined;
  if (raw === undefined) return undefined;
  const { width, height, orientation } = raw;
  if (width < 1 || height < 1) throw new Error("it has no pixels");
  return liesOnItsSide(orientation) ? { ...raw, width: height, height: width } : raw;
}

/** The name of a format that is known and not read; undefined for what is none. */
export function otherFormat(bytes: Uint8Array): string | undefined {
  const text = (from: number, length: number) => latin1(bytes.subarray(from, from + length));
  if (/^GIF8[79]a/.test(text(0, 6))) return "GIF";
  if (text(4, 4) === "ftyp")
    return /avif|avis/.test(text(8, 24)) ? "AVIF" : /hei[cfmsx]|mif1/.test(text(8, 24)) ? "HEIC" : "MP4";
  if (text(0, 2) === "BM") return "BMP";
  if (/^(?:II\*\0|MM\0\*)/.test(text(0, 4))) return "TIFF";
  if (text(0, 4) === "\0\0\x01\0") return "ICO";
  if (/^\xff\x0a|^\0\0\0\x0cJXL /.test(text(0, 8))) return "JPEG XL";
  if (text(0, 5) === "%PDF-") return "PDF";
  if (/^\s*(?:<\?xml[^]*)?<svg[\s>]/i.test(text(0, 1000))) return "SVG";
  return undefined;
}

function isPng(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 8)) === "\x89PNG\r\n\x1a\n";
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

function isWebp(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 4)) === "RIFF" && latin1(bytes.subarray(8, 12)) === "WEBP";
}

function pngHead(bytes: Uint8Array): PictureHead {
  const view = viewOf(bytes);
  if (bytes.length < 33 || latin1(bytes.subarray(12, 16)) !== "IHDR") throw new Error("it is cut off");
  let orientation: Orientation = 1;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    if (latin1(bytes.subarray(at + 4, at + 8)) === "eXIf")
      orientation = exifOrientation(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return { format: "png", width: view.getUint32(16), height: view.getUint32(20), orientation };
}

/** Walks the segments up to the one with the size (ITU-T T.81, annex B). */
function jpegHead(bytes: Uint8Array): PictureHead {
  const view = viewOf(bytes);
  let orientation: Orientation = 1;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) throw new Error("its segments are damaged");
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++; // any number of fill bytes may stand before a marker
      continue;
    }
    const length = view.getUint16(at + 2);
    const isFrame = 0xc0 <= marker && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame && at + 9 <= bytes.length)
      return { format: "jpeg", width: view.getUint16(at + 7), height: view.getUint16(at + 5), orientation };
    const isExif = marker === 0xe1 && latin1(bytes.subarray(at + 4, at + 10)) === "Exif\0\0";
    if (isExif) orientation = exifOrientation(bytes.subarray(at + 10, at + 2 + length));
    at += 2 + length;
  }
  throw new Error("it is cut off");
}

/** https://developers.google.com/speed/webp/docs/riff_container: the size stands in the first chunk, whichever of three it is. */
function webpHead(bytes: Uint8Array): PictureHead {
  const view = viewOf(bytes);
  let size: { readonly width: number; readonly height: number } | undefined;
  let orientation: Orientation = 1;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = latin1(bytes.subarray(at, at + 4));
    const length = view.getUint32(at + 4, true);
    if (size === undefined) {
      if (bytes.length < at + 8 + Math.min(10, length)) break;
      size = webpSize(name, view, at + 8);
    }
    if (name === "EXIF") orientation = exifOrientation(withoutName(bytes.subarray(at + 8, at + 8 + length)));
    at += 8 + length + (length % 2);
  }
  if (size === undefined) throw new Error("it is cut off");
  return { format: "webp", ...size, orientation };
}

function webpSize(name: string, view: DataView, at: number) {
  switch (name) {
    case "VP8X": {
      if ((view.getUint8(at) & 0x02) !== 0) throw new Error("it is animated: take one picture of it");
      const three = (from: number) => view.getUint16(from, true) + (view.getUint8(from + 2) << 16);
      return { width: 1 + three(at + 4), height: 1 + three(at + 7) };
    }
    case "VP8 ":
      return { width: view.getUint16(at + 6, true) & 0x3fff, height: view.getUint16(at + 8, true) & 0x3fff };
    case "VP8L": {
      const bits = view.getUint32(at + 1, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
    }
    default:
      throw new Error("it begins with no picture");
  }
}

/** Some programs write the name that JPEG needs here too. */
function withoutName(exif: Uint8Array): Uint8Array {
  return latin1(exif.subarray(0, 6)) === "Exif\0\0" ? exif.subarray(6) : exif;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
