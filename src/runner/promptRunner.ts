/** Runs `.prompt` files in this process, on whatever engine it is given. */

import { TillerError } from "../base/error.js";
import { readAdapters, type ReadAdapters } from "../lang/adapters.js";
import { readFrontMatter } from "../lang/frontMatter.js";
import type { PromptGuide } from "../lang/guide/promptGuide.js";
import { readGuide } from "../lang/guide/readGuide.js";
import type { CountTokens } from "../lang/shots/selectShots.js";
import type { Engine, ModelSpec } from "../protocol/engine.js";
import type { PromptRunner } from "../protocol/run.js";
import { adaptationOf } from "./adaptation.js";
import { fillHoles } from "./fillHoles.js";
import { guidanceOf } from "./guidance.js";
import { loadPrompt } from "./loadPrompt.js";
import type { PromptFiles } from "./promptFiles.js";
import { withTokenCounts } from "./withTokenCounts.js";

export interface PromptRunnerOptions {
  readonly engine: Engine;
  readonly files: PromptFiles;
}

export function createPromptRunner({ engine, files }: PromptRunnerOptions): PromptRunner {
  return {
    async run({ path, text, input = {}, model, sampling = {}, guide, ...request }, onEvent, signal) {
      const { maxTokens, top, begin, adapters: choices = [], adapterFolders: folders = [], confinedTo } = request;
      const load = (count: CountTokens) => loadPrompt({ path, text, input, files, guide, count });
      const prompt = await withTokenCounts({ engine, model }, load, onEvent, signal);
      if (prompt.needsVision) await checkVision(engine, model, signal);
      const places = { path, folders, confinedTo, files };
      const adaptation = adaptationOf({ ...places, said: withVectors(prompt.adapters, prompt.guide), choices });
      const guidance = guidanceOf(prompt.guide, { ...places, model });
      const limits = {
        sampling,
        ...(maxTokens !== undefined && { maxTokens }),
        ...(top !== undefined && { top }),
        ...(begin && { begin }),
        ...(guidance && { guidance }),
        attention: request.attention ?? prompt.attention,
        promptLookup: request.promptLookup ?? prompt.promptLookup,
      };
      return fillHoles({ ...prompt, ...limits, engine, model, adaptation }, onEvent, signal);
    },
    async adaptation({ path, text, adapterFolders: folders = [], confinedTo }, _onEvent, signal) {
      signal.throwIfAborted();
      const frontMatter = readFrontMatter(text);
      const said = withVectors(readAdapters(frontMatter), readGuide(frontMatter).guide);
      return adaptationOf({ path, said, choices: [], folders, confinedTo, files });
    },
  };
}

/** Control vectors are adapters to the engine. */
function withVectors<T extends Pick<ReadAdapters, "adapters">>(said: T, { vectors }: PromptGuide): T {
  return vectors.length === 0 ? said : { ...said, adapters: [...said.adapters, ...vectors] };
}

async function checkVision(engine: Engine, model: ModelSpec, signal: AbortSignal): Promise<void> {
  const { facts } = await engine.load({ model }, () => undefined, signal);
  if (facts.vision !== undefined) return;
  throw new TillerError(
    "prompt-invalid",
    `The prompt requires a model that reads pictures (\`tiller.requires\`), and ${facts.name} reads text only. Choose ` +
      "one with a vision part (an mmproj file beside it).",
  );
}
