// A page is patched, not made anew: elements, focus and what is being typed stay.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { createView } from "../../../src/webview/html/patch.js";
import { h, textOf, type VirtualNode } from "../../../src/webview/html/virtual.js";
import { FakeElement, useFakeDom } from "../fakeDom.js";

useFakeDom();

type Node = VirtualNode<string>;

function start() {
  const root = new FakeElement("div");
  const acts: string[] = [];
  const view = createView<string>(root as unknown as HTMLElement, (it) => acts.push(it));
  return { root, acts, show: (...nodes: readonly Node[]) => view.show(nodes) };
}

test("text that grows is appended to the same node", () => {
  const { root, show } = start();
  show(h("p", {}, ["Arr"]));
  const [text] = root.children[0]!.childNodes;
  show(h("p", {}, ["Arr, matey"]));
  assert.equal(root.children[0]!.childNodes[0], text);
  assert.equal(root.textContent, "Arr, matey");
});

test("elements with keys are the same elements wherever they move", () => {
  const { root, show } = start();
  const row = (key: string) => h<string>("li", { key }, [key]);
  show(row("a"), row("b"), row("c"));
  const [a, b, c] = root.children;
  show(row("c"), row("x"), row("a"));
  assert.deepEqual(root.children.map((it) => it.textContent), ["c", "x", "a"]); // prettier-ignore
  assert.equal(root.children[0], c);
  assert.equal(root.children[2], a);
  assert.equal(b!.parentNode, null);
});

test("attributes come, change and go; true is an attribute without a value", () => {
  const { root, show } = start();
  show(h("button", { title: "a", disabled: true, style: { "--at": "4%" } }));
  const [made] = root.children;
  show(h("button", { "aria-label": "b", disabled: false }));
  assert.equal(root.children[0], made);
  assert.deepEqual([...made!.attributes], [["aria-label", "b"]]);
  assert.equal(made!.styles.get("--at"), "4%");
});

test("what the user types is not written over by a state that knows less, and is by one that knows more", () => {
  const { root, show } = start();
  const field = (value: string) => h<string>("input", { value });
  show(field("a"));
  const [input] = root.children;
  input!.focus();
  input!.value = "ab";
  show(field("a"));
  assert.equal(input!.value, "ab");
  show(field("reset"));
  assert.equal(input!.value, "reset");
});

test("a click inside of a button is the button's, a disabled one does nothing, and old handlers are gone", () => {
  const { root, acts, show } = start();
  const button = (action: string, disabled = false) =>
    h<string>("button", { disabled, on: { click: () => action } }, [h<string>("svg")]);
  show(button("one"));
  const inner = root.querySelector("svg")!;
  inner.click();
  show(button("two"));
  inner.click();
  show(button("three", true));
  inner.click();
  assert.deepEqual(acts, ["one", "two"]);
});

test("fields tell their values, a check box whether it is on", () => {
  const { root, acts, show } = start();
  show(
    h("input", { type: "checkbox", checked: false, on: { change: (it) => it } }),
    h("textarea", { value: "", on: { input: (it) => (it === "skip" ? undefined : it) } }),
  );
  const [check, area] = root.children;
  check!.checked = true;
  check!.fire({ type: "change" });
  for (const it of ["x", "skip"]) {
    area!.value = it;
    area!.fire({ type: "input" });
  }
  assert.deepEqual(acts, ["true", "x"]);
});

test("an option has its value as an attribute, also an empty one: its text would be its value else", () => {
  const { root, show } = start();
  const options = ["", "b"].map((it) => h<string>("option", { key: it, value: it }, [`label ${it}`]));
  show(h("select", { value: "b" }, options));
  assert.deepEqual(root.querySelectorAll("option").map((it) => it.getAttribute("value")), ["", "b"]); // prettier-ignore
  assert.equal(root.children[0]!.value, "b");
});

test("after any changes the document is what was asked for last", () => {
  const leaf = fc.oneof(fc.constantFrom("a", "b", "ab"), fc.record({ tag: fc.constantFrom("p", "i"), key: fc.option(fc.constantFrom("k", "l", "m"), { nil: undefined }), text: fc.constantFrom("", "x", "xy") })); // prettier-ignore
  const toNode = (
    it: string | { readonly tag: string; readonly key: string | undefined; readonly text: string },
  ): Node => (typeof it === "string" ? it : h<string>(it.tag, it.key === undefined ? {} : { key: it.key }, [it.text]));
  const pages = fc.array(fc.uniqueArray(leaf, { maxLength: 6, selector: (it) => (typeof it === "string" || it.key === undefined ? {} : it.key) }), { maxLength: 6 }); // prettier-ignore
  fc.assert(
    fc.property(pages, (history) => {
      const { root, show } = start();
      for (const it of history) {
        const nodes = it.map(toNode);
        show(...nodes);
        assert.deepEqual(shape(root), nodes.map((one) => (typeof one === "string" ? one : `${one.tag}:${textOf(one)}`))); // prettier-ignore
      }
    }),
  );
});

function shape(root: FakeElement): readonly string[] {
  return root.childNodes.map((it) =>
    it instanceof FakeElement ? `${it.localName}:${it.textContent}` : it.textContent,
  );
}
