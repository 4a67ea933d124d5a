// The arithmetic of sampling against reference values (test/golden/README.md, sampling.json).

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Candidates } from "../../../src/engine/sampling/candidates.js";
import { classifierFreeGuidance } from "../../../src/engine/sampling/classifierFreeGuidance.js";
import { contrastive } from "../../../src/engine/sampling/contrastive.js";
import { dexperts } from "../../../src/engine/sampling/dexperts.js";
import { logitBias } from "../../../src/engine/sampling/logitBias.js";
import { minP } from "../../../src/engine/sampling/minP.js";
import { mirostat2, nextMu } from "../../../src/engine/sampling/mirostat2.js";
import { noRepeatNgram } from "../../../src/engine/sampling/noRepeatNgram.js";
import { frequencyPenalty, presencePenalty, repetitionPenalty } from "../../../src/engine/sampling/penalties.js";
import { temperature } from "../../../src/engine/sampling/temperature.js";
import { topK } from "../../../src/engine/sampling/topK.js";
import { topP } from "../../../src/engine/sampling/topP.js";
import { typicalP } from "../../../src/engine/sampling/typicalP.js";
import { candidatesOf, probabilities } from "../samplingTables.js";
import { readGolden } from "./goldenFiles.js";

interface SamplingCase {
  readonly step: string;
  readonly logits: readonly number[];
  readonly probabilities: readonly number[];
  readonly kept: readonly number[];
  readonly value?: number;
  readonly history?: readonly number[];
  readonly bias?: Readonly<Record<number, number>>;
  readonly strength?: number;
  readonly alpha?: number;
  readonly unconditionalLogits?: readonly number[];
  readonly amateurLogits?: readonly number[];
  readonly expertLogits?: readonly number[];
  readonly antiExpertLogits?: readonly number[];
  readonly tau?: number;
  readonly eta?: number;
  readonly mu?: number;
  readonly token?: number;
  readonly observedSurprise?: number;
  readonly newMu?: number;
  readonly steps?: readonly (readonly [step: string, value: number])[];
}

/** Steps that change single logits, before there are candidates. */
const onLogits: Record<string, (logits: Float32Array, value: number, history: readonly number[]) => void> = {
  repetitionPenalty,
  frequencyPenalty,
  presencePenalty,
  noRepeatNgram,
};
const onCandidates: Record<string, (candidates: Candidates, value: number) => void> = {
  temperature,
  topK,
  topP,
  minP,
  typicalP,
};

readGolden<readonly SamplingCase[]>("sampling.json").forEach((it, i) => {
  test(`case ${i}: ${it.step}`, () => checkCase(it));
});

function checkCase(it: SamplingCase): void {
  const found = probabilities(resultOf(it));
  assert.equal(found.length, it.probabilities.length);
  found.forEach((chance, id) => {
    assert.ok(Math.abs(chance - it.probabilities[id]!) <= 1e-5, `token ${id}: ${chance}, not ${it.probabilities[id]}`);
  });
  assert.deepEqual(
    found.flatMap((chance, id) => (0 < chance ? [id] : [])),
    it.kept,
  );
  if (it.step !== "mirostat2") return;
  const surprise = -Math.log2(found[it.token!]!);
  assert.ok(Math.abs(surprise - it.observedSurprise!) <= 1e-5);
  assert.ok(Math.abs(nextMu(it.mu!, it.observedSurprise!, { tau: it.tau!, eta: it.eta! }) - it.newMu!) <= 1e-5);
}

function resultOf(it: SamplingCase): Candidates {
  const logits = Float32Array.from(it.logits);
  const floats = (values: readonly number[] | undefined) => Float32Array.from(values!);
  switch (it.step) {
    case "classifierFreeGuidance":
      return candidatesOf(classifierFreeGuidance(logits, floats(it.unconditionalLogits), it.strength!));
    case "contrastive":
      return candidatesOf(contrastive(logits, floats(it.amateurLogits), it.alpha!));
    case "dexperts":
      return candidatesOf(dexperts(logits, floats(it.expertLogits), floats(it.antiExpertLogits), it.strength!));
    case "logitBias":
      logitBias(
        logits,
        Object.entries(it.bias!).map(([id, value]) => [Number(id), value]),
      );
      return candidatesOf(logits);
    case "mirostat2": {
      const result = candidatesOf(logits);
      mirostat2(result, it.mu!);
      return result;
    }
    default:
      return candidatesOf(applySteps(logits, it.steps ?? [[it.step, it.value!]], it.history ?? []));
  }
}

/** Steps in any order: candidates go back to logits, dropped ones as -Infinity. */
function applySteps(
  start: Float32Array,
  steps: NonNullable<SamplingCase["steps"]>,
  history: readonly number[],
): Float32Array {
  let logits = start;
  for (const [step, value] of steps) {
    if (onLogits[step] !== undefined) {
      onLogits[step](logits, value, history);
      continue;
    }
    const candidates = candidatesOf(logits);
    const apply = onCandidates[step] ?? assert.fail(`no step is called ${step}`);
    apply(candidates, value);
    const next = new Float32Array(logits.length).fill(-Infinity);
    for (let i = 0; i < candidates.count; i++) next[candidates.ids[i]!] = candidates.logits[i]!;
    logits = next;
  }
  return logits;
}
