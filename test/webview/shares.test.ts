// Which probabilities the card of a token shows, and under which names.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { PreviewAlternative, PreviewToken } from "../../src/protocol/preview.js";
import { shareNames, sharesOf } from "../../src/webview/preview/shares.js";

function alternative(more: Partial<PreviewAlternative>): PreviewAlternative {
  return { id: 1, text: "a", probability: 0.2, unguided: undefined, removed: false, chosen: false, ...more };
}
function token(legalMass: number | undefined, ...alternatives: readonly PreviewAlternative[]): PreviewToken {
  return { text: "a", probability: 0.2, changed: false, legalMass, alternatives };
}
const shown = (of: PreviewToken) => of.alternatives.map((it) => sharesOf(of, it).map((one) => one.share));

test("the model alone has one probability, without a name above it", () => {
  const alone = token(undefined, alternative({}));
  assert.deepEqual([shareNames(alone), shown(alone)], [[], [[0.2]]]);
});

test("under guidance there are two", () => {
  const guided = token(undefined, alternative({ unguided: 0.1 }));
  assert.deepEqual([shareNames(guided), shown(guided)], [["before guidance", "after guidance"], [[0.1, 0.2]]]);
});

test("under a constraint what is left shares what it removed, which has nothing", () => {
  const masked = token(0.25, alternative({ removed: true }), alternative({}));
  assert.deepEqual(shareNames(masked), ["the model's", "after the mask"]);
  assert.deepEqual(shown(masked), [
    [0.2, undefined],
    [0.2, 0.8],
  ]);
});

test("under both there are three", () => {
  const both = token(0.25, alternative({ unguided: 0.1 }));
  assert.deepEqual(shareNames(both), ["before guidance", "after guidance", "after the mask"]);
  assert.deepEqual(shown(both), [[0.1, 0.2, 0.8]]);
});
