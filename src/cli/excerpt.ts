/** Diagnostics for a terminal: the place, the message, and the line itself with carets under what is meant. */

import { LineIndex, type Span } from "../base/text.js";
import type { Diagnostic, Severity } from "../lang/diagnostic.js";
import { plain, styled, type Output, type Style } from "./terminal.js";

/** A file, and what is found in it. */
export interface Source {
  /** As it is shown. */
  readonly name: string;
  readonly text: string;
}

const styles: Record<Severity, Style> = { error: "red", warning: "yellow", information: "cyan" };
/** Of long lines, only what is around the place is shown. */
const MOST_COLUMNS = 120;

/** Lines and columns count from 1, as editors show them. */
export function diagnosticText(output: Output, { name, text }: Source, diagnostic: Diagnostic): string {
  const lines = new LineIndex(text);
  const { severity, message, code, span, notes = [] } = diagnostic;
  const kind = styled(output, styles[severity], `${severity}:`);
  const head = `${placeText(name, lines, span)}: ${kind} ${plain(output, message)} ${styled(output, "dim", `[${code}]`)}`;
  const body = excerpt(output, text, lines, span, styles[severity]);
  const more = notes.map(
    (it) =>
      `${placeText(name, lines, it.span)}: note: ${plain(output, it.message)}\n${excerpt(output, text, lines, it.span, "cyan")}`,
  );
  return [`${head}\n${body}`, ...more].join("");
}

export function placeText(name: string, lines: LineIndex, { start }: Span): string {
  const { line, column } = lines.position(start);
  return `${name}:${line + 1}:${column + 1}`;
}

function excerpt(output: Output, text: string, lines: LineIndex, { start, end }: Span, style: Style): string {
  const { line, column } = lines.position(start);
  const lineStart = lines.offset({ line, column: 0 });
  const nextLine = line + 1 < lines.lineCount ? lines.offset({ line: line + 1, column: 0 }) : text.length;
  const whole = text.slice(lineStart, nextLine).replace(/[\r\n]+$/, "");
  const from = column < MOST_COLUMNS - 20 ? 0 : column - 40;
  const shown = plain(output, whole.slice(from, from + MOST_COLUMNS).replaceAll("\t", " "));
  // A span that goes on in later lines is marked to the end of its first.
  const length = Math.max(1, Math.min(end - start, whole.length - column, from + MOST_COLUMNS - column));
  const gutter = String(line + 1);
  const bar = styled(output, "dim", "|");
  const before = " ".repeat(widthOf(whole.slice(from, column)));
  const carets = styled(output, style, "^".repeat(Math.max(1, widthOf(whole.slice(column, column + length)))));
  return `${styled(output, "dim", gutter)} ${bar} ${shown}\n${" ".repeat(gutter.length)} ${bar} ${before}${carets}\n`;
}

/** Columns on the screen: pairs of surrogates are one character, which most often takes two. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += isWide(character.codePointAt(0)!) ? 2 : /\p{Mn}/u.test(character) ? 0 : 1;
  return width;
}

/** East Asian scripts and pictures: roughly, as terminals do. */
function isWide(code: number): boolean {
  return (
    (0x1100 <= code && code <= 0x115f) ||
    (0x2e80 <= code && code <= 0xa4cf) ||
    (0xac00 <= code && code <= 0xd7a3) ||
    (0xf900 <= code && code <= 0xfaff) ||
    (0xfe30 <= code && code <= 0xfe6f) ||
    (0xff00 <= code && code <= 0xff60) ||
    (0x1f300 <= code && code <= 0x1faff) ||
    (0x20000 <= code && code <= 0x3fffd)
  );
}
