/** Tokens' bytes to text, as they come: a character is shown when all its bytes are there. */

export interface TextStream {
  /** Text that may be shown after these bytes. Bytes that can never become a character show as U+FFFD. */
  push(bytes: Uint8Array): string;
  /** Bytes of an unfinished character that wait for the rest. */
  readonly heldBack: number;
  /** Nothing more comes: the rest, as U+FFFD, or nothing. */
  end(): string;
}

export function createTextStream(): TextStream {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let held: Uint8Array = new Uint8Array(0);
  return {
    push(bytes) {
      const all = new Uint8Array(held.length + bytes.length);
      all.set(held);
      all.set(bytes, held.length);
      const cut = all.length - unfinished(all);
      held = all.slice(cut);
      return decoder.decode(all.subarray(0, cut));
    },
    get heldBack() {
      return held.length;
    },
    end() {
      const rest = decoder.decode(held);
      held = new Uint8Array(0);
      return rest;
    },
  };
}

/** How many bytes at the end begin a character whose other bytes may still come. */
function unfinished(bytes: Uint8Array): number {
  for (let count = 1; count <= Math.min(3, bytes.length); count++) {
    const lead = bytes[bytes.length - count]!;
    if ((lead & 0xc0) === 0x80) continue;
    const length = lead < 0xc2 || 0xf4 < lead ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length <= count) return 0;
    return 1 < count && !mayFollow(lead, bytes[bytes.length - count + 1]!) ? 0 : count;
  }
  return 0;
}

/** After some lead bytes only part of the range is valid UTF-8 (Unicode 3.9, table 3-7). */
function mayFollow(lead: number, second: number): boolean {
  if (lead === 0xe0) return 0xa0 <= second;
  if (lead === 0xed) return second < 0xa0;
  if (lead === 0xf0) return 0x90 <= second;
  if (lead === 0xf4) return second < 0x90;
  return true;
}
