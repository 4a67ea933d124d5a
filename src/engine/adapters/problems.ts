/** What can be wrong with an adapter, in the same words for every format. */

import { TillerError } from "../../base/error.js";
import type { AdaptedModel } from "./adapter.js";

/** Wider ones cost more than the model itself. */
export const MOST_RANK = 1024;

export function missingTensor(path: string, name: string): TillerError {
  return new TillerError(
    "adapter-corrupt",
    `${path}: the tensor "${name}" is missing. The adapter is not whole; save or download it again.`,
  );
}

export function unknownTensor(path: string, name: string): TillerError {
  return new TillerError(
    "adapter-unsupported",
    `${path}: the tensor "${name}" belongs to no linear layer that adapters can change here.`,
  );
}

export function unsupported(path: string, what: string): TillerError {
  return new TillerError("adapter-unsupported", `${path} ${what}.`);
}

export interface FoundShape {
  readonly path: string;
  readonly name: string;
  readonly baseModel?: string | undefined;
  readonly found: readonly number[];
  readonly expected: readonly number[];
}

export function wrongShape({ path, name, baseModel, found, expected }: FoundShape, model: AdaptedModel): TillerError {
  return new TillerError(
    "adapter-mismatch",
    `${path} does not fit ${model.names[0]}: "${name}" is [${found}], and the model needs [${expected}].${madeFor(baseModel)}`,
  );
}

export function noSuchLayer(
  path: string,
  layer: number,
  baseModel: string | undefined,
  { shape, names }: AdaptedModel,
): TillerError {
  return new TillerError(
    "adapter-mismatch",
    `${path} does not fit ${names[0]}: it changes layer ${layer}, and the model has the layers 0 to ${shape.layers - 1}.${madeFor(baseModel)}`,
  );
}

export function checkRank(path: string, name: string, rank: number): void {
  if (1 <= rank && rank <= MOST_RANK) return;
  throw unsupported(
    path,
    `has the rank ${rank} at "${name}"; ranks from 1 to ${MOST_RANK} can be run. Make it smaller with: tiller adapters merge --rank`,
  );
}

/** Throws `adapter-mismatch` where names say that the adapter is for a model of another size. */
export function checkBaseModel(path: string, baseModel: string | undefined, { names }: AdaptedModel): void {
  const wanted = sizeIn(baseModel ?? "");
  const sizes = names.map(sizeIn).filter((it) => it !== undefined);
  if (wanted === undefined || sizes.length === 0 || sizes.includes(wanted)) return;
  throw new TillerError(
    "adapter-mismatch",
    `${path} was made for ${baseModel}, and the model is ${names[0]}. Use it with a file of that model.`,
  );
}

/** `SmolLM2-135M-Instruct` -> `135m` */
function sizeIn(name: string): string | undefined {
  return /(?:^|[^a-z0-9])(\d+(?:\.\d+)?[mb])(?![a-z0-9])/.exec(name.toLowerCase())?.[1];
}

function madeFor(baseModel: string | undefined): string {
  return baseModel === undefined ? "" : ` It was made for ${baseModel}.`;
}
