/**
 * A template as pieces that are well formed on their own. Those that an earlier text had too are taken from its tree: what is
 * typed changes one of hundreds.
 *
 * Why the pieces are the whole: Handlebars reads from left to right, and a piece that it accepts leaves it outside of all tags
 * and blocks, where the next one begins. Its white space control looks no further than to the next line or the next text, and
 * a cut (`templateCuts.ts`) has a line break before it and a text or a role behind it. `test/lang/templatePieces.test.ts` compares
 * both ways.
 */

import { span, type Span } from "../base/text.js";
import type { Node, TemplatePiece } from "./ast.js";
import { parseTemplate } from "./handlebarsTree.js";
import { movedNodes } from "./movedNodes.js";
import { cutsOf } from "./templateCuts.js";

export interface PiecesOfText {
  readonly text: string;
  readonly pieces: readonly TemplatePiece[];
}

export interface ParsedPieces {
  readonly pieces: readonly TemplatePiece[];
  /** Where Handlebars refuses one of them, and with it the whole. */
  readonly broken: readonly Span[];
}

/** `offset` is where the template begins in the file. Pieces and what is broken are in the order of the text. */
export function parsePieces(template: string, offset: number, earlier: PiecesOfText | undefined): ParsedPieces {
  const bounds = [0, ...cutsOf(template), template.length];
  const count = bounds.length - 1;
  const known = earlier?.pieces ?? [];
  const isKnown = (i: number, piece: TemplatePiece) => {
    const { start, end } = piece.span;
    return (
      end - start === bounds[i + 1]! - bounds[i]! && template.startsWith(earlier!.text.slice(start, end), bounds[i])
    );
  };
  const kept = (piece: TemplatePiece, i: number) => moved(piece, offset + bounds[i]! - piece.span.start);
  let head = 0;
  while (head < count && head < known.length && isKnown(head, known[head]!)) head++;
  let tail = count;
  let knownTail = known.length;
  while (head < tail && head < knownTail && isKnown(tail - 1, known[knownTail - 1]!)) {
    tail--;
    knownTail--;
  }
  const pieces = known.slice(0, head).map(kept);
  const broken: Span[] = [];
  for (let i = head; i < tail; i++) {
    const piece = parsePiece(template, bounds[i]!, bounds[i + 1]!, offset);
    if (piece !== undefined) {
      pieces.push(piece);
      continue;
    }
    // Perhaps it was only cut in the wrong place; mostly this fails at the same tag.
    const rest =
      broken.length === 0 && i + 1 < count ? parsePiece(template, bounds[i]!, template.length, offset) : undefined;
    if (rest !== undefined) return { pieces: [...pieces, rest], broken };
    broken.push(span(offset + bounds[i]!, offset + bounds[i + 1]!));
  }
  pieces.push(...known.slice(knownTail).map((it, i) => kept(it, tail + i)));
  return { pieces, broken };
}

/** Undefined for what Handlebars refuses. */
function parsePiece(template: string, start: number, end: number, offset: number): TemplatePiece | undefined {
  try {
    return { span: span(offset + start, offset + end), ...parseTemplate(template.slice(start, end), offset + start) };
  } catch {
    return undefined;
  }
}

function moved(piece: TemplatePiece, by: number): TemplatePiece {
  if (by === 0) return piece;
  const { span: where, nodes, program } = piece;
  return { span: span(where.start + by, where.end + by), nodes: movedNodes(nodes, by), program };
}

/** The tree of all; a text that was cut is one node. */
export function nodesOf(pieces: readonly Pick<TemplatePiece, "nodes">[]): readonly Node[] {
  const all: Node[] = [];
  for (const { nodes } of pieces) {
    const before = all.at(-1);
    const [first] = nodes;
    const isCut = before?.kind === "text" && first?.kind === "text";
    if (isCut) all[all.length - 1] = { kind: "text", span: span(before.span.start, first.span.end) };
    for (let i = isCut ? 1 : 0; i < nodes.length; i++) all.push(nodes[i]!);
  }
  return all;
}
