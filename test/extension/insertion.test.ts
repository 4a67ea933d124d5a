// Text in pieces into a document, against a small document that keeps undo steps as the editor does.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { LineIndex, type Position } from "../../src/base/text.js";
import {
  StreamedInsertion,
  type InsertionTarget,
  type Replaced,
  type UndoStops,
} from "../../src/extension/insertion.js";

let doc: Doc;
let insertion: StreamedInsertion;
let stops: number;

beforeEach(() => {
  stops = 0;
});

test("pieces come one after the other at the cursor", async () => {
  open("a $0 z");
  await write("b", " c", " d");
  assert.equal(doc.text, "a b c d z");
});

test("the whole insertion is one undo step", async () => {
  open("a $0 z");
  doc.type(0, "!");
  insertion = insertAt("!a ".length);
  await write("b", " c", " d");
  doc.type(0, "?");
  assert.equal(doc.text, "?!a b c d z");
  doc.undo();
  assert.equal(doc.text, "!a b c d z");
  doc.undo();
  assert.equal(doc.text, "!a  z");
  doc.undo();
  assert.equal(doc.text, "a  z");
});

test("an edit right after the insertion that begins no undo step of its own stays apart", async () => {
  open("$0");
  await write("b", "c");
  doc.edit(0, "x", { before: "none", after: "none" });
  doc.undo();
  assert.equal(doc.text, "bc");
});

test("lines are counted, and the document's own line ends are kept", async () => {
  open("one\r\ntwo $0end\r\n");
  await write("a\n", "b\r\n", "\nc");
  assert.equal(doc.text, "one\r\ntwo a\r\nb\r\n\r\ncend\r\n");
  assert.equal(stops, 0);
});

test("pieces that come while an edit is on its way go in together", async () => {
  open("$0");
  for (const piece of ["a", "b", "c"]) insertion.add(piece);
  await insertion.finish();
  assert.equal(doc.text, "abc");
  assert.ok(doc.editCount < 3 + 1, `${doc.editCount} edits`);
});

test("when the user types elsewhere in the document, the insertion stops and nothing more comes", async () => {
  open("a $0");
  await add("b");
  doc.type(0, "x");
  await write("c");
  assert.equal(doc.text, "xa b");
  assert.equal(stops, 1);
});

test("when the user undoes the insertion while it goes on, it stops", async () => {
  open("a $0");
  await add("b", "c");
  doc.undo();
  await write("d");
  assert.equal(doc.text, "a ");
  assert.equal(stops, 1);
});

test("a change that the user makes while our edit is on its way wins", async () => {
  open("a $0");
  insertion.add("b");
  doc.type(0, "x"); // the document refuses our edit: it was made for an earlier version
  await insertion.finish();
  assert.equal(doc.text, "xa ");
  assert.equal(stops, 1);
});

test("a document that is closed stops the insertion", async () => {
  open("a $0");
  await add("b");
  doc.state = "closed";
  await write("c");
  assert.equal(doc.text, "a b");
  assert.equal(stops, 1);
});

test("while no editor shows the document the text waits, and comes when one does", async () => {
  open("a $0");
  insertion.add("b");
  await settle();
  doc.state = "hidden";
  insertion.add("c");
  await settle();
  assert.equal(doc.text, "a b");
  doc.state = "shown";
  await write("d");
  assert.equal(doc.text, "a bcd");
  doc.undo();
  assert.equal(doc.text, "a ");
});

test("when no editor shows the document until the end, the text comes all the same", async () => {
  open("a $0");
  doc.state = "hidden";
  await write("b", "c");
  assert.equal(doc.text, "a bc");
  assert.equal(stops, 0);
});

test("nothing written leaves no trace", async () => {
  open("a $0");
  await insertion.finish();
  assert.equal(doc.editCount, 0);
});

test("after its end it does not care what happens to the document", async () => {
  open("$0");
  await write("a");
  doc.type(0, "x");
  assert.equal(stops, 0);
});

test("the mark of unsaved changes is no change", async () => {
  open("$0");
  insertion.documentChanged([]);
  await write("a");
  assert.equal(doc.text, "a");
});

