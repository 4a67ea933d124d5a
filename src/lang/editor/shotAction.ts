/** "Use as few-shot example": what is selected in the body becomes a shot of the front matter, and leaves the body. */

import { span, type Span } from "../../base/text.js";
import type { Json } from "../../base/json.js";
import type { Node, PromptFile } from "../ast.js";
import { applyEdits, type TextEdit } from "../edit.js";
import { inputVariables } from "../inputs.js";
import { parse } from "../parser.js";
import { appendShots, type NewShot } from "../shots/appendShot.js";
import { allCalls, allNodes, calleeName } from "../walk.js";
import { typesOf } from "./schemaTypes.js";

export interface ShotRewrite {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** Undefined where the selection is not the text of a shot, or the file has no list for it. */
export function useAsShot(file: PromptFile, where: Span): ShotRewrite | undefined {
  const { text, frontMatter, body, dialect } = file;
  if (dialect.kind === "other" || !body.complete || where.start < (frontMatter?.span.end ?? 0)) return undefined;
  // White space around the template belongs to no node.
  const inner = cut(where, body.span);
  const pieces = inner.start < inner.end ? piecesIn(text, listAround(body.nodes, inner), inner) : undefined;
  const shots = pieces && shotsOf(file, pieces, inner);
  if (shots === undefined) return undefined;
  const added = appendShots(file, shots);
  // A byte order mark stays in front of what is added.
  if (added.kind !== "edit" || where.start < added.edit.span.end) return undefined;
  const edits = [added.edit, { span: where, text: "" }];
  if (!leavesTheRest(file, where, applyEdits(text, edits))) return undefined;
  return { title: shots.length === 1 ? "Use as few-shot example" : "Use as few-shot examples", edits };
}

/** What stood on both sides of the selection can become a tag together. */
function leavesTheRest(before: PromptFile, where: Span, text: string): boolean {
  const { file, diagnostics } = parse(text);
  const kept = tagsOf(before).filter((it) => !isWithin(it, where));
  const shown = (from: PromptFile, spans: readonly Span[]) =>
    JSON.stringify(spans.map((it) => from.text.slice(it.start, it.end)));
  return diagnostics.length === 0 && shown(file, tagsOf(file)) === shown(before, kept);
}

function tagsOf({ body }: PromptFile): readonly Span[] {
  return allNodes(body.nodes).flatMap((it) =>
    it.kind === "text" ? [] : [it.kind === "block" ? it.openSpan : it.span],
  );
}

function isWithin(inner: Span, outer: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

// ------------------------------------------------------------------------------------------------ what is selected

type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "role"; readonly role: string; readonly at: Span };

/** The nodes among which the selection lies; undefined where it cuts the tags of a block. */
function listAround(nodes: readonly Node[], where: Span): readonly Node[] | undefined {
  const block = nodes.find((it) => it.kind === "block" && isWithin(where, it.span) && !isWithin(it.span, where));
  if (block?.kind !== "block") return nodes;
  const inner = [block.body, block.inverse].find((it) => 0 < it.length && isWithin(where, extentOf(it)));
  return inner && listAround(inner, where);
}

function extentOf(nodes: readonly Node[]): Span {
  return span(nodes[0]!.span.start, nodes.at(-1)!.span.end);
}

/** Undefined where there is more than text and whole roles. */
function piecesIn(text: string, nodes: readonly Node[] | undefined, where: Span): readonly Piece[] | undefined {
  const touched = nodes?.filter((it) => it.span.start < where.end && where.start < it.span.end);
  const pieces = touched?.map((node): Piece | undefined => {
    if (node.kind === "text") return literalText(text, cut(node.span, where));
    const role = isWithin(node.span, where) ? roleOf(node) : undefined;
    return role === undefined ? undefined : { kind: "role", role, at: node.span };
  });
  if (pieces === undefined || pieces.length === 0 || !isWithin(where, extentOf(touched!))) return undefined;
  return pieces.every((it) => it !== undefined) ? pieces : undefined;
}

function cut(a: Span, b: Span): Span {
  return span(Math.max(a.start, b.start), Math.min(a.end, b.end));
}

/** Undefined for a text that is not sent as it is written: a tag in it, or behind it, was escaped. */
function literalText(text: string, { start, end }: Span): Piece | undefined {
  const own = text.slice(start, end);
  const isEscape = own.endsWith("\\") && text.startsWith("{{", end);
  return own.includes("{{") || isEscape ? undefined : { kind: "text", text: own.replaceAll("\r\n", "\n") };
}

function roleOf(node: Node): string | undefined {
  if (node.kind !== "mustache" || calleeName(node) !== "role" || 0 < node.hash.length) return undefined;
  const [first, ...more] = node.params;
  if (first?.kind !== "literal" || 0 < more.length) return undefined;
  return typeof first.value === "string" ? first.value : undefined;
}

// ------------------------------------------------------------------------------------------------ the shots

function shotsOf(file: PromptFile, pieces: readonly Piece[], where: Span): readonly NewShot[] | undefined {
  if (pieces.some((it) => it.kind === "role")) return shotsOfTurns(file, pieces, where);
  const output = trimmedText(pieces);
  if (output === "") return undefined;
  const input = Object.fromEntries((inputVariables(file) ?? []).map((it) => [it.name, emptyOf(typesOf(it.schema))]));
  return [{ input, output }];
}

function trimmedText(pieces: readonly Piece[]): string {
  return pieces
    .map((it) => (it.kind === "text" ? it.text : ""))
    .join("")
    .trim();
}

/** For the author to fill in. */
function emptyOf(types: readonly string[]): Json {
  if (types.includes("array")) return [];
  return types.includes("object") ? {} : "";
}

/** Pairs of what the user and the model say. Half a turn would be added to another one when the rest is gone. */
function shotsOfTurns(file: PromptFile, pieces: readonly Piece[], where: Span): readonly NewShot[] | undefined {
  const first = pieces.findIndex((it) => it.kind === "role");
  const leading = trimmedText(pieces.slice(0, first));
  const role = leading === "" ? undefined : roleBefore(file, where.start);
  if (!endsTurn(file, where.end) || (leading !== "" && role === undefined)) return undefined;
  const turns = [...(role === undefined ? [] : [{ role, text: leading }]), ...turnsOf(pieces.slice(first))];
  if (turns.length % 2 !== 0) return undefined;
  const areShots = turns.every((it, i) => it.role === (i % 2 === 0 ? "user" : "model") && it.text !== "");
  if (!areShots) return undefined;
  return turns.flatMap(({ text }, i) => (i % 2 === 0 ? [{ input: text, output: turns[i + 1]!.text }] : []));
}

function turnsOf(pieces: readonly Piece[]): readonly { readonly role: string; readonly text: string }[] {
  return pieces.flatMap((piece, i) => {
    if (piece.kind === "text") return [];
    const next = pieces.findIndex((it, k) => i < k && it.kind === "role");
    return [{ role: piece.role, text: trimmedText(pieces.slice(i + 1, next < 0 ? undefined : next)) }];
  });
}

/** Whose turn it is at a place outside of all blocks; undefined when a block may have changed it. */
function roleBefore({ body }: PromptFile, at: number): string | undefined {
  const before = allCalls(body.nodes).filter((it) => it.span.start < at && startsTurn(calleeName(it)));
  const last = before.at(-1);
  if (last === undefined) return "user";
  const node = body.nodes.find((it) => it.span.start === last.span.start);
  return node && roleOf(node);
}

/** Another turn begins behind the place, or nothing more. */
function endsTurn({ text, body }: PromptFile, at: number): boolean {
  const next = body.nodes.find(
    (it) => at < it.span.end && 0 < text.slice(Math.max(at, it.span.start), it.span.end).trim().length,
  );
  return next === undefined || (next.kind === "mustache" && startsTurn(calleeName(next)));
}

function startsTurn(helper: string | undefined): boolean {
  return helper === "role" || helper === "history" || helper === "shots";
}
