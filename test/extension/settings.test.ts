// How the values of the user's settings are understood.

import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { readSettings } from "../../src/extension/settings.js";

const embedded = { path: "/ext/embedded.gguf" };
const usual = {
  model: embedded,
  maxTokens: 256,
  temperature: 0.7,
  ghostLanguages: ["dotprompt"],
  ghostExclude: [],
  adapterFolders: [],
  guide: { avoid: [], bias: {} },
  modelFolders: [],
  compare: { keep: 100 },
};

test("nothing set is the embedded model and the defaults", () => {
  checkSettings({}, usual);
});

test("empty and null values stand for the defaults", () => {
  checkSettings(
    { "tiller.model": " ", "tiller.precision": null, "tiller.threads": 0, "tiller.contextTokens": 0 },
    usual,
  );
});

test("every setting is read", () => {
  checkSettings(
    {
      "tiller.model": "/m/big.gguf",
      "tiller.precision": "exact",
      "tiller.contextTokens": 1024,
      "tiller.threads": 3,
      "tiller.generate.maxTokens": 10,
      "tiller.generate.temperature": 0,
      "tiller.ghostText.languages": { dotprompt: false, markdown: true, plaintext: false },
      "tiller.ghostText.exclude": ["**/private/**"],
      "tiller.guide.avoid": ["very"],
      "tiller.guide.bias": { fine: 2, no: "number", most: 1e9 },
      "tiller.adapters.folders": ["lora", "/big/lora", "~/lora", " "],
      "tiller.models.folders": ["relative", "/big/models", "~/models"],
      "tiller.unloadAfterMinutes": 5,
      "tiller.device": "webgpu",
      "tiller.compare.keep": 0,
    },
    {
      model: {
        path: "/m/big.gguf",
        precision: "exact",
        contextTokens: 1024,
        threads: 3,
        unloadAfterMinutes: 5,
        device: "webgpu",
      },
      maxTokens: 10,
      temperature: 0,
      ghostLanguages: ["markdown"],
      ghostExclude: ["**/private/**"],
      guide: { avoid: ["very"], bias: { fine: 2 } },
      adapterFolders: ["lora", "/big/lora", join(homedir(), "lora")],
      modelFolders: ["/big/models", join(homedir(), "models")],
      compare: { keep: 0 },
    },
  );
});

test("a tilde is the home folder", () => {
  checkSettings({ "tiller.model": "~/m.gguf" }, { ...usual, model: { path: join(homedir(), "m.gguf") } });
});

test("values of the wrong kind count as absent", () => {
  checkSettings(
    {
      "tiller.model": 3,
      "tiller.precision": "sloppy",
      "tiller.contextTokens": "many",
      "tiller.threads": 1.5,
      "tiller.generate.maxTokens": -1,
      "tiller.generate.temperature": -0.1,
      "tiller.ghostText.languages": ["markdown"],
      "tiller.ghostText.exclude": "**",
    },
    usual,
  );
});

function checkSettings(values: Readonly<Record<string, unknown>>, expected: unknown): void {
  assert.deepEqual(
    readSettings((id) => values[id], embedded.path),
    expected,
  );
}
