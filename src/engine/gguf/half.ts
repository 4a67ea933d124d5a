/** IEEE 754 half-precision numbers. */

/** The value of each of the 65,536 bit patterns: a look-up is several times as fast as the arithmetic. */
export const halfToFloat: Float32Array = tabulate();

function tabulate(): Float32Array {
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const magnitude =
      exponent === 0
        ? fraction * 2 ** -24
        : exponent === 31
          ? fraction === 0
            ? Infinity
            : NaN
          : (1 + fraction / 1024) * 2 ** (exponent - 15);
    table[bits] = bits & 0x8000 ? -magnitude : magnitude;
  }
  return table;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The nearest half-precision number's bit pattern, ties to even; too large ones become infinite. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const pattern = bits[0]!;
  const sign = (pattern >>> 16) & 0x8000;
  const exponent = ((pattern >>> 23) & 255) - 112;
  const fraction = pattern & 0x7fffff;
  if (exponent === 143) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  if (31 <= exponent) return sign | 0x7c00;
  if (0 < exponent) return sign + roundedShift((exponent << 23) | fraction, 13);
  return exponent < -10 ? sign : sign + roundedShift(fraction | 0x800000, 14 - exponent);
}

/** Carries of the rounding go into the exponent, as they should. */
function roundedShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value - kept * 2 ** shift;
  const half = 2 ** (shift - 1);
  return rest < half || (rest === half && (kept & 1) === 0) ? kept : kept + 1;
}
