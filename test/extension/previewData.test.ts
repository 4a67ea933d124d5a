// What the preview knows of a guided run: probabilities before and after, what was kept, what was chosen from.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { TokenEvent, Usage } from "../../src/protocol/engine.js";
import type { FilledHole } from "../../src/protocol/run.js";
import {
  startPreview,
  stateOf,
  withEvent,
  withStart,
  type PreviewData,
} from "../../src/extension/preview/previewData.js";

function token(
  id: number,
  probability: number | undefined,
  more: Partial<TokenEvent> = {},
): TokenEvent & { name: string } {
  const text = `t${id}`;
  const unscored = { id, token: text };
  if (probability === undefined) return { type: "token", name: "x", token: unscored, top: [], ...more };
  const scored = { ...unscored, logprob: Math.log(probability), unguided: Math.log(probability / 2) };
  return { type: "token", name: "x", token: scored, top: [{ ...scored, removed: false }], ...more };
}

function filled(usage: Partial<Usage>, more: Partial<FilledHole> = {}): FilledHole {
  const all = { promptTokens: 1, cachedTokens: 0, completionTokens: 3, prefillMs: 1, decodeMs: 1, ...usage };
  return { name: "x", text: "abc", value: "abc", hidden: false, finish: "stop", usage: all, ...more };
}

const masked = (legalMass: readonly number[]) => ({
  constraint: { forcedTokens: 1, compileMs: 0, maskMs: 0, legalMass, kept: true },
});

function afterAll(hole: FilledHole): PreviewData {
  let data = withStart(startPreview("a.prompt"), "m");
  for (const event of [token(1, 0.5), token(2, undefined), token(3, 0.2, { changed: true })])
    data = withEvent(data, event);
  return withEvent(data, { type: "filled", hole });
}

test("a token has its probability without guidance, and says whether guidance changed it", () => {
  const [hole] = stateOf(afterAll(filled({})), 1).tokens;
  assert.deepEqual(
    hole?.tokens.map((it) => it.changed),
    [false, false, true],
  );
  const [first] = hole.tokens;
  assert.ok(Math.abs(first!.alternatives[0]!.unguided! - 0.25) < 1e-12);
});

test("what the constraint left is told of the tokens that the model was asked for, in their order", () => {
  const [hole] = stateOf(afterAll(filled(masked([0.8, 0.4]))), 1).tokens;
  assert.deepEqual(
    hole?.tokens.map((it) => it.legalMass),
    [0.8, undefined, 0.4],
  );
});

test("where the figures are not of just these tokens, none is told", () => {
  const [hole] = stateOf(afterAll(filled(masked([0.8]))), 1).tokens;
  assert.deepEqual(
    hole?.tokens.map((it) => it.legalMass),
    [undefined, undefined, undefined],
  );
});

test("presets and candidates of a hole are shown until the next run begins", () => {
  const presets = [{ control: "tone", target: "plain", result: "reading ease 70", score: 0.7, passed: true }] as const;
  const candidates = [{ text: "abc", seed: 0, meanLogprob: -1, presets: 0.7, chosen: true }];
  const data = afterAll(filled({}, { presets, candidates }));
  assert.deepEqual(stateOf(data, 1).guided, [{ hole: "x", presets, candidates }]);
  assert.deepEqual(stateOf(withStart(data, "m"), 2).guided, []);
  assert.deepEqual(stateOf(afterAll(filled({})), 3).guided, []);
});

const picture = (path: string) => ({ kind: "media", url: path, picture: { kind: "file", path } }) as const;
const lost = { kind: "media", url: "x.png", picture: { kind: "problem", problem: "gone" } } as const;

function shownPictures(pictures: PreviewData["pictures"]) {
  const parts = [picture("/a.png"), lost, picture("/far/b.png")];
  const content = { ...emptyContent, messages: [{ role: "user", shot: undefined, parts }] } as const;
  const srcOf = (path: string) => (path.startsWith("/far") ? undefined : `page:${path}`);
  return stateOf({ ...startPreview("a.prompt"), content, pictures }, 1, srcOf).messages[0]!.parts;
}

test("pictures of the workspace are shown, each with its own tokens", () => {
  const tokens = [4, 20].map((count) => ({ first: 0, count, width: 8, height: 8, tiles: 1 }));
  assert.deepEqual(shownPictures({ kind: "counted", tokens }), [
    { ...picture("/a.png"), src: "page:/a.png", tokens: tokens[0] },
    lost,
    { ...picture("/far/b.png"), tokens: tokens[1] },
  ]);
});

test("a picture that the model does not read says so", () => {
  const [first, second] = shownPictures({ kind: "text-only", model: "Tiny" });
  assert.ok(first?.kind === "media" && first.picture.kind === "problem");
  assert.match(first.picture.problem, /^Tiny reads text only\. /);
  assert.equal(second, lost);
});

const emptyContent = {
  portability: { level: "plain", reason: "" },
  tests: [],
  test: undefined,
  inputs: [],
  problems: [],
  values: {},
  reserve: 0,
  testRepeats: [],
  leastRepeats: 1,
  compare: undefined,
  guide: undefined,
  adapters: [],
} as const;
