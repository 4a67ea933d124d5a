/** Which vision part belongs to a model: the one that is named, or else the one that lies beside it and fits. Reads heads only. */

import { basename, dirname } from "node:path";

import { TillerError } from "../../base/error.js";
import { sharedLength } from "../../base/sharedLength.js";
import type { ModelFacts } from "../../protocol/engine.js";
import type { GgufMetadata } from "../gguf/metadata.js";
import { openFileAlone } from "../gguf/modelFile.js";
import { visionFilesIn } from "../modelFolder.js";
import { AROUND_TOKEN, IMAGE_TOKEN } from "./imageText.js";
import { readVisionShape, type VisionShape } from "./visionShape.js";
import { visionBytes } from "./visionBytes.js";

/** A vision part, by the head of its file. */
export interface VisionPart {
  readonly path: string;
  readonly shape: VisionShape;
  /** What its weights take in memory, by precision. */
  readonly bytes: { readonly fast: number; readonly exact: number };
}

export type FoundVision =
  | { readonly kind: "part"; readonly part: VisionPart }
  /** There is none; `why` says what is wrong with those that are there, and is empty where there are none. */
  | { readonly kind: "none"; readonly why: string };

export type ReadPart = (path: string) => Promise<VisionPart>;

export interface ModelWithVision {
  readonly path: string;
  readonly hiddenSize: number;
  /** Whether it has tokens for pictures (`hasPictureTokens`). */
  readonly hasTokens: boolean;
}

/** Whether a model was made to read pictures, of whatever size: its vocabulary has the marks for them. */
export function hasPictureTokens(metadata: GgufMetadata): boolean {
  const list = "tokenizer.ggml.tokens";
  const tokens = (metadata.isList(list) && metadata.texts(list)) || [];
  return tokens.includes(IMAGE_TOKEN) && tokens.includes(AROUND_TOKEN);
}

/** What is told of a model's vision part. */
export function visionFacts(found: FoundVision): Pick<ModelFacts, "vision"> {
  if (found.kind === "none") return {};
  const { path, shape } = found.part;
  return { vision: { projector: path, tileSize: shape.tileSize, tileTokens: shape.tileTokens } };
}

/** Rejects with what is wrong with the file that is named; what lies beside the model may be anything. */
export async function findVisionPart(
  model: ModelWithVision,
  named?: string,
  readPart: ReadPart = readVisionPart,
): Promise<FoundVision> {
  if (named !== undefined) {
    const part = await readPart(named);
    const misfit = whyUnfit(part, model);
    if (misfit === undefined) return { kind: "part", part };
    throw new TillerError("model-unsupported", `${misfit}. Name the vision part that came with the model.`);
  }
  if (!model.hasTokens) return { kind: "none", why: "" };
  const fitting: VisionPart[] = [];
  const reasons: string[] = [];
  for (const path of visionFilesIn(dirname(model.path))) {
    const found = await readOrReason(path, readPart);
    const misfit = typeof found === "string" ? found : whyUnfit(found, model);
    if (misfit === undefined) fitting.push(found as VisionPart);
    else reasons.push(misfit);
  }
  const best = mostAlike(fitting, model.path);
  if (best.length === 1) return { kind: "part", part: best[0]! };
  if (best.length === 0) {
    const missing = `It was made to read pictures, and there is no vision part for it in ${dirname(model.path)}`;
    const all = reasons.length === 0 ? [missing] : reasons;
    return { kind: "none", why: all.map((it) => `${it.replace(/\.$/, "")}.`).join(" ") };
  }
  const names = best.map((it) => basename(it.path)).join(", ");
  const why = `Several vision parts fit it alike (${names}): name the one to use, or leave only one of them beside the model.`;
  return { kind: "none", why };
}

/** Rejects with what is wrong with the file. */
export async function readVisionPart(path: string): Promise<VisionPart> {
  const file = await openFileAlone(path);
  try {
    const shape = readVisionShape(file);
    const bytes = { fast: visionBytes(file, shape, "fast"), exact: visionBytes(file, shape, "exact") };
    return { path, shape, bytes };
  } finally {
    file.close();
  }
}

async function readOrReason(path: string, readPart: ReadPart): Promise<VisionPart | string> {
  try {
    return await readPart(path);
  } catch (error) {
    if (error instanceof TillerError) return error.message;
    throw error;
  }
}

function whyUnfit(
  { path, shape }: VisionPart,
  { hiddenSize, hasTokens, path: model }: ModelWithVision,
): string | undefined {
  if (!hasTokens) return `${basename(model)} has no tokens for pictures (${IMAGE_TOKEN}), so ${path} is not its own`;
  if (shape.outputSize === hiddenSize) return undefined;
  return `${path} makes vectors of ${shape.outputSize} numbers, and ${basename(model)} takes ${hiddenSize}`;
}

/** Those whose names, without "mmproj", share the longest beginning with the model's. */
function mostAlike(parts: readonly VisionPart[], model: string): readonly VisionPart[] {
  const shared = parts.map((it) => sharedLength(plainName(it.path), plainName(model)));
  const most = Math.max(...shared);
  return parts.filter((_, i) => shared[i] === most);
}

function plainName(path: string): string {
  return basename(path)
    .toLowerCase()
    .replace(/\.gguf$/, "")
    .replace(/^mmproj[-_.]*/, "")
    .replace(/[-_.]*mmproj/, "");
}
