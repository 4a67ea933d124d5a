/**
 * Text that arrives in pieces and goes into a document at one place, as one step of undo. It ends by itself when anyone
 * else changes the document: the place could not be trusted any more.
 */

import type { Position } from "../base/text.js";

export interface InsertionTarget {
  /**
   * Inserts text, in place of what stands there up to `end` where one is given. `hidden`: no editor shows the document, so that an edit could not join an undo step; `refused`: the
   * document cannot be edited (it was closed, is read-only, or changed under our hands).
   */
  insert(at: Position, text: string, undo: UndoStops, end?: Position): Promise<"done" | "hidden" | "refused">;
  /** The same although no editor shows the document. False: refused. */
  insertHidden(at: Position, text: string, end?: Position): Promise<boolean>;
}

/** Where an undo step may begin and end: between two edits without a stop it does not. */
export interface UndoStops {
  readonly before: "stop" | "none";
  readonly after: "stop" | "none";
}

/** One change of a document. `text` may have line ends of any kind. */
export interface DocumentChange {
  readonly start: Position;
  readonly removedLength: number;
  readonly text: string;
}

interface Edit {
  readonly at: Position;
  readonly text: string;
  readonly replaced: Replaced | undefined;
}

/** Text that the first piece takes the place of. */
export interface Replaced {
  readonly end: Position;
  /** Its length in the document. */
  readonly length: number;
}

export class StreamedInsertion {
  readonly #target: InsertionTarget;
  readonly #onStop: () => void;
  /** Our edits whose change we have not been told yet, in order. */
  readonly #expected: Edit[] = [];
  #at: Position;
  #replaced: Replaced | undefined;
  #waiting = "";
  #work: Promise<void> = Promise.resolve();
  #begun = false;
  #stopped = false;

  /** `onStop` is told once when the insertion ends before its time. */
  constructor(target: InsertionTarget, at: Position, onStop: () => void, replaced?: Replaced) {
    this.#target = target;
    this.#at = at;
    this.#onStop = onStop;
    this.#replaced = replaced;
  }

  /** Text that comes while an edit is on its way goes in with the next one. */
  add(text: string): void {
    if (this.#stopped) return;
    // The document has its own line ends, and gives every "\n" of ours that form.
    this.#waiting += text.replaceAll("\r", "");
    this.#work = this.#work.then(() => this.#insertWaiting());
  }

  /** Tell every change of the document, our own too. */
  documentChanged(changes: readonly DocumentChange[]): void {
    if (changes.length === 0) return; // only the "dirty" mark changed
    if (changes.length === 1 && isOurs(changes[0]!, this.#expected[0])) this.#expected.shift();
    else this.stop();
  }

  /** What has not been inserted yet never will be. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#waiting = "";
    this.#onStop();
  }

  /** Inserts what is left and closes the undo step. What happens to the document afterwards does not matter. */
  async finish(): Promise<void> {
    await this.#finish();
    this.#stopped = true;
  }

  async #finish(): Promise<void> {
    await this.#work;
    await this.#insertWaiting();
    if (this.#stopped) return;
    if (this.#waiting !== "") {
      await this.#insert(async ({ at, text, replaced }) =>
        (await this.#target.insertHidden(at, text, replaced?.end)) ? "done" : "refused",
      );
    } else if (this.#begun) {
      await this.#target.insert(this.#at, "", { before: "none", after: "stop" });
    }
  }

  async #insertWaiting(): Promise<void> {
    if (this.#waiting === "" || this.#stopped) return;
    const before = this.#begun ? "none" : "stop";
    const undo = { before, after: "none" } as const;
    await this.#insert(({ at, text, replaced }) => this.#target.insert(at, text, undo, replaced?.end));
  }

  async #insert(apply: (edit: Edit) => Promise<"done" | "hidden" | "refused">): Promise<void> {
    const edit = { at: this.#at, text: this.#waiting, replaced: this.#replaced };
    this.#waiting = "";
    this.#expected.push(edit);
    const outcome = await apply(edit);
    if (outcome === "done") {
      this.#begun = true;
      this.#replaced = undefined;
      this.#at = endOf(edit);
      return;
    }
    this.#expected.pop();
    if (outcome === "refused") return this.stop();
    this.#waiting = edit.text + this.#waiting; // the next piece tries again, and the end does it without an editor
  }
}

function isOurs({ start, removedLength, text }: DocumentChange, edit: Edit | undefined): boolean {
  return (
    edit !== undefined &&
    removedLength === (edit.replaced?.length ?? 0) &&
    start.line === edit.at.line &&
    start.column === edit.at.column &&
    text.replaceAll("\r\n", "\n") === edit.text
  );
}

function endOf({ at, text }: Edit): Position {
  const lines = text.split("\n");
  const last = lines.at(-1)!.length;
  if (lines.length === 1) return { line: at.line, column: at.column + last };
  return { line: at.line + lines.length - 1, column: last };
}
