/** Spans of text and their places in lines. Offsets are UTF-16 code units from 0; lines and columns exist only at the edges. */

export interface Span {
  readonly start: number;
  /** The first offset after the span. */
  readonly end: number;
}

export interface Position {
  /** From 0. */
  readonly line: number;
  /** UTF-16 code units from 0. */
  readonly column: number;
}

export function span(start: number, end: number): Span {
  return { start, end };
}

export function contains({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset <= end;
}

/** Where lines begin; `\n`, `\r\n` and a lone `\r` each end one, as in the editor. */
export class LineIndex {
  readonly #starts: number[] = [0];
  readonly #length: number;

  constructor(text: string) {
    this.#length = text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) this.#starts.push(i + 1);
    }
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  /** Offsets outside the text are moved to its nearest end. */
  position(offset: number): Position {
    const clamped = Math.max(0, Math.min(offset, this.#length));
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= clamped) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: clamped - this.#starts[low]! };
  }

  /** Places beyond a line or the text are moved to its end. */
  offset({ line, column }: Position): number {
    if (line < 0) return 0;
    if (this.#starts.length <= line) return this.#length;
    const next = this.#starts[line + 1] ?? this.#length;
    return Math.min(this.#starts[line]! + Math.max(0, column), next);
  }
}
