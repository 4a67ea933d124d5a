/** A prompt that is to be run: what a run cannot do is refused before anything is sent. */

import { TillerError } from "../base/error.js";
import type { Json } from "../base/json.js";
import type { Metadata } from "../lang/metadata.js";
import { openPrompt, type OpenOptions, type OpenPrompt } from "./openPrompt.js";
import { samplingConfig, type SamplingConfig } from "./samplingConfig.js";

export interface LoadedPrompt extends Pick<
  OpenPrompt,
  "render" | "picture" | "finalHole" | "adapters" | "guide" | "attention"
> {
  readonly config: SamplingConfig;
  readonly outputSchema: Json | undefined;
  /** `tiller.requires` says that the model must read pictures. */
  readonly needsVision: boolean;
  /** `tiller.promptLookup`. */
  readonly promptLookup: boolean;
}

/** Throws what `openPrompt` throws. */
export function loadPrompt(options: OpenOptions): LoadedPrompt {
  const { metadata, ...prompt } = openPrompt(options);
  const required = refuseUnsupported(metadata);
  const { render, picture, finalHole, adapters, guide, attention } = prompt;
  const config = samplingConfig(metadata.config, "config");
  return {
    needsVision: required.includes("vision"),
    promptLookup: lookupOf(metadata),
    config,
    finalHole,
    outputSchema: metadata.output?.["schema"],
    render,
    picture,
    adapters,
    guide,
    attention,
  };
}

function lookupOf({ ext }: Metadata): boolean {
  const { promptLookup = null } = ext["tiller"] ?? {};
  if (promptLookup === null || typeof promptLookup === "boolean") return promptLookup === true;
  const message = `tiller.promptLookup must be true or false, and is ${JSON.stringify(promptLookup)}.`;
  throw new TillerError("prompt-invalid", message);
}

const abilities = ["mask", "logprobs", "lora", "vision"];

/** What the prompt requires; all of it is here. */
function refuseUnsupported({ ext, tools, toolDefs }: Metadata): readonly Json[] {
  const own = ext["tiller"] ?? {};
  const required: readonly Json[] = Array.isArray(own["requires"]) ? own["requires"] : [];
  const missing = required.find((it) => typeof it !== "string" || !abilities.includes(it));
  if (missing !== undefined) {
    throw new TillerError(
      "prompt-invalid",
      `The prompt requires ${JSON.stringify(missing)} (\`tiller.requires\`), which this version does not have. It has: ${abilities.join(", ")}.`,
    );
  }
  if (0 < (tools?.length ?? 0) + (toolDefs?.length ?? 0)) {
    const message = "The prompt offers tools, and this version cannot call any. Remove `tools` to run it without them.";
    throw new TillerError("prompt-invalid", message);
  }
  return required;
}
