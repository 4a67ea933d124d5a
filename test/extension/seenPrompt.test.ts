// What an answer saw of its prompt, as the preview is told and shows it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startPreview, stateOf, withEvent } from "../../src/extension/preview/previewData.js";
import type { FilledHole } from "../../src/protocol/run.js";
import { stretchesOf } from "../../src/webview/preview/seenPrompt.js";

const hole = (attention?: FilledHole["usage"]["attention"]): FilledHole => ({
  name: "answer",
  text: "42",
  value: "42",
  hidden: false,
  finish: "stop",
  usage: {
    promptTokens: 4000,
    cachedTokens: 0,
    completionTokens: 1,
    prefillMs: 1,
    decodeMs: 1,
    ...(attention && { attention }),
  },
});

function seenAfter(filled: FilledHole) {
  const token = { id: 1, token: "42", logprob: -1 };
  let data = withEvent(startPreview("a.prompt"), { type: "token", name: "answer", token, top: [] });
  data = withEvent(data, { type: "filled", hole: filled });
  return stateOf(data, 1).tokens[0]!.seen;
}

test("the tokens of an answer that saw a part of its prompt are told with that part", () => {
  const attended = [
    [0, 64],
    [2900, 4000],
  ] as const;
  const seen = seenAfter(hole({ pattern: "streaming", attended, attendedAtEnd: attended }));
  assert.deepEqual(seen, { pattern: "streaming", promptTokens: 4000, ranges: attended });
  assert.deepEqual(stretchesOf(seen!), [
    { tokens: 64, seen: true },
    { tokens: 2836, seen: false },
    { tokens: 1100, seen: true },
  ]);
});

test("an answer that saw everything has no strip", () => {
  assert.equal(seenAfter(hole()), undefined);
});

test("a strip covers the whole prompt, whatever was seen of it", () => {
  for (const ranges of [
    [],
    [[0, 10]],
    [[3, 10]],
    [
      [0, 2],
      [5, 7],
    ],
  ] as const) {
    const total = stretchesOf({ pattern: "streaming", promptTokens: 10, ranges }).reduce(
      (sum, it) => sum + it.tokens,
      0,
    );
    assert.equal(total, 10);
  }
});
