// How the values of the user's settings are understood.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { byName, modelAt } from "../../src/extension/models/modelOptions.js";
import { readSettings } from "../../src/extension/settings.js";
import { attentionOfText } from "../../src/lang/attentionText.js";

interface Manifest {
  readonly contributes: {
    readonly configuration: {
      readonly properties: {
        readonly "tiller.models.options": {
          readonly additionalProperties: {
            readonly properties: Readonly<Record<string, { readonly pattern?: string }>>;
          };
        };
      };
    };
  };
}

const embedded = { path: "/ext/embedded.gguf" };
const usual = {
  model: embedded,
  models: { general: {}, options: {} },
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
      models: {
        general: { precision: "exact", contextTokens: 1024, threads: 3, unloadAfterMinutes: 5, device: "webgpu" },
        options: {},
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

test("a folder is the same with a separator at its end", () => {
  checkSettings({ "tiller.model": "/m/some-onnx/" }, { ...usual, model: { path: "/m/some-onnx" } });
});

test("a tilde is the home folder", () => {
  checkSettings({ "tiller.model": "~/m.gguf" }, { ...usual, model: { path: join(homedir(), "m.gguf") } });
});

test("a model's own options stand over those of all models, and these over the other settings", () => {
  const values: Readonly<Record<string, unknown>> = {
    "tiller.model": "/m/big.gguf",
    "tiller.contextTokens": 1024,
    "tiller.threads": 3,
    "tiller.device": "webgpu",
    "tiller.models.options": {
      "*": { cache: "int8", contextTokens: 2048, attention: "streaming:64,512" },
      "big.gguf": { contextTokens: 4096, attention: "dense", slidingWindow: true, ignoreMemory: false, device: "auto" },
      Small: { precision: "exact", threads: 1 },
    },
  };
  const { model, models } = readSettings((id) => values[id], embedded.path);
  const common = { cache: "int8", threads: 3 } as const;
  assert.deepEqual(model, {
    ...common,
    path: "/m/big.gguf",
    contextTokens: 4096,
    attention: { pattern: "dense" },
    slidingWindow: true,
    ignoreMemory: false,
    device: "auto",
  });
  const attention = { pattern: "streaming", sinks: 64, window: 512 } as const;
  const others = { ...common, contextTokens: 2048, attention, device: "webgpu" } as const;
  assert.deepEqual(modelAt(models, "C:\\m\\Small.gguf"), {
    ...others,
    path: "C:\\m\\Small.gguf",
    precision: "exact",
    threads: 1,
  });
  assert.deepEqual(modelAt(models, "/m/other.gguf"), { ...others, path: "/m/other.gguf" });
  assert.deepEqual(Object.keys(byName(models)), ["big", "Small"]);
  assert.equal(byName(models)["Small"]!.cache, "int8");
});

test("options of models that the engine would refuse count as absent", () => {
  const options = {
    "*": "int8",
    a: {
      precision: "sloppy",
      contextTokens: 0,
      threads: "2",
      device: "abacus",
      cache: "int4",
      attention: "streaming:many",
    },
    b: {
      attention: { pattern: "dense" },
      projector: "mmproj.gguf",
      slidingWindow: "yes",
      ignoreMemory: 1,
      unknown: true,
    },
  };
  const { models } = readSettings((id) => (id === "tiller.models.options" ? options : undefined), embedded.path);
  assert.deepEqual(models, { general: {}, options: { "*": {}, a: {}, b: {} } });
});

test("every option that the manifest offers is read, and no other", () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8")) as Manifest;
  const { properties } = manifest.contributes.configuration.properties["tiller.models.options"].additionalProperties;
  const example: Readonly<Record<string, unknown>> = {
    precision: "exact",
    contextTokens: 1,
    threads: 1,
    device: "cpu",
    cache: "int8",
    attention: "dense",
    projector: "/m/mmproj.gguf",
    slidingWindow: true,
    ignoreMemory: true,
  };
  assert.deepEqual(Object.keys(properties), Object.keys(example));
  const { models } = readSettings((id) => (id === "tiller.models.options" ? { a: example } : undefined), embedded.path);
  assert.deepEqual(Object.keys(models.options["a"]!), Object.keys(example));
  const pattern = new RegExp(properties["attention"]!.pattern!);
  for (const text of ["dense", "streaming", "streaming:64", "endless:4,9", "block-sparse:64,4,4", "columns:64,4,8"])
    assert.ok(pattern.test(text) && attentionOfText(text) !== undefined, text);
  for (const text of ["", "sparse", "dense:1", "streaming:1,2,3", "columns:1,2,3,4", "streaming:x"])
    assert.ok(!pattern.test(text) && attentionOfText(text) === undefined, text);
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
