/** The readings that a request asks for, and how they are combined (DESIGN section 5). */

import { TillerError } from "../../base/error.js";
import type { AdapterUse } from "../../protocol/adapter.js";
import type { ContrastiveGuidance, ExpertGuidance, GenerateRequest } from "../../protocol/engine.js";
import type { Hook } from "../graph/hooks.js";
import type { LoadedModel } from "../loadedModel.js";
import { openReader, type Reader, type Reading } from "../reader.js";
import { classifierFreeGuidance } from "../sampling/classifierFreeGuidance.js";
import { contrastive } from "../sampling/contrastive.js";
import { dexperts } from "../sampling/dexperts.js";
import { slotsOf } from "../attention/visibility.js";
import { createBranch, type Branch, type PlainBranch } from "./branch.js";
import { earlyExitReadings } from "./earlyExit.js";
import { branchReadings, guidedBranch, rowReadings } from "./guidedBranch.js";
import { isIdle } from "./idleGuidance.js";
import { lookupBranch } from "./lookup/lookupBranch.js";
import type { ReadPrompt } from "./readPrompt.js";
import { openRows } from "./rows.js";

/** `amateur`: the second model of contrastive guidance. Rejects with what is wrong with an adapter, or with that model. */
export async function openBranch(
  reader: Reader,
  model: LoadedModel,
  request: GenerateRequest,
  { prompt, otherwise, limit }: ReadPrompt,
  amateur?: LoadedModel,
): Promise<Branch | PlainBranch> {
  const { guidance, adapters, routing } = request;
  const { visibility } = reader;
  const adaptation = { ...(adapters && { adapters }), ...(routing && { routing }), visibility };
  const own = prompt.slice(reader.virtualIds.length);
  switch (isIdle(guidance) ? undefined : guidance?.kind) {
    case "classifier-free": {
      const { strength, plausibility = 0 } = guidance as { strength: number; plausibility?: number };
      const rows = [own, otherwise!.slice(reader.virtualIds.length)].map((ids) => ({ ids, adaptation }));
      return guidedBranch(rowReadings(await openRows(model, rows)), ([wanted, other]) =>
        classifierFreeGuidance(wanted!, other!, strength, { plausibility }),
      );
    }
    case "experts":
      return expertBranch(model, own, adaptation, guidance as ExpertGuidance);
    case "contrastive":
      return contrastiveBranch(reader, model, prompt, {
        adaptation,
        guidance: guidance as ContrastiveGuidance,
        amateur,
      });
    case undefined:
      if (request.promptLookup !== true || visibility !== undefined) return createBranch(reader, prompt);
      return lookupBranch(reader, prompt, {
        precision: model.facts.precision,
        vocabularySize: model.shape.vocabularySize,
        limit,
      });
  }
}

async function expertBranch(
  model: LoadedModel,
  ids: readonly number[],
  adaptation: Reading,
  { expert, antiExpert, strength }: ExpertGuidance,
): Promise<Branch> {
  const withAdapters = (more: readonly AdapterUse[]): Reading => ({
    ...adaptation,
    adapters: [...(adaptation.adapters ?? []), ...more],
  });
  const others = [expert, antiExpert].filter((it) => it !== undefined).map(withAdapters);
  for (const it of others) {
    const { softPrompt, prefixTokens } = await model.shelf.adapted(it);
    if (softPrompt.length === 0 && prefixTokens === 0) continue;
    const message = "An expert's adapter changes how the model reads, and cannot put tokens in front of the prompt.";
    throw new TillerError("usage", message);
  }
  const rows = await openRows(
    model,
    [adaptation, ...others].map((it) => ({ ids, adaptation: it })),
  );
  // Without one of both, the model itself stands in for it.
  return guidedBranch(rowReadings(rows), ([base, first, second]) => {
    const [towards, away] = expert === undefined ? [base!, first!] : [first!, second ?? base!];
    return dexperts(base!, towards, away, strength);
  });
}

interface Contrast {
  readonly adaptation: Reading;
  readonly guidance: ContrastiveGuidance;
  readonly amateur: LoadedModel | undefined;
}

const DEFAULT_PLAUSIBILITY = 0.1;

async function contrastiveBranch(
  reader: Reader,
  model: LoadedModel,
  prompt: readonly number[],
  { adaptation, guidance, amateur }: Contrast,
): Promise<Branch> {
  const { strength = 1, plausibility = DEFAULT_PLAUSIBILITY } = guidance;
  const readings = await ("layers" in guidance.amateur
    ? earlyReadings(model, adaptation, prompt, guidance.amateur.layers)
    : secondReadings(reader, model, prompt, amateur!));
  return guidedBranch(readings, ([expert, weak]) => contrastive(expert!, weak!, plausibility, { strength }));
}

async function earlyReadings(model: LoadedModel, adaptation: Reading, prompt: readonly number[], layers: number) {
  const reader = await openReader(model, adaptation, new Set<Hook>([`exit.${layers}`]));
  const readings = earlyExitReadings(reader, prompt, { layers, vocabularySize: model.shape.vocabularySize });
  return {
    ...readings,
    release() {
      readings.release();
      reader.release();
    },
  };
}

async function secondReadings(reader: Reader, model: LoadedModel, prompt: readonly number[], amateur: LoadedModel) {
  const { visibility } = reader;
  checkAlike(model, amateur);
  checkHolds(amateur, visibility?.endlessSinks === undefined ? prompt.length : slotsOf(visibility, Infinity));
  const second = await openReader(amateur, { visibility });
  const branch = createBranch(second, prompt.slice(reader.virtualIds.length));
  const readings = branchReadings([createBranch(reader, prompt), branch]);
  return {
    ...readings,
    release() {
      readings.release();
      second.release();
    },
  };
}

/** Logits can be subtracted where they are of the same tokens. */
function checkAlike({ tokenizer, shape }: LoadedModel, amateur: LoadedModel): void {
  const size = tokenizer.vocabularySize;
  const other = amateur.tokenizer;
  const isAlike =
    size === other.vocabularySize &&
    shape.vocabularySize === amateur.shape.vocabularySize &&
    Array.from({ length: size }, (_, id) => id).every((id) => tokenizer.decode([id]) === other.decode([id]));
  if (!isAlike)
    throw new TillerError(
      "usage",
      "The second model of contrastive guidance has other tokens than the first. Take one of the same family.",
    );
}

/** `tokens` are those of the prompt, or those of it that are looked at at once. */
function checkHolds(amateur: LoadedModel, tokens: number): void {
  if (tokens < amateur.facts.contextTokens) return;
  const message = `${tokens} tokens are to be read, and the second model's context holds ${amateur.facts.contextTokens}.`;
  throw new TillerError("prompt-too-long", message);
}
