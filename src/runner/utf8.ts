/** Where bytes stop being UTF-8. Decoders only say that they do. */

/** The offset of the first byte of the first sequence that is not UTF-8, or undefined when all is well. */
export function invalidUtf8At(bytes: Uint8Array): number | undefined {
  let offset = 0;
  while (offset < bytes.length) {
    const length = sequenceLength(bytes, offset);
    if (length === 0) return offset;
    offset += length;
  }
  return undefined;
}

/** 0 when no valid sequence begins there. Overlong forms, surrogates and what is beyond U+10FFFF are not valid. */
function sequenceLength(bytes: Uint8Array, offset: number): number {
  const first = bytes[offset]!;
  if (first < 0x80) return 1;
  const second = bytes[offset + 1] ?? 0;
  if (0xc2 <= first && first <= 0xdf) return isContinuation(second) ? 2 : 0;
  const third = bytes[offset + 2] ?? 0;
  if (0xe0 <= first && first <= 0xef) {
    const least = first === 0xe0 ? 0xa0 : 0x80;
    const most = first === 0xed ? 0x9f : 0xbf;
    return least <= second && second <= most && isContinuation(third) ? 3 : 0;
  }
  if (first < 0xf0 || 0xf4 < first) return 0;
  const least = first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xf4 ? 0x8f : 0xbf;
  const rest = isContinuation(third) && isContinuation(bytes[offset + 3] ?? 0);
  return least <= second && second <= most && rest ? 4 : 0;
}

function isContinuation(byte: number): boolean {
  return 0x80 <= byte && byte <= 0xbf;
}
