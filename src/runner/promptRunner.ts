/** Runs `.prompt` files in this process, on whatever engine it is given. */

import { readAdapters } from "../lang/adapters.js";
import { readFrontMatter } from "../lang/frontMatter.js";
import type { CountTokens } from "../lang/shots/selectShots.js";
import type { Engine } from "../protocol/engine.js";
import type { PromptRunner } from "../protocol/run.js";
import { adaptationOf } from "./adaptation.js";
import { fillHoles } from "./fillHoles.js";
import { loadPrompt } from "./loadPrompt.js";
import type { PromptFiles } from "./promptFiles.js";
import { withTokenCounts } from "./withTokenCounts.js";

export interface PromptRunnerOptions {
  readonly engine: Engine;
  readonly files: PromptFiles;
}

export function createPromptRunner({ engine, files }: PromptRunnerOptions): PromptRunner {
  return {
    async run({ path, text, input = {}, model, sampling = {}, ...request }, onEvent, signal) {
      const { maxTokens, top, begin, adapters: choices = [], adapterFolders: folders = [], confinedTo } = request;
      const load = (count: CountTokens) => loadPrompt({ path, text, input, files, count });
      const prompt = await withTokenCounts({ engine, model }, load, onEvent, signal);
      const adaptation = adaptationOf({ path, said: prompt.adapters, choices, folders, confinedTo, files });
      const limits = {
        sampling,
        ...(maxTokens !== undefined && { maxTokens }),
        ...(top !== undefined && { top }),
        ...(begin && { begin }),
        attention: request.attention ?? prompt.attention,
      };
      return fillHoles({ ...prompt, ...limits, engine, model, adaptation }, onEvent, signal);
    },
    async adaptation({ path, text, adapterFolders: folders = [], confinedTo }, _onEvent, signal) {
      signal.throwIfAborted();
      return adaptationOf({ path, said: readAdapters(readFrontMatter(text)), choices: [], folders, confinedTo, files });
    },
  };
}
