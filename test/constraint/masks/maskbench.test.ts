// Real-world schemas: nothing invalid is accepted, and nearly everything valid. The folder can be changed with TILLER_MASKBENCH.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { embeddedTokenizer, vocabularyOf } from "./embeddedVocabulary.js";
import { walkFolder } from "./walk.js";

const folder = process.env["TILLER_MASKBENCH"] ?? join(import.meta.dirname, "../../../../../shared/data/maskbench");

test(
  "no invalid instance of a schema is accepted, and the valid ones of 95 % of the schemas are",
  { skip: existsSync(folder) ? false : `there are no schemas at ${folder}` },
  async () => {
    const tokenizer = await embeddedTokenizer();
    const { report, problems } = walkFolder(folder, tokenizer, vocabularyOf(tokenizer));
    const { schemas, passed, rejectedValid, acceptedInvalid, timedOut } = report;
    const wrong = problems.filter((it) => !it.includes(": refused:")).join("\n");
    assert.equal(acceptedInvalid, 0, wrong);
    assert.equal(timedOut, 0);
    assert.ok(0.95 * schemas <= passed, `${passed} of ${schemas} pass`);
    assert.ok(rejectedValid <= 0.01 * schemas, wrong);
  },
);
