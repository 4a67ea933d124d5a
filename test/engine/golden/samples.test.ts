// The sample adapters on their held-out prompts: by the rules of their READMEs, within 5 points of what those state.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { silentLog } from "../../../src/base/log.js";
import { createLocalEngine, type LocalEngine } from "../../../src/engine/localEngine.js";
import { modelPath } from "./goldenModel.js";

const folder = join(import.meta.dirname, "../../../../examples/adapters");
const POINTS = 0.05;

const pirateMarkers =
  /(?<![\w'])(?:a+rr+|yarr+|matey|me heart(?:y|ies)|heart(?:y|ies)|aye|ahoy|avast|landlubbers?|savvy|shiver|timbers|yo ho|ho ho|ye|yer|fer|an'|o'|th'|fair winds|hoist)(?!\w)/gi;

interface Sample {
  readonly passes: (answer: string) => boolean;
  readonly stated: number;
}

const samples: Readonly<Record<string, Sample>> = {
  pirate: {
    passes: (answer) => 2 <= new Set(answer.match(pirateMarkers)?.map((it) => it.toLowerCase())).size,
    stated: 1,
  },
  terse: { passes: (answer) => inRange(answer.split(/\s+/).filter((it) => it !== "").length, 1, 15), stated: 0.925 },
  "commit-message": {
    passes: (answer) => answer.length <= 72 && /^[a-z]+\([^()\s]+\): [a-z](?:.*[^.])?$/.test(answer),
    stated: 0.933,
  },
};

describe("the sample adapters", () => {
  let engine: LocalEngine;
  before(() => {
    engine = createLocalEngine({ log: silentLog });
  });
  after(() => engine.dispose());

  const answers = async (name: string, adapted: boolean, most = Infinity) => {
    const lines = readFileSync(join(folder, name, "eval.jsonl"), "utf8")
      .trim()
      .split("\n");
    const found: string[] = [];
    for (const { prompt } of lines.slice(0, most).map((it) => JSON.parse(it) as { readonly prompt: string })) {
      const { text } = await engine.generate(
        {
          model: { path: modelPath },
          prompt: { type: "messages", messages: [{ role: "user", content: prompt }] },
          adapters: adapted ? [{ path: join(folder, name) }] : [],
          maxTokens: 96,
        },
        () => undefined,
        new AbortController().signal,
      );
      found.push(text.trim());
    }
    return found;
  };

  for (const [name, { passes, stated }] of Object.entries(samples))
    it(`${name} passes its own check as often as its README says`, async () => {
      const all = await answers(name, true);
      const share = all.filter(passes).length / all.length;
      assert.ok(Math.abs(share - stated) <= POINTS + 1e-9, `${share} and not ${stated}: ${all.join(" | ")}`);
      const without = await answers(name, false, 5);
      assert.ok(without.filter(passes).length <= 1, `the model itself passes too: ${without.join(" | ")}`);
    });
});

function inRange(value: number, least: number, most: number): boolean {
  return least <= value && value <= most;
}
