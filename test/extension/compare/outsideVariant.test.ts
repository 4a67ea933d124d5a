// A variant of a model that another extension offers, in the setup, in the file and in the request.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startCompare } from "../../../src/extension/compare/compareData.js";
import { fileOfSetup, setupOfFile, startSetup, variantsOf, whatOf, withModelVariant } from "../../../src/extension/compare/setup.js"; // prettier-ignore
import { viewState } from "../../../src/extension/compare/viewState.js";
import { outsidePath } from "../../../src/protocol/outside.js";

const path = outsidePath("acme", "lab/acme-1");
const setup = withModelVariant(startSetup(), { path, label: "Acme 1" });
const modelAt = (it: string) => ({ path: it, precision: "exact", threads: 4 }) as const;

test("it is asked by its own path, without what only a model on this machine has", () => {
  const variants = variantsOf(setup, modelAt, { guide: undefined, adapters: [] });
  assert.deepEqual(variants.at(-1), { id: "c", label: "Acme 1", model: { path: "vscode-lm:acme/lab/acme-1" } });
});

test("it says that texts leave this machine, and what is not kept", () => {
  assert.equal(whatOf(setup.variants.at(-1)!), "acme-1 · leaves this machine · form checked, not enforced · seeds not kept"); // prettier-ignore
  const { models } = viewState({ ...startCompare(), setup }, 1, new Date()).setup;
  assert.deepEqual(models.at(-1), { value: path, label: "acme-1 (leaves this machine)" });
});

test("in the file it stands with its whole path, and is read back the same", () => {
  const named = { model: (name: string) => name, prompt: (it: string) => it };
  const read = setupOfFile(fileOfSetup(setup, []), startSetup(), named)!;
  assert.equal(read.variants.at(-1)!.model, path);
});

test("there is no ninth variant", () => {
  let full = setup;
  for (let i = 0; i < 9; i++) full = withModelVariant(full, { path, label: `${i}` });
  assert.equal(full.variants.length, 8);
});
