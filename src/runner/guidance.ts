/** How the engine is asked to combine readings for a prompt's guide: names of adapters and models become paths. */

import { dirname, resolve } from "node:path";

import { TillerError } from "../base/error.js";
import type { PromptGuide } from "../lang/guide/promptGuide.js";
import type {
  ContrastiveGuidance,
  ExpertGuidance,
  GenerateRequest,
  ModelSpec,
  PromptInput,
} from "../protocol/engine.js";
import { adapterUse, type AdaptationOptions } from "./adaptation.js";
import type { Stage } from "./conversation.js";

/** What is the same for all holes of a run. */
export type RunGuidance =
  | {
      readonly kind: "classifier-free";
      readonly strength: number;
      readonly plausibility?: number;
    }
  | ContrastiveGuidance
  | ExpertGuidance;

export interface GuidanceOptions extends Omit<AdaptationOptions, "said" | "choices"> {
  readonly model: ModelSpec;
}

/** Undefined where each token is read once. Throws what `adapterUse` throws. */
export function guidanceOf({ guidance }: PromptGuide, options: GuidanceOptions): RunGuidance | undefined {
  switch (guidance?.kind) {
    case undefined:
    case "classifier-free":
      return guidance;
    case "contrastive": {
      const { amateur, ...rest } = guidance;
      if ("layers" in amateur) return { ...rest, amateur };
      const path = resolve(dirname(options.path), amateur.model);
      return { ...rest, amateur: { model: { ...options.model, path } } };
    }
    case "experts": {
      const { expert, antiExpert, ...rest } = guidance;
      return {
        ...rest,
        ...(expert && { expert: expert.map((it) => adapterUse(it, options)) }),
        ...(antiExpert && { antiExpert: antiExpert.map((it) => adapterUse(it, options)) }),
      };
    }
    default:
      return guidance satisfies undefined;
  }
}

/** What a hole's request says of it. `otherwise`: the second reading, where there is one. */
export function guidanceRequest(
  guidance: RunGuidance | undefined,
  { bias }: PromptGuide,
  otherwise: PromptInput | undefined,
): Pick<GenerateRequest, "guidance" | "wordBias"> {
  const words = 0 < Object.keys(bias).length ? { wordBias: bias } : {};
  if (guidance === undefined) return words;
  if (guidance.kind !== "classifier-free") return { ...words, guidance };
  return otherwise === undefined ? words : { ...words, guidance: { ...guidance, otherwise } };
}

/** Strength 1 is the model itself, whatever the second reading is. */
export function readsTwice(guidance: RunGuidance | undefined): boolean {
  return guidance?.kind === "classifier-free" && guidance.strength !== 1;
}

/** Throws `prompt-invalid` where both readings are one. */
export function checkOtherwise(wanted: Stage, otherwise: Stage): void {
  if (wanted.hole?.name !== otherwise.hole?.name) {
    const message =
      `Hole "${wanted.hole?.name}" does not stand in the second reading of the prompt, which guidance compares with. Holes ` +
      "stand outside of {{#emphasize}}, and of conditions on what is emphasised.";
    throw new TillerError("prompt-invalid", message);
  }
  if (JSON.stringify(wanted.messages) !== JSON.stringify(otherwise.messages)) return;
  throw new TillerError(
    "prompt-invalid",
    "There is nothing that guidance could emphasise: both readings of the prompt are the same. Put what matters into " +
      "{{#emphasize}}...{{/emphasize}} or into a system message, set `tone` or `negative` in `tiller.guide`, or leave out " +
      "`strength`.",
  );
}
