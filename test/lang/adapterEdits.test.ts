// Adapters of a prompt, changed from outside its text: what the front matter says afterwards, and that the rest stays.

import assert from "node:assert/strict";
import { test } from "node:test";

import { applyEdits } from "../../src/lang/edit.js";
import {
  addAdapter,
  frontMatterText,
  removeAdapter,
  scaleAdapter,
  type AdapterEdit,
} from "../../src/lang/editor/adapterEdits.js";
import type { FrontMatterText } from "../../src/lang/listEdit.js";

const add =
  (name: string, more = {}) =>
  (file: FrontMatterText) =>
    addAdapter(file, { name, ...more });
const scale = (name: string, to: number) => (file: FrontMatterText) => scaleAdapter(file, name, to);
const remove = (name: string) => (file: FrontMatterText) => removeAdapter(file, name);

const cases: Readonly<Record<string, readonly [string, (file: FrontMatterText) => AdapterEdit, string]>> = {
  "is added to a prompt without front matter": ["Hi\n", add("pirate"), "---\ntiller.adapters:\n  - pirate\n---\nHi\n"],
  "is added with its path and scale": [
    "---\nmodel: m\n---\nHi",
    add("pirate", { uri: "../a/pirate", scale: 0.5 }),
    "---\nmodel: m\ntiller.adapters:\n  - name: pirate\n    uri: ../a/pirate\n    scale: 0.5\n---\nHi",
  ],
  "is added behind the others": [
    "---\ntiller.adapters: [terse]\n---\nHi",
    add("pirate"),
    '---\ntiller.adapters: [terse, "pirate"]\n---\nHi',
  ],
  "that is a name gets a scale": [
    "---\ntiller.adapters: [pirate, terse] # both\nmodel: m\n---\nHi",
    scale("terse", -0.5),
    "---\ntiller.adapters: [pirate, {name: terse, scale: -0.5}] # both\nmodel: m\n---\nHi",
  ],
  "in a block gets another scale, and comments stay": [
    "---\ntiller.adapters:\n  # the voice\n  - name: pirate\n    scale: 1 # full\n  - terse\nmodel: m\n---\nHi",
    scale("pirate", 0.3),
    "---\ntiller.adapters:\n  # the voice\n  - name: pirate\n    scale: 0.3 # full\n  - terse\nmodel: m\n---\nHi",
  ],
  "that is called by its path gets a scale": [
    "---\ntiller.adapters:\n  - uri: adapters/pirate\n---\nHi",
    scale("pirate", 2),
    "---\ntiller.adapters:\n  - uri: adapters/pirate\n    scale: 2\n---\nHi",
  ],
  goes: [
    "---\ntiller.adapters:\n  - pirate\n  - terse\n---\nHi",
    remove("pirate"),
    "---\ntiller.adapters:\n  - terse\n---\nHi",
  ],
  "that was the last one goes with its key": [
    "---\nmodel: m\ntiller.adapters: [pirate]\nconfig: {}\n---\nHi",
    remove("pirate"),
    "---\nmodel: m\nconfig: {}\n---\nHi",
  ],
  "keeps the line ends of the file": [
    "---\r\ntiller.adapters: [pirate]\r\n---\r\nHi",
    scale("pirate", 0.5),
    "---\r\ntiller.adapters: [{name: pirate, scale: 0.5}]\r\n---\r\nHi",
  ],
};

for (const [title, [before, change, after]] of Object.entries(cases))
  test(`an adapter ${title}`, () => {
    const found = change(frontMatterText(before));
    assert.ok(found.kind === "edit", JSON.stringify(found));
    assert.equal(applyEdits(before, [found.edit]), after);
  });

for (const [title, text] of [
  ["with errors", "---\ntiller.adapters: [pirate\n---\nHi"],
  ["with something else than a list", "---\ntiller.adapters: pirate\n---\nHi"],
] as const)
  test(`a front matter ${title} is left alone, with the reason`, () => {
    for (const change of [add("terse"), scale("pirate", 2), remove("pirate")])
      assert.equal(change(frontMatterText(text)).kind, "refused");
  });
