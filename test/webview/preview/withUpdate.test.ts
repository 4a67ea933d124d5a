// A page that is sent only what changed has what it would have been sent whole.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { startPreview, stateOf } from "../../../src/extension/preview/previewData.js";
import { PageCopy } from "../../../src/extension/preview/pageCopy.js";
import type { PreviewMessage, PreviewState, PreviewUpdate } from "../../../src/protocol/preview.js";
import { withUpdate } from "../../../src/webview/preview/withUpdate.js";

const texts = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 6 });

test("after any changes the page has the last state", () => {
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 8 }), (history) => {
      const copy = new PageCopy();
      let page: PreviewState | undefined;
      history.forEach((it, version) => {
        const state = stateWith(version, it);
        page = withUpdate(page, across(copy.update(state)));
        assert.deepEqual(page, across(state));
      });
    }),
  );
});

test("a keystroke in one of 200 messages sends one message, and the others stay the same objects", () => {
  const copy = new PageCopy();
  const all = Array.from({ length: 200 }, (_, i) => `message ${i}`);
  const before = withUpdate(undefined, across(copy.update(stateWith(1, all))))!;
  const update = across(copy.update(stateWith(2, all.with(120, "other"))));
  assert.equal(update.type === "change" && update.messages.between.length, 1);
  assert.ok(JSON.stringify(update).length < 1000);
  const after = withUpdate(before, update)!;
  after.messages.forEach((it, i) => assert.equal(it === before.messages[i], i !== 120));
});

test("a page that was loaded again is sent everything, and one that missed a state asks for it", () => {
  const copy = new PageCopy();
  const old = withUpdate(undefined, across(copy.update(stateWith(1, ["a"]))));
  copy.update(stateWith(2, ["a", "b"]));
  assert.equal(withUpdate(old, across(copy.update(stateWith(3, ["a", "c"])))), undefined);
  copy.forget();
  assert.deepEqual(withUpdate(undefined, across(copy.update(stateWith(4, ["x"])))), across(stateWith(4, ["x"])));
});

function stateWith(version: number, all: readonly string[]): PreviewState {
  const messages = all.map((text): PreviewMessage => ({
    role: "user",
    shot: undefined,
    parts: [{ kind: "text", text }],
  }));
  return { ...stateOf(startPreview("a.prompt"), version), messages };
}

/** As it arrives: values that are undefined are not there. */
function across<T extends PreviewUpdate | PreviewState>(update: T): Exclude<T, { readonly type: "text" }> {
  return JSON.parse(JSON.stringify(update)) as Exclude<T, { readonly type: "text" }>;
}
