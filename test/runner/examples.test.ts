// The shipped examples with constraints, on the embedded model, with many seeds: ajv and JavaScript's own engine, which share
// no code with the masks, call every result valid.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";

import { Ajv2020 } from "ajv/dist/2020.js";

import { isJsonObject, type Json, type JsonObject } from "../../src/base/json.js";
import { silentLog } from "../../src/base/log.js";
import { createLocalEngine } from "../../src/engine/localEngine.js";
import { holesIn } from "../../src/lang/holes.js";
import { readMetadata } from "../../src/lang/metadata.js";
import { parse } from "../../src/lang/parser.js";
import { nodeFiles } from "../../src/runner/nodeFiles.js";
import { createPromptRunner } from "../../src/runner/promptRunner.js";

const root = join(import.meta.dirname, "../../..");
const model = { path: join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf") };
const files = nodeFiles;
const engine = createLocalEngine({ log: silentLog });
const runner = createPromptRunner({ engine, files });
after(() => engine.dispose());

const SEEDS = 20;
const names = [
  "extract",
  "form",
  "recipe",
  "ticket",
  "quiz",
  "appointment",
  "formula",
  "palette",
  "classify",
  "slogan",
  "support",
];

for (const name of names) {
  test(`${SEEDS} runs of ${name}.prompt with different seeds are all valid`, async () => {
    const path = join(root, `examples/${name}.prompt`);
    const { file } = parse(files.read(path));
    const metadata = readMetadata(file);
    const gen = (metadata.ext["tiller"]?.["gen"] ?? {}) as Readonly<Record<string, JsonObject>>;
    const inTags = new Map(holesIn(file.body.nodes).map((it) => [it.name, it.settings]));
    const ajv = new Ajv2020({ strict: false, formats: { date: /^\d{4}-\d{2}-\d{2}$/, email: /^\S+@\S+$/ } });
    const schema = metadata.output?.["schema"];
    const isValid = isJsonObject(schema) ? ajv.compile(schema) : () => true;
    for (let seed = 0; seed < SEEDS; seed++) {
      const sampling = { temperature: 1.2, seed };
      const { holes, output } = await runner.run(
        { path, model, sampling },
        () => undefined,
        new AbortController().signal,
      );
      assert.ok(isValid(output), `seed ${seed}: ${JSON.stringify(output)}`);
      for (const hole of holes) {
        assert.equal(hole.finish === "cancelled", false);
        checkHole({ ...gen[hole.name], ...inTags.get(hole.name) }, hole.value);
      }
    }
  });
}

function checkHole(settings: JsonObject, value: Json): void {
  const { regex, choice, int, number, grammar, words, avoid = [] } = settings;
  if (isJsonObject(words)) {
    const count = String(value).trim().split(/\s+/).length;
    assert.ok(Number(words["min"]) <= count && count <= Number(words["max"]), String(value));
  }
  for (const it of avoid as readonly string[]) assert.ok(!String(value).toLowerCase().includes(it), String(value));
  if (typeof regex === "string") assert.match(String(value), new RegExp(`^(?:${regex})$`, "u"));
  if (Array.isArray(choice)) assert.ok((choice as readonly Json[]).includes(value));
  const bounds = int ?? number;
  if (isJsonObject(bounds)) {
    assert.ok(typeof value === "number" && Number(bounds["min"]) <= value && value <= Number(bounds["max"]));
    if (int !== undefined) assert.ok(Number.isInteger(value));
  }
  if (typeof grammar === "string") checkFormula(String(value));
}

/** formula.prompt's own rules, read by hand. */
function checkFormula(text: string): void {
  let rest = text;
  for (let before = ""; before !== rest;) {
    before = rest;
    rest = rest.replace(/\((?:[0-9]{1,3}|[a-z])(?: [-+*/] (?:[0-9]{1,3}|[a-z]))*\)/g, "x");
  }
  assert.match(rest, /^(?:[0-9]{1,3}|[a-z])(?: [-+*/] (?:[0-9]{1,3}|[a-z]))*$/, text);
}