test("the first piece takes the place of what was selected, and one undo brings it back", async () => {
  openSelected("a $0old text$1 z");
  await write("b", " c");
  assert.equal(doc.text, "a b c z");
  doc.undo();
  assert.equal(doc.text, "a old text z");
});

test("what was selected stays where nothing is written", async () => {
  openSelected("a $0old text$1 z");
  await insertion.finish();
  assert.equal(doc.text, "a old text z");
});

test("what was selected is replaced although no editor shows the document any more", async () => {
  openSelected("a $0old\ntext$1 z");
  doc.state = "hidden";
  await write("b", " c");
  assert.equal(doc.text, "a b c z");
});

/** `$0` to `$1` is the selection. */
function openSelected(fixture: string): void {
  const start = fixture.indexOf("$0");
  const length = fixture.indexOf("$1") - start - 2;
  doc = new Doc(fixture.replace(/\$[01]/g, ""));
  const end = new LineIndex(doc.text).position(start + length);
  insertion = insertAt(start, { end, length });
}

/** `$0` is the cursor. */
function open(fixture: string): void {
  doc = new Doc(fixture.replace("$0", ""));
  insertion = insertAt(fixture.indexOf("$0"));
}

function insertAt(offset: number, replaced?: Replaced): StreamedInsertion {
  const made = new StreamedInsertion(doc, new LineIndex(doc.text).position(offset), () => stops++, replaced);
  doc.onChange = (start, text, removedLength) => made.documentChanged([{ start, removedLength, text }]);
  return made;
}

async function add(...pieces: string[]): Promise<void> {
  for (const piece of pieces) {
    insertion.add(piece);
    await settle();
  }
}

async function write(...pieces: string[]): Promise<void> {
  await add(...pieces);
  await insertion.finish();
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

class Doc implements InsertionTarget {
  editCount = 0;
  state: "shown" | "hidden" | "closed" = "shown";
  onChange: (start: Position, text: string, removedLength: number) => void = () => {};
  readonly #steps: string[] = []; // the texts before each undo step
  #stepIsOpen = false;
  #version = 0;

  constructor(public text: string) {}

  async insert(at: Position, text: string, undo: UndoStops, end = at): Promise<"done" | "hidden" | "refused"> {
    const version = this.#version;
    await Promise.resolve(); // the way to the editor's other process
    if (this.state === "closed" || version !== this.#version) return "refused";
    if (this.state === "hidden") return "hidden";
    this.edit(new LineIndex(this.text).offset(at), text, undo, this.#length(at, end));
    return "done";
  }

  #length(at: Position, end: Position): number {
    const lines = new LineIndex(this.text);
    return lines.offset(end) - lines.offset(at);
  }

  async insertHidden(at: Position, text: string, end = at): Promise<boolean> {
    await Promise.resolve();
    if (this.state === "closed") return false;
    const undo = { before: "stop", after: "stop" } as const;
    this.edit(new LineIndex(this.text).offset(at), text, undo, this.#length(at, end));
    return true;
  }

  type(offset: number, text: string): void {
    this.edit(offset, text, { before: "stop", after: "stop" });
  }

  edit(offset: number, text: string, undo: UndoStops, removed = 0): void {
    this.editCount++;
    if (undo.before === "stop") this.#stepIsOpen = false;
    const own = this.text.includes("\r\n") ? text.replace(/\r?\n/g, "\r\n") : text;
    if (own !== "" || 0 < removed) {
      if (!this.#stepIsOpen) this.#steps.push(this.text);
      this.#stepIsOpen = true;
      const start = new LineIndex(this.text).position(offset);
      this.text = this.text.slice(0, offset) + own + this.text.slice(offset + removed);
      this.#version++;
      this.onChange(start, own, removed);
    }
    if (undo.after === "stop") this.#stepIsOpen = false;
  }

  undo(): void {
    const removedLength = this.text.length;
    this.text = this.#steps.pop() ?? this.text;
    this.#stepIsOpen = false;
    this.#version++;
    this.onChange({ line: 0, column: 0 }, this.text, removedLength);
  }
}
