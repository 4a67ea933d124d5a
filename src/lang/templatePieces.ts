/**
 * A template as pieces that are well formed on their own. Those that an earlier text had too are taken from its tree: what is
 * typed changes one of hundreds.
 *
 * Why the pieces are the whole: Handlebars reads from left to right, and a piece that it accepts leaves it outside of all tags
 * and blocks, where the next one begins. Its white space control looks no further than to the next line or the next text, and
 * a cut (`templateCuts.ts`) has a line break before it and a text or a role behind it. `test/lang/templatePieces.test.ts` compares
 * both ways.
 */

import { span } from "../base/text.js";
import type { Node, TemplatePiece } from "./ast.js";
import { parseTemplate } from "./handlebarsTree.js";
import { movedNodes } from "./movedNodes.js";
import { cutsOf } from "./templateCuts.js";

export interface PiecesOfText {
  readonly text: string;
  readonly pieces: readonly TemplatePiece[];
}

/** Throws Handlebars' own error for a template that is not well formed. `offset` is where the template begins in the file. */
export function parsePieces(template: string, offset: number, earlier: PiecesOfText | undefined): TemplatePiece[] {
  const cuts = cutsOf(template);
  try {
    return piecesBetween([0, ...cuts, template.length], template, offset, earlier);
  } catch (error) {
    if (cuts.length === 0) throw error;
    return [parsePiece(template, offset)];
  }
}

function piecesBetween(
  bounds: readonly number[],
  template: string,
  offset: number,
  earlier: PiecesOfText | undefined,
): TemplatePiece[] {
  const known = earlier?.pieces ?? [];
  const count = bounds.length - 1;
  const isKnown = (i: number, piece: TemplatePiece) => {
    const { start, end } = piece.span;
    return (
      end - start === bounds[i + 1]! - bounds[i]! && template.startsWith(earlier!.text.slice(start, end), bounds[i])
    );
  };
  let head = 0;
  while (head < count && head < known.length && isKnown(head, known[head]!)) head++;
  let tail = count;
  let knownTail = known.length;
  while (head < tail && head < knownTail && isKnown(tail - 1, known[knownTail - 1]!)) {
    tail--;
    knownTail--;
  }
  const parsed = bounds
    .slice(head, tail)
    .map((start, i) => parsePiece(template.slice(start, bounds[head + i + 1]), offset + start));
  const kept = (piece: TemplatePiece, i: number) => moved(piece, offset + bounds[i]! - piece.span.start);
  return [...known.slice(0, head).map(kept), ...parsed, ...known.slice(knownTail).map((it, i) => kept(it, tail + i))];
}

function parsePiece(text: string, offset: number): TemplatePiece {
  return { span: span(offset, offset + text.length), ...parseTemplate(text, offset) };
}

function moved(piece: TemplatePiece, by: number): TemplatePiece {
  if (by === 0) return piece;
  const { span: where, nodes, program } = piece;
  return { span: span(where.start + by, where.end + by), nodes: movedNodes(nodes, by), program };
}

/** The tree of all; a text that was cut is one node. */
export function nodesOf(pieces: readonly TemplatePiece[]): readonly Node[] {
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
