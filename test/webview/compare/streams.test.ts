// While four streams run, a state that holds more text costs the document four longer texts, and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { CompareData } from "../../../src/extension/compare/compareData.js";
import { startCompare } from "../../../src/extension/compare/compareData.js";
import { withCompareEvent, withStart } from "../../../src/extension/compare/runEvents.js";
import { viewState } from "../../../src/extension/compare/viewState.js";
import type { CompareViewAction } from "../../../src/protocol/compareView.js";
import { compareView } from "../../../src/webview/compare/view.js";
import { createView } from "../../../src/webview/html/patch.js";
import { variants } from "../../extension/compare/sample.js";
import { FakeElement, FakeNode, useFakeDom } from "../fakeDom.js";

useFakeDom();

const ids = ["a", "b", "c", "d"];
const four = [...variants, { ...variants[0]!, id: "d", label: "Fourth", key: "fourth" }];
const cells = ids.map((variant) => ({ variant, input: 0, repeat: 0 }));
const today = new Date("2026-05-03T18:00:00.000Z");

test("four texts grow in place: no element is made, moved or taken away, and no attribute is set", () => {
  const root = new FakeElement("div");
  const view = createView<CompareViewAction>(root as unknown as HTMLElement, () => {});
  const show = (data: CompareData) => view.show(compareView(viewState(data, 1, today), ""));
  const inputs = [{ name: "one", values: {} }];
  let data = withStart({ ...startCompare(), uri: "file:///w/a.prompt", title: "a.prompt" });
  data = withCompareEvent(data, { type: "started", id: "x", variants: four, inputs, seeds: [0], total: 4 });
  data = withCompareEvent(data, { type: "writing", cells });
  const write = (text: string) => {
    for (const cell of cells) data = withCompareEvent(data, { type: "text", cell, text, hole: "answer" });
    show(data);
  };
  write("word");
  const seen = counted();
  for (let i = 0; i < 200; i++) write(` word${i}`);
  assert.deepEqual({ ...seen.counts }, { appendData: 800, insertBefore: 0, remove: 0, setAttribute: 0, removeAttribute: 0 }); // prettier-ignore
  seen.stop();
  const shown = root.querySelectorAll(".model").map((it) => it.textContent);
  assert.equal(shown.length, 4);
  assert.ok(shown.every((it) => it.startsWith("word word0") && it.endsWith("word199")));
});

/** How often the document is changed, by the way in which it is. */
function counted() {
  const counts = { appendData: 0, insertBefore: 0, remove: 0, setAttribute: 0, removeAttribute: 0 };
  const restore: (() => void)[] = [];
  for (const name of Object.keys(counts) as (keyof typeof counts)[]) {
    const owner = (Object.hasOwn(FakeElement.prototype, name) ? FakeElement.prototype : FakeNode.prototype) as unknown as
      Record<string, (...args: unknown[]) => unknown>; // prettier-ignore
    const own = owner[name]!;
    owner[name] = function (this: unknown, ...args: unknown[]) {
      counts[name]++;
      return own.apply(this, args);
    };
    restore.push(() => (owner[name] = own));
  }
  return { counts, stop: () => restore.forEach((it) => it()) };
}
