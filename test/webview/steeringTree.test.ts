// The steering panel's page as a text, from the states that the extension sends.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { SteeringControl, SteeringSection, SteeringState } from "../../src/protocol/steering.js";
import { controlTree } from "../../src/webview/steering/controlTree.js";
import { panelTree } from "../../src/webview/steering/panelTree.js";
import { pageHtml } from "../../src/webview/pageHtml.js";
import type { VirtualNode } from "../../src/webview/html/virtual.js";
import { tree } from "../../src/webview/steering/tree.js";

const style: SteeringSection = {
  id: "style",
  name: "Style",
  cost: { text: "+14 tokens", reason: "Measured", isHigh: false },
  controls: [],
  isSteered: true,
  canAdd: false,
  checks: [],
  note: "A note.",
};
const base: SteeringState = {
  title: "a.prompt",
  turn: 0,
  live: true,
  sections: [style],
  isSteered: true,
  run: { kind: "idle" },
  blocked: undefined,
  result: undefined,
};
const htmlFor = (more: Partial<SteeringState>) => htmlOf(panelTree({ ...base, ...more }));

test("text of a prompt stays text", () => {
  assert.equal(htmlOf(tree("p", { title: 'a"b' }, "<b>&")), '<p title="a&quot;b">&lt;b>&amp;</p>');
});

test("an attribute that is true has no value, and one that is false is not there", () => {
  assert.equal(htmlOf(tree("input", { disabled: true, hidden: false })), '<input disabled="">');
});

test("the page allows scripts by their nonce alone", () => {
  const page = pageHtml({
    title: "t",
    root: "steering",
    cspSource: "vscode:",
    scriptUri: "s.js",
    styleUri: "s.css",
    nonce: "n",
  });
  assert.match(page, /default-src 'none'; style-src vscode:; script-src 'nonce-n'/);
  assert.doesNotMatch(page, /unsafe/);
});

test("without a prompt the panel says what to open", () => {
  assert.match(htmlFor({ title: undefined }), /No prompt is open/);
});

test("a section says what it costs, and can be reset once it is steered", () => {
  assert.match(htmlFor({}), /title="Measured">\+14 tokens</);
  assert.doesNotMatch(htmlFor({}), /data-reset="style" disabled/);
  assert.match(htmlFor({ sections: [{ ...style, isSteered: false }] }), /data-reset="style" disabled/);
});

test("what was measured stands in words beside the icon, in place of the note", () => {
  const checks = [
    { text: "2 sentences", target: "1 sentence", passed: false },
    { text: "friendly, 0.81", target: "friendly", passed: true },
  ];
  const html = htmlFor({ sections: [{ ...style, checks }] });
  assert.match(html, /missed: <\/span>2 sentences, not 1 sentence</);
  assert.match(html, /kept: <\/span>friendly, 0\.81</);
  assert.doesNotMatch(html, /A note/);
});

const common = { id: "x", label: "X", changed: true } as const;
const controls: Readonly<Record<string, readonly [SteeringControl, RegExp]>> = {
  "a choice": [
    {
      ...common,
      kind: "choice",
      value: "b",
      options: [
        { value: "", label: "as written" },
        { value: "b", label: "B" },
      ],
    },
    /<label for="c-x" class="changed">X<span class="sr">, changed<\/span><\/label><select id="c-x"[^>]* data-value="b">/,
  ],
  "a text": [
    { ...common, kind: "text", value: "sorry", placeholder: "words", isLong: false },
    /<input id="c-x" data-control="x" data-value="sorry" placeholder="words" class="input" type="text">|<input [^>]*data-value="sorry"[^>]*>/,
  ],
  "a number": [
    { ...common, kind: "number", value: 0.4, min: 0, max: 2, step: 0.1 },
    /<input min="0" max="2" step="0.1" data-value="0.4" id="c-x" type="number"/,
  ],
  "a strength": [
    { ...common, kind: "slider", form: "strength", value: 1.5, min: 1, max: 3, step: 0.1, text: "1.5" },
    /data-at="25%" aria-valuetext="1.5, changed">/,
  ],
  "a vector between its ends": [
    {
      ...common,
      kind: "slider",
      form: "poles",
      value: 0.4,
      min: -1,
      max: 1,
      step: 0.05,
      text: "+0.40",
      poles: ["sad", "glad"],
    },
    /class="slider two" data-control="x" data-at="70%" aria-label="From sad to glad"/,
  ],
  "an adapter": [
    { ...common, kind: "slider", form: "scale", value: 0, min: 0, max: 2, step: 0.05, text: "off", changed: false },
    /aria-label="Scale of X" aria-valuetext="off">/,
  ],
  "an adapter of another model": [
    { ...common, kind: "refused", reason: "made for Y", detail: "It has 3 layers." },
    /^<div class="refused" title="It has 3 layers\.">(?!.*<input).*made for Y/,
  ],
};
for (const [title, [control, expected]] of Object.entries(controls))
  test(`${title} shows where it stands`, () => {
    assert.match(htmlOf(controlTree(control)), expected);
  });

test("differences are marked as such, and not by colour alone", () => {
  const html = htmlFor({
    result: {
      isWriting: false,
      isOld: false,
      holes: [
        {
          name: "a",
          parts: [
            { kind: "same", text: "We " },
            { kind: "removed", text: "hear" },
            { kind: "added", text: "like" },
          ],
        },
      ],
      rows: [{ label: "Cost of all", asWritten: "", steered: "×1.5 time", isSum: true }],
    },
  });
  assert.match(html, /<span>We <\/span><del>hear<\/del><ins>like<\/ins>/);
  assert.match(html, /<b>×1.5 time<\/b>/);
  assert.match(html, /aria-live="polite">Done. Cost of all: ×1.5 time.</);
});

test("a result from before the last change says so, and is not announced again", () => {
  const holes = [{ name: "a", parts: [{ kind: "same", text: "x" }] }] as const;
  const html = htmlFor({ result: { isWriting: false, isOld: true, holes, rows: [] } });
  assert.match(html, /From before the last change/);
  assert.match(html, /aria-live="polite"><\/div>/);
});

test("what is in the way stands in its place, with the way out", () => {
  const html = htmlFor({ blocked: { message: 'Its input "ticket" has no value.', inPreview: true } });
  assert.match(html, /role="alert".*ticket.*data-preview/);
  assert.match(html, /data-run="" title="Run \(Ctrl\+Enter\)" disabled/);
});

test("what runs can be stopped", () => {
  assert.match(htmlFor({ run: { kind: "asWritten" } }), /title="Stop \(Esc\)">Stop</);
  assert.match(htmlFor({ run: { kind: "loading", fraction: 0.4 } }), /Loading the model, 40 %/);
});

const voidTags = new Set(["input", "br", "path"]);

/** As a text, since there is no browser here. */
function htmlOf(it: VirtualNode<never>): string {
  if (typeof it === "string") return escaped(it);
  const attributes = Object.entries(it.attributes)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => ` ${name}="${value === true ? "" : escaped(String(value))}"`);
  const head = `<${it.tag}${attributes.join("")}>`;
  return voidTags.has(it.tag) ? head : `${head}${it.children.map(htmlOf).join("")}</${it.tag}>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
