/** A prompt that is to be run: what a run cannot do is refused before anything is sent. */

import { TillerError } from "../base/error.js";
import type { Json } from "../base/json.js";
import type { Metadata } from "../lang/metadata.js";
import { openPrompt, type OpenOptions, type OpenPrompt } from "./openPrompt.js";
import { samplingConfig, type SamplingConfig } from "./samplingConfig.js";

export interface LoadedPrompt extends Pick<OpenPrompt, "render" | "finalHole" | "adapters" | "attention"> {
  readonly config: SamplingConfig;
  readonly outputSchema: Json | undefined;
}

/** Throws what `openPrompt` throws. */
export function loadPrompt(options: OpenOptions): LoadedPrompt {
  const { metadata, render, finalHole, adapters, attention } = openPrompt(options);
  refuseUnsupported(metadata);
  const outputSchema = metadata.output?.["schema"];
  return { config: samplingConfig(metadata.config, "config"), finalHole, outputSchema, render, adapters, attention };
}

/** Keys of our own that change what is sent or written, and that a run does not know yet. */
const laterKeys = ["guide"];
const abilities = ["mask", "logprobs", "lora"];

function refuseUnsupported({ ext, tools, toolDefs }: Metadata): void {
  const own = ext["tiller"] ?? {};
  const later = laterKeys.find((it) => own[it] !== undefined);
  if (later !== undefined) {
    throw new TillerError(
      "prompt-invalid",
      `The prompt asks for \`tiller.${later}\`, which this version cannot do yet. Without it the result would be another one, ` +
        "so nothing was sent. Remove the key to run the prompt without it.",
    );
  }
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
}
