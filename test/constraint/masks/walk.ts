// Schemas with valid and invalid instances, walked token by token under their masks.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Json } from "../../../src/base/json.js";
import { TillerError } from "../../../src/base/error.js";
import { compileConstraint, type CompiledConstraint } from "../../../src/constraint/constraint.js";
import { createShared } from "../../../src/constraint/shared.js";
import type { Vocabulary } from "../../../src/constraint/vocabulary.js";
import type { Tokenizer } from "../../../src/engine/tokenizer/tokenizer.js";
import { rawAt } from "./rawJson.js";

export interface MaskReport {
  readonly schemas: number;
  /** Every instance is told right. */
  readonly passed: number;
  /** Refused by name when they were compiled. */
  readonly refused: number;
  /** Schemas with a valid instance that was not accepted, and schemas with an invalid one that was. */
  readonly rejectedValid: number;
  readonly acceptedInvalid: number;
  readonly timedOut: number;
  readonly ttfmUs: Readonly<Record<"p50" | "p99", number>>;
  readonly maskUs: Readonly<Record<"p50" | "p90" | "p99" | "max", number>>;
}

export interface Walk {
  readonly report: MaskReport;
  /** A line for each schema that did not pass. */
  readonly problems: readonly string[];
}

/** Longer than this for one schema and its instances, and it counts as timed out. */
const LIMIT_MS = 10_000;

export function walkFolder(folder: string, tokenizer: Tokenizer, vocabulary: Vocabulary): Walk {
  const shared = createShared(vocabulary);
  const problems: string[] = [];
  const firstMasks: number[] = [];
  const masks: number[] = [];
  const counts = { schemas: 0, passed: 0, refused: 0, rejectedValid: 0, acceptedInvalid: 0, timedOut: 0 };
  for (const name of readdirSync(folder).filter((it) => it.endsWith(".json"))) {
    const source = readFileSync(join(folder, name), "utf8");
    const { schema, tests } = JSON.parse(source) as { schema: Json; tests: readonly { valid: boolean }[] };
    counts.schemas++;
    const start = performance.now();
    let constraint: CompiledConstraint;
    try {
      constraint = compileConstraint({ kind: "json", schema }, vocabulary, shared);
      constraint.begin().mask();
    } catch (error) {
      if (!(error instanceof TillerError)) throw error;
      counts.refused++;
      problems.push(`${name}: refused: ${error.message}`);
      continue;
    }
    firstMasks.push((performance.now() - start) * 1000);
    const wrong = tests.flatMap(({ valid }, i) => {
      const text = rawAt(source, ["tests", i, "data"]);
      return accepts(constraint, text, tokenizer, masks) === valid ? [] : [{ valid, text }];
    });
    if (LIMIT_MS < performance.now() - start) counts.timedOut++;
    else if (wrong.some((it) => !it.valid)) counts.acceptedInvalid++;
    else if (0 < wrong.length) counts.rejectedValid++;
    else counts.passed++;
    for (const it of wrong) problems.push(`${name}: ${it.valid ? "rejected valid" : "accepted invalid"} ${it.text}`);
  }
  const report = {
    ...counts,
    ttfmUs: { p50: quantile(firstMasks, 0.5), p99: quantile(firstMasks, 0.99) },
    maskUs: {
      p50: quantile(masks, 0.5),
      p90: quantile(masks, 0.9),
      p99: quantile(masks, 0.99),
      max: quantile(masks, 1),
    },
  };
  return { report, problems };
}

/** Adds the time of each mask to `masks`, in microseconds. */
export function accepts(constraint: CompiledConstraint, text: string, tokenizer: Tokenizer, masks: number[]): boolean {
  const state = constraint.begin();
  for (const id of tokenizer.encode(text)) {
    const start = performance.now();
    const mask = state.mask();
    masks.push((performance.now() - start) * 1000);
    if ((mask[id >> 5]! & (1 << (id & 31))) === 0) return false;
    state.advance(tokenizer.bytes(id));
  }
  return state.accepts();
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}
