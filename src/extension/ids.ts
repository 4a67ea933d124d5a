/** The names that the manifest and the code share. A test compares them with package.json. */

export const languageId = "dotprompt";

export const commandIds = {
  runPrompt: "tiller.runPrompt",
  test: "tiller.test",
  newPrompt: "tiller.newPrompt",
  preview: "tiller.preview",
  addExample: "tiller.addExample",
  generateWithGuidance: "tiller.generateWithGuidance",
  ghostSnooze: "tiller.ghostText.snooze",
  ghostCounts: "tiller.ghostText.showCounts",
  loadModel: "tiller.models.load",
  unloadModel: "tiller.models.unload",
  useModel: "tiller.models.use",
  pullModel: "tiller.models.pull",
  revealModel: "tiller.models.reveal",
  deleteModel: "tiller.models.delete",
  refreshModels: "tiller.models.refresh",
  useAdapter: "tiller.adapters.use",
  scaleAdapter: "tiller.adapters.setScale",
  raiseAdapter: "tiller.adapters.raise",
  lowerAdapter: "tiller.adapters.lower",
  removeAdapter: "tiller.adapters.remove",
  revealAdapter: "tiller.adapters.reveal",
  addAdapterFolder: "tiller.adapters.addFolder",
  refreshAdapters: "tiller.adapters.refresh",
  runSteered: "tiller.steering.run",
  writeSteering: "tiller.steering.write",
  resetSteering: "tiller.steering.reset",
  compareSteering: "tiller.steering.compare",
  compare: "tiller.compare",
  compareInEditor: "tiller.compare.openInEditor",
  compareExport: "tiller.compare.export",
  compareRun: "tiller.compare.run",
  compareStop: "tiller.compare.stop",
  compareVoteLeft: "tiller.compare.voteLeft",
  compareVoteRight: "tiller.compare.voteRight",
  compareVoteTie: "tiller.compare.voteTie",
  compareVoteBothBad: "tiller.compare.voteBothBad",
  compareNextPair: "tiller.compare.nextPair",
  compareUndoVote: "tiller.compare.undoVote",
  compareNextInput: "tiller.compare.nextInput",
  comparePreviousInput: "tiller.compare.previousInput",
  compareNextSeed: "tiller.compare.nextSeed",
  comparePreviousSeed: "tiller.compare.previousSeed",
  compareDiff: "tiller.compare.toggleDiff",
  compareBlind: "tiller.compare.toggleBlind",
  cancel: "tiller.cancel",
  showEngineLog: "tiller.showEngineLog",
  restartEngine: "tiller.restartEngine",
} as const;

/** Commands that stand above a prompt as code lenses. */
export const lensCommands: readonly string[] = [
  commandIds.runPrompt,
  commandIds.preview,
  commandIds.test,
  commandIds.compare,
];

/** Commands of the status bar only: they are in no menu, so the manifest does not have them. */
export const internalCommandIds = {
  engineActions: "tiller.engineActions",
  ghostAccepted: "tiller.ghostText.accepted",
  ghostActions: "tiller.ghostText.actions",
} as const;

export const settingIds = {
  model: "tiller.model",
  precision: "tiller.precision",
  contextTokens: "tiller.contextTokens",
  threads: "tiller.threads",
  maxTokens: "tiller.generate.maxTokens",
  temperature: "tiller.generate.temperature",
  ghostLanguages: "tiller.ghostText.languages",
  ghostExclude: "tiller.ghostText.exclude",
  adapterFolders: "tiller.adapters.folders",
  guideAvoid: "tiller.guide.avoid",
  guideBias: "tiller.guide.bias",
  modelFolders: "tiller.models.folders",
  modelOptions: "tiller.models.options",
  unloadAfterMinutes: "tiller.unloadAfterMinutes",
  device: "tiller.device",
  compareKeep: "tiller.compare.keep",
} as const;

/** True while something runs that `tiller.cancel` would end. */
export const generatingContextKey = "tiller.generating";

/** The tree of models. */
export const modelViewId = "tiller.models";

/** The tree of adapters. */
export const adapterViewId = "tiller.adapters";

/** The steering panel. */
export const steeringViewId = "tiller.steering";

/** Scheme of the documents that show what a run wrote. */
export const outputScheme = "tiller-output";

/** The type of the preview's webview panel. */
export const previewViewType = "tiller.preview";

/** The Compare view in the side bar, and the type of the same page as an editor tab. */
export const compareViewId = "tiller.compareView";
export const compareViewType = "tiller.compareEditor";

/** True while there are outputs to look at, and while some are written. */
export const compareContext = { results: "tiller.compare.hasResults", running: "tiller.compare.running" } as const;
