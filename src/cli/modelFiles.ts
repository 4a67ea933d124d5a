/** Which models are on this machine, and which of them a name means. */

import { delimiter, join, resolve } from "node:path";

import { TillerError } from "../base/error.js";
import { isFile, isModelPath, modelsIn } from "../engine/modelFolder.js";
import { didYouMean } from "./didYouMean.js";
import type { Terminal } from "./terminal.js";

export interface ModelFile {
  /** The file's name without its ending. */
  readonly name: string;
  readonly path: string;
  /** It comes with Tiller, and is the one that is used when none is named. */
  readonly embedded: boolean;
}

export const EMBEDDED_MODEL = "SmolLM2-135M-Instruct.Q4_1";

export function embeddedModelPath({ root }: Terminal): string {
  return join(root, "models", `${EMBEDDED_MODEL}.gguf`);
}

/** Where models are looked for: the folders in TILLER_MODELS, then `.tiller/models` at home. */
export function modelFolders({ env, home, cwd }: Terminal): string[] {
  const named = (env["TILLER_MODELS"] ?? "").split(delimiter).filter((it) => it !== "");
  return [...named.map((it) => resolve(cwd, it)), join(home, ".tiller", "models")];
}

/** The embedded model first. A folder that is not there holds no models. */
export function listModels(terminal: Terminal): ModelFile[] {
  const embedded = { name: EMBEDDED_MODEL, path: embeddedModelPath(terminal), embedded: true };
  const found = modelFolders(terminal).flatMap((folder) =>
    modelsIn(folder).map((it): ModelFile => ({ ...it, embedded: false })),
  );
  return isFile(embedded.path) ? [embedded, ...found] : found;
}

/** The path that `--model` means: a file, or the name of a model in the list. Without a name, the embedded model. */
export function resolveModel(terminal: Terminal, given: string | undefined): string {
  if (given === undefined || given === "embedded") return embeddedModelPath(terminal);
  const path = resolve(terminal.cwd, given.replace(/^~(?=[/\\])/, terminal.home));
  if (isModelPath(path)) return path;
  const models = listModels(terminal);
  const wanted = given.toLowerCase().replace(/\.gguf$/, "");
  const found = models.find((it) => it.name.toLowerCase() === wanted);
  if (found !== undefined) return found.path;
  const hint = didYouMean(
    given,
    models.map((it) => it.name),
  );
  throw new TillerError(
    "model-not-found",
    `There is no model "${given}": it is no file and no folder in the ONNX layout, and no model of that name is in ${modelFolders(terminal).join(" or ")}.` +
      `${hint} See tiller models list.`,
  );
}
