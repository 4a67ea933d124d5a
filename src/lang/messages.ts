/** Rendered text with marks -> messages, by Dotprompt's rules. */

import type { Mark } from "./markers.js";
import type { RenderedMessage, RenderedPart } from "./rendered.js";

interface Draft {
  role: string;
  pieces: (string | Mark)[];
  /** Messages of the history come as they are. */
  readonly ready?: RenderedMessage;
}

/** `filled` are the texts of holes, by name. */
export function assembleMessages(
  pieces: readonly (string | Mark)[],
  history: readonly RenderedMessage[],
  filled: Readonly<Record<string, string>>,
): readonly RenderedMessage[] {
  const drafts: Draft[] = [{ role: "user", pieces: [] }];
  let placed = false;
  for (const piece of pieces) {
    const current = drafts.at(-1)!;
    if (typeof piece === "string" || (piece.kind !== "role" && piece.kind !== "history")) current.pieces.push(piece);
    else if (piece.kind === "role") {
      if (hasContent(current)) drafts.push({ role: piece.role, pieces: [] });
      else Object.assign(current, { role: piece.role, pieces: [] });
    } else {
      placed = true;
      drafts.push(...history.map(fromHistory), { role: "model", pieces: [] });
    }
  }
  const messages = drafts
    .filter(hasContent)
    .map((it) => it.ready ?? { role: it.role, parts: partsOf(it.pieces, filled) });
  return placed ? messages : insertHistory(messages, history);
}

function fromHistory(message: RenderedMessage): Draft {
  const ready = { ...message, metadata: { ...message.metadata, purpose: "history" } };
  return { role: message.role, pieces: [], ready };
}

function hasContent({ pieces, ready }: Draft): boolean {
  return ready !== undefined || pieces.some((it) => typeof it !== "string" || it.trim() !== "");
}

/** Without a place of its own the history stands before the last message when that is the user's, else at the end. */
function insertHistory(
  messages: readonly RenderedMessage[],
  history: readonly RenderedMessage[],
): readonly RenderedMessage[] {
  if (history.length === 0) return messages;
  if (messages.at(-1)?.role !== "user") return [...messages, ...history];
  return [...messages.slice(0, -1), ...history, ...messages.slice(-1)];
}

/**
 * Text that is only white space is left out, as in Dotprompt, except between two holes: there it is part of the text that the
 * model continues.
 */
function partsOf(pieces: readonly (string | Mark)[], filled: Readonly<Record<string, string>>): RenderedPart[] {
  const isHole = (piece: string | Mark | undefined) => typeof piece === "object" && piece.kind === "hole";
  return pieces.flatMap((piece, i): RenderedPart[] => {
    if (typeof piece !== "string") return partOf(piece, filled);
    if (piece.trim() !== "") return [{ kind: "text", text: piece }];
    return piece !== "" && isHole(pieces[i - 1]) && isHole(pieces[i + 1]) ? [{ kind: "text", text: piece }] : [];
  });
}

function partOf(mark: Mark, filled: Readonly<Record<string, string>>): RenderedPart[] {
  switch (mark.kind) {
    case "media":
    case "section":
      return [mark];
    case "hole": {
      const text = Object.hasOwn(filled, mark.hole.name) ? filled[mark.hole.name] : undefined;
      return [{ ...mark, ...(text !== undefined && { filled: text }) }];
    }
    case "role":
    case "history":
      return [];
    default:
      return mark satisfies never;
  }
}
