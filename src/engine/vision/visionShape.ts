/**
 * What the head of a vision part says (an mmproj file: `general.architecture` is `clip`, keys `clip.vision.*`). One kind is
 * read, that of Idefics3 and SmolVLM (arXiv 2408.12637): a SigLIP tower, a pixel shuffle, one matrix.
 */

import { TillerError } from "../../base/error.js";
import type { GgufMetadata } from "../gguf/metadata.js";
import type { ModelFile } from "../gguf/modelFile.js";

export interface VisionShape {
  /** Side of a tile in pixels: pictures are cut into squares of this size. */
  readonly tileSize: number;
  /** Side of a patch in pixels; the tower sees one vector for each. */
  readonly patchSize: number;
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly normEpsilon: number;
  /** So many patches in a row, and as many rows, become one token. */
  readonly shuffle: number;
  /** Size of the vectors that come out: those of the text model. */
  readonly outputSize: number;
  /** Tokens of one tile. */
  readonly tileTokens: number;
  /** Pixels that the longer side of a picture is resized to, before it is cut into tiles. */
  readonly longestSide: number;
  /** By channel: what is subtracted from pixels of 0 to 1, and what they are divided by then. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** The matrix behind the tower. */
export const PROJECTION = "mm.model.fc.weight";
const KIND = "idefics3";
/** Where a file does not name the longest side: that of Idefics3's own image processor, in tiles. */
const DEFAULT_TILES = 4;

/** Whether a file is the vision part of a model, of whatever kind. */
export function isVisionPart({ metadata }: Pick<ModelFile, "metadata">): boolean {
  return metadata.text("general.architecture") === "clip";
}

/** Throws `model-unsupported` for other kinds of vision parts, `model-corrupt` for impossible numbers. */
export function readVisionShape(file: ModelFile): VisionShape {
  const { metadata, path } = file;
  checkKind(file);
  const key = (name: string) => `clip.vision.${name}`;
  const count = (name: string) => metadata.requiredCount(key(name));
  const corrupt = (what: string) => new TillerError("model-corrupt", `${path}: ${what}. Get the file again.`);
  const [tileSize, patchSize, hiddenSize] = [count("image_size"), count("patch_size"), count("embedding_length")];
  const heads = count("attention.head_count");
  const shuffle = metadata.has(key("projector.scale_factor")) ? count("projector.scale_factor") : 2;
  if (MOST_PIXELS < tileSize) throw corrupt(`its tiles have ${tileSize} pixels a side, more than any model has`);
  if (tileSize % (patchSize * shuffle) !== 0)
    throw corrupt(`tiles of ${tileSize} pixels cannot be cut into patches of ${patchSize}, ${shuffle} by ${shuffle}`);
  if (hiddenSize % heads !== 0) throw corrupt(`vectors of ${hiddenSize} numbers cannot be cut into ${heads} heads`);
  const outputSize = file.tensors.get(PROJECTION)?.shape[1];
  if (outputSize === undefined) throw corrupt(`the tensor "${PROJECTION}" is missing`);
  return {
    ...{ tileSize, patchSize, hiddenSize, heads, shuffle, outputSize },
    feedForwardSize: count("feed_forward_length"),
    layers: count("block_count"),
    normEpsilon: metadata.number(key("attention.layer_norm_epsilon")) ?? 1e-6,
    tileTokens: (tileSize / (patchSize * shuffle)) ** 2,
    longestSide: longestSide(metadata, tileSize),
    mean: channels(metadata, key("image_mean")),
    deviation: channels(metadata, key("image_std")),
  };
}

/** No picture is made larger than this, whatever a file says. */
const MOST_PIXELS = 4096;

function longestSide(metadata: GgufMetadata, tileSize: number): number {
  const key = "clip.vision.preproc_image_size";
  const named = metadata.has(key) ? metadata.requiredCount(key) : DEFAULT_TILES * tileSize;
  return Math.min(named, MOST_PIXELS);
}

function channels(metadata: GgufMetadata, key: string): readonly number[] {
  const values = metadata.numbers(key) ?? [0.5, 0.5, 0.5];
  if (values.length === 3 && values.every((it) => Number.isFinite(it))) return values;
  throw new TillerError("model-corrupt", `The key "${key}" of the vision part should have three numbers.`);
}

function checkKind(file: ModelFile): void {
  const { metadata, path } = file;
  if (!isVisionPart(file)) {
    const message = `${path} is no vision part: its architecture is not "clip". Name an mmproj file, which comes beside the model's own.`;
    throw new TillerError("model-unsupported", message);
  }
  const kind = metadata.text("clip.projector_type") ?? metadata.text("clip.vision.projector_type") ?? "unnamed";
  if (kind !== KIND || metadata.flag("clip.has_vision_encoder") === false) {
    const message =
      `${path} is a vision part of the kind "${kind}", which this version cannot run. ` +
      `It can run those of Idefics3 and SmolVLM ("${KIND}").`;
    throw new TillerError("model-unsupported", message);
  }
  if (metadata.flag("clip.use_gelu") !== false) return;
  throw new TillerError(
    "model-unsupported",
    `${path} has another activation than GELU, which this version cannot run.`,
  );
}
