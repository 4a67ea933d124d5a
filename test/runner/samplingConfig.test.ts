// The `config` of a prompt, as the engine takes it.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { JsonObject } from "../../src/base/json.js";
import { samplingConfig } from "../../src/runner/samplingConfig.js";

test("settings keep their names, limits and stop texts have their own", () => {
  const config = {
    temperature: 0.5,
    topK: 3,
    logitBias: { "7": -2 },
    maxOutputTokens: 9,
    stopSequences: ["a"],
    vendor: "x",
  };
  assert.deepEqual(samplingConfig(config, "config"), {
    sampling: { temperature: 0.5, topK: 3, logitBias: { 7: -2 } },
    maxTokens: 9,
    stop: ["a"],
  });
});

test("a value of another type is refused with its key", () => {
  checkRefused({ temperature: "hot" }, "config.temperature");
  checkRefused({ logitBias: { word: 1 } }, "config.logitBias");
  checkRefused({ logitBias: [1] }, "config.logitBias");
  checkRefused({ maxOutputTokens: 0 }, "config.maxOutputTokens");
  checkRefused({ stopSequences: [""] }, "config.stopSequences");
});

function checkRefused(config: JsonObject, key: string): void {
  assert.throws(() => samplingConfig(config, "config"), { code: "prompt-invalid", message: new RegExp(key) });
}
