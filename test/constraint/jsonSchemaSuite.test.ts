// JSON-Schema-Test-Suite, required files of drafts 2020-12 and 7. The folder can be changed with TILLER_JSON_SUITE.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { isJsonObject, type Json } from "../../src/base/json.js";
import { TillerError } from "../../src/base/error.js";
import { compileMachine } from "../../src/constraint/constraint.js";
import type { Machine } from "../../src/constraint/machine.js";

const folder =
  process.env["TILLER_JSON_SUITE"] ?? join(import.meta.dirname, "../../../../shared/data/json-schema-test-suite");

interface Group {
  readonly description: string;
  readonly schema: Json;
  readonly tests: readonly { readonly description: string; readonly data: Json; readonly valid: boolean }[];
}

/** Formats are enforced here, where the drafts leave it open; so their tests of "only a remark" cannot hold. */
for (const draft of ["draft2020-12", "draft7"]) {
  const tests = join(folder, "tests", draft);
  const skip = existsSync(tests) ? false : `there is no test suite at ${tests}`;
  test(`${draft}: nothing is accepted wrongly, three groups of four are exactly right`, { skip }, () => {
    const wrong: string[] = [];
    let groups = 0;
    let right = 0;
    for (const name of readdirSync(tests).filter((it) => it.endsWith(".json"))) {
      for (const group of JSON.parse(readFileSync(join(tests, name), "utf8")) as readonly Group[]) {
        groups++;
        const machine = compile(group.schema, draft);
        if (machine === undefined) {
          // Nothing satisfies the schema, or it is refused.
          if (machine === undefined && isNever(group, draft)) right++;
          continue;
        }
        const failed = group.tests.filter((it) => accepts(machine, JSON.stringify(it.data)) !== it.valid);
        if (failed.length === 0) right++;
        for (const it of failed.filter((one) => !one.valid))
          wrong.push(`${name}: ${group.description}: ${it.description}: ${JSON.stringify(it.data)}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(0.75 * groups <= right, `${right} of ${groups} groups are right`);
  });
}

function compile(schema: Json, draft: string): Machine | undefined {
  try {
    return compileMachine({ kind: "json", schema: inDraft(schema, draft) });
  } catch (error) {
    if (error instanceof TillerError) return undefined;
    throw error;
  }
}

function isNever({ schema, tests }: Group, draft: string): boolean {
  if (tests.some((it) => it.valid)) return false;
  try {
    compileMachine({ kind: "json", schema: inDraft(schema, draft) });
    return false;
  } catch (error) {
    return error instanceof Error && error.message.startsWith("Nothing satisfies");
  }
}

function inDraft(schema: Json, draft: string): Json {
  if (draft !== "draft7" || !isJsonObject(schema) || schema["$schema"] !== undefined) return schema;
  return { $schema: "http://json-schema.org/draft-07/schema#", ...schema };
}

function accepts(machine: Machine, text: string): boolean {
  let situation = machine.begin();
  for (const byte of new TextEncoder().encode(text)) situation = machine.step(situation, byte);
  return situation.accepts;
}
