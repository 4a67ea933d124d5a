/** The pieces of one message -> its parts. */

import type { Mark } from "./markers.js";
import type { PartContent, RenderedPart, RenderedShot } from "./rendered.js";

export type ContentMark = Extract<Mark, { readonly kind: "section" | "media" | "hole" }>;

/** Text, or what stands in it, with what is known of where it comes from. */
export interface Piece {
  readonly content: string | ContentMark;
  /** The priority of the `{{#keep}}` around it. */
  readonly keep: number | undefined;
  /** It stands in `{{#emphasize}}`. */
  readonly isEmphasized: boolean;
  /** The shot that it was written for. */
  readonly shot: RenderedShot | undefined;
}

export type FilledTexts = Readonly<Record<string, string>>;

/**
 * Text that is only white space is left out, as in Dotprompt, except between two holes: there it is part of the text that the
 * model continues. Blocks around parts of a text make no difference to that.
 */
export function partsOf(pieces: readonly Piece[], filled: FilledTexts): RenderedPart[] {
  const parts: RenderedPart[] = [];
  for (let start = 0; start < pieces.length;) {
    const piece = pieces[start]!;
    if (typeof piece.content !== "string") {
      parts.push({ ...withText(piece.content, filled), ...blocksOf(piece) });
      start++;
      continue;
    }
    const found = pieces.findIndex((it, i) => start < i && typeof it.content !== "string");
    const end = found < 0 ? pieces.length : found;
    const texts = pieces.slice(start, end);
    if (!isBlank(texts) || (isHole(pieces[start - 1]) && isHole(pieces[end]))) parts.push(...textParts(texts));
    start = end;
  }
  return parts;
}

export function isBlank(pieces: readonly Piece[]): boolean {
  return pieces.every(({ content }) => typeof content === "string" && content.trim() === "");
}

/** One part for neighbors in the same blocks. */
function textParts(texts: readonly Piece[]): RenderedPart[] {
  const parts: { kind: "text"; text: string; keep?: number; emphasized?: true }[] = [];
  for (const piece of texts) {
    const last = parts.at(-1);
    if (piece.content === "") continue;
    const isSame = last?.keep === piece.keep && (last?.emphasized === true) === piece.isEmphasized;
    if (last !== undefined && isSame) last.text += piece.content as string;
    else parts.push({ kind: "text", text: piece.content as string, ...blocksOf(piece) });
  }
  return parts;
}

function blocksOf({ keep, isEmphasized }: Piece) {
  return { ...(keep !== undefined && { keep }), ...(isEmphasized && { emphasized: true as const }) };
}

function isHole(piece: Piece | undefined): boolean {
  return typeof piece?.content === "object" && piece.content.kind === "hole";
}

function withText(mark: ContentMark, filled: FilledTexts): PartContent {
  if (mark.kind !== "hole" || !Object.hasOwn(filled, mark.hole.name)) return mark;
  return { ...mark, filled: filled[mark.hole.name]! };
}
