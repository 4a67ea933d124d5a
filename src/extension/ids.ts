/** The names that the manifest and the code share. A test compares them with package.json. */

export const languageId = "dotprompt";

export const commandIds = {
  runPrompt: "tiller.runPrompt",
  generateWithGuidance: "tiller.generateWithGuidance",
  cancel: "tiller.cancel",
  showEngineLog: "tiller.showEngineLog",
  restartEngine: "tiller.restartEngine",
} as const;

/** Commands that stand above a prompt as code lenses. */
export const lensCommands: readonly string[] = [commandIds.runPrompt];

/** Commands of the status bar only: they are in no menu, so the manifest does not have them. */
export const internalCommandIds = {
  engineActions: "tiller.engineActions",
} as const;

export const settingIds = {
  model: "tiller.model",
  precision: "tiller.precision",
  contextTokens: "tiller.contextTokens",
  threads: "tiller.threads",
  maxTokens: "tiller.generate.maxTokens",
  temperature: "tiller.generate.temperature",
} as const;

/** True while something runs that `tiller.cancel` would end. */
export const generatingContextKey = "tiller.generating";

/** Scheme of the documents that show what a run wrote. */
export const outputScheme = "tiller-output";
