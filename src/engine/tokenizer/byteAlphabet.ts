/**
 * GPT-2's spelling of bytes as characters: printable ones stand for themselves, the others for U+0100 and up, so that every
 * token of a byte-level vocabulary is readable text.
 */

export interface ByteAlphabet {
  /** The character of each byte. */
  readonly characters: readonly string[];
  /** The byte of each character. */
  readonly bytes: ReadonlyMap<string, number>;
}

export function byteAlphabet(): ByteAlphabet {
  const printable = (byte: number) => (33 <= byte && byte <= 126) || (161 <= byte && byte <= 172) || 174 <= byte;
  let next = 256;
  const characters = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
  return { characters, bytes: new Map(characters.map((it, byte) => [it, byte])) };
}
