/**
 * How a camera was held, from the EXIF data of a picture (CIPA DC-008, tag 274): 1 is upright, 5 to 8 lie on their side. Cameras
 * write the sensor's pixels and this number; who shows the picture has to turn it.
 */

export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATION_TAG = 0x0112;
const SHORT = 3;
const ENTRY_BYTES = 12;

/** `tiff` begins with the byte order. What is damaged counts as upright: it is an ornament, and no reason to refuse a picture. */
export function exifOrientation(tiff: Uint8Array): Orientation {
  if (tiff.length < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  const mark = view.getUint16(0);
  if (mark !== 0x4949 && mark !== 0x4d4d) return 1;
  const little = mark === 0x4949;
  const first = view.getUint32(4, little);
  if (tiff.length < first + 2) return 1;
  const count = view.getUint16(first, little);
  for (let i = 0; i < count; i++) {
    const at = first + 2 + i * ENTRY_BYTES;
    if (tiff.length < at + ENTRY_BYTES) return 1;
    if (view.getUint16(at, little) !== ORIENTATION_TAG || view.getUint16(at + 2, little) !== SHORT) continue;
    const value = view.getUint16(at + 8, little);
    return 1 <= value && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}

/** Whether width and height change places when the picture is turned upright. */
export function liesOnItsSide(orientation: Orientation): boolean {
  return 5 <= orientation;
}
