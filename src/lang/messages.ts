/** Rendered text with marks -> messages, by Dotprompt's rules. */

import type { Mark } from "./markers.js";
import { isBlank, partsOf, type ContentMark, type FilledTexts, type Piece } from "./parts.js";
import type { RenderedMessage, RenderedShot } from "./rendered.js";

interface Draft {
  role: string;
  pieces: Piece[];
  /** Its role was written for this shot. Such a message is there whatever the values of the shot are, also when they are blank. */
  readonly shot?: RenderedShot | undefined;
  /** Messages of the history and turns of shots come as they are. */
  readonly ready?: RenderedMessage;
}

export interface Turns {
  readonly history: readonly RenderedMessage[];
  /** The shots, each as what the user and the model say. */
  readonly shots: readonly RenderedMessage[];
  /** The template does not say where the shots stand. */
  readonly insertsShots: boolean;
}

/** `filled` are the texts of holes, by name. */
export function assembleMessages(
  pieces: readonly (string | Mark)[],
  { history, shots, insertsShots }: Turns,
  filled: FilledTexts,
): readonly RenderedMessage[] {
  const drafts: Draft[] = [{ role: "user", pieces: [] }];
  const keeps: number[] = [];
  let emphases = 0;
  let shot: RenderedShot | undefined;
  let placed = false;
  const write = (content: string | ContentMark) =>
    drafts.at(-1)!.pieces.push({ content, keep: keeps.at(-1), isEmphasized: 0 < emphases, shot });

  for (const piece of pieces) {
    if (typeof piece === "string") write(piece);
    else
      switch (piece.kind) {
        case "role":
          begin(piece.role);
          break;
        case "history":
          placed = true;
          drafts.push(...history.map(fromHistory), { role: "model", pieces: [] });
          break;
        case "shots":
          drafts.push(...shots.map(readyDraft), { role: "user", pieces: [] });
          break;
        case "shot":
          shot = piece.shot;
          break;
        case "keep":
          keeps.push(piece.priority);
          break;
        case "keep-end":
          keeps.pop();
          break;
        case "emphasize":
          emphases++;
          break;
        case "emphasize-end":
          emphases--;
          break;
        default:
          write(piece);
      }
  }
  const messages = drafts.filter(hasContent).map((it) => messageOf(it, filled));
  const withShots = insertsShots ? insertShots(messages, shots) : messages;
  return placed ? withShots : insertHistory(withShots, history);

  function begin(role: string): void {
    if (!hasContent(drafts.at(-1)!)) drafts.pop();
    drafts.push({ role, pieces: [], shot });
  }
}

function readyDraft(message: RenderedMessage): Draft {
  return { role: message.role, pieces: [], ready: message };
}

function fromHistory(message: RenderedMessage): Draft {
  return readyDraft({ ...message, metadata: { ...message.metadata, purpose: "history" } });
}

function hasContent({ pieces, ready, shot }: Draft): boolean {
  return ready !== undefined || shot !== undefined || !isBlank(pieces);
}

function messageOf({ role, pieces, shot, ready }: Draft, filled: FilledTexts): RenderedMessage {
  if (ready !== undefined) return ready;
  const whole = shot !== undefined && pieces.every((it) => it.shot === shot || isBlank([it]));
  return { role, parts: partsOf(pieces, filled), ...(whole && { shot }) };
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
 * Without a place of their own the shots stand before the last message of the user, and before the conversation that leads to
 * it: what is the same in every turn of a conversation stands first. Without such a message they follow the system's.
 */
function insertShots(
  messages: readonly RenderedMessage[],
  shots: readonly RenderedMessage[],
): readonly RenderedMessage[] {
  const isHistory = (it: RenderedMessage | undefined) => it?.metadata?.["purpose"] === "history";
  let at = messages.findLastIndex((it) => it.role === "user" && !isHistory(it));
  if (at < 0) at = messages.findLastIndex((it) => it.role === "system") + 1;
  while (isHistory(messages[at - 1])) at--;
  return [...messages.slice(0, at), ...shots, ...messages.slice(at)];
}
