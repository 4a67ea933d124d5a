/** How likely the model finds a text, token by token: the window into the engine. */

import { TillerError } from "../../base/error.js";
import type { ScoreRequest, ScoreResult, ScoredToken } from "../../protocol/engine.js";
import type { Lease } from "../cache/prefixCache.js";
import type { LoadedModel } from "../loadedModel.js";
import { openReader, type Reader } from "../reader.js";
import { likeliest, logSumExp } from "./likeliest.js";
import { logitRows } from "./logitRows.js";
import { openPictures, type OpenPictures } from "./openPictures.js";
import { checkFits, encodePrompt } from "./promptIds.js";
import { requestVisibility } from "./requestVisibility.js";
import { tokenText } from "./tokenText.js";

const DEFAULT_TOP = 5;
const MOST_TOP = 256;
/** Logits of this many positions are held at once: 64 of the embedded model are 12 MB. */
const PIECE = 64;
/** No token: what begins with it is in no cache. */
const UNKNOWN = -Infinity;

export async function score(model: LoadedModel, request: ScoreRequest, signal: AbortSignal): Promise<ScoreResult> {
  const top = request.top ?? DEFAULT_TOP;
  if (!Number.isInteger(top) || top < 0 || MOST_TOP < top) {
    throw new TillerError("usage", `"top" is a whole number from 0 to ${MOST_TOP}, not ${top}.`);
  }
  const pictures = openPictures(model, [request.prompt]);
  try {
    return await scoreWith(pictures, model, request, top, signal);
  } finally {
    pictures.release();
  }
}

async function scoreWith(
  pictures: OpenPictures,
  model: LoadedModel,
  request: ScoreRequest,
  top: number,
  signal: AbortSignal,
): Promise<ScoreResult> {
  const { ids, images } = encodePrompt(model, request.prompt, { addGenerationPrompt: false, pictures });
  const visibility = requestVisibility(model, request, pictures);
  const reader = await openReader(model, { ...request, visibility });
  const { virtualIds } = reader;
  try {
    if (visibility?.endlessSinks === undefined) checkFits(virtualIds.length + ids.length, model, images);
    if (!(await pictures.read(signal))) signal.throwIfAborted();
    // Always read from the beginning: every position's logits are needed, and none of them is in the cache.
    const lease = reader.lease([...virtualIds.slice(0, reader.adapted?.prefixTokens ?? 0), UNKNOWN]);
    try {
      const soft = virtualIds.slice(lease.cache.length);
      if (0 < soft.length) await reader.read(lease.cache, soft, []);
      lease.appended(soft);
      return await scoreFrom(model, reader, lease, ids, top, signal);
    } finally {
      lease.release();
    }
  } finally {
    reader.release();
  }
}

async function scoreFrom(
  { tokenizer, tokenOf }: LoadedModel,
  reader: Reader,
  lease: Lease,
  ids: readonly number[],
  top: number,
  signal: AbortSignal,
): Promise<ScoreResult> {
  const logprobs: (number | null)[] = ids.length === 0 ? [] : [null];
  const tops: ScoredToken[][] = [];
  for (let from = 0; from < ids.length; from += PIECE) {
    signal.throwIfAborted();
    const piece = ids.slice(from, from + PIECE);
    const logits = await reader.read(
      lease.cache,
      piece,
      piece.map((_, i) => i),
    );
    lease.appended(piece);
    for (const [i, row] of logitRows(logits, piece.length).entries()) {
      const total = logSumExp(row);
      const next = ids[from + i + 1];
      if (next !== undefined) logprobs.push(row[tokenOf(next)]! - total);
      tops.push(likeliest(row, top).map((id) => ({ id, token: tokenText(tokenizer, id), logprob: row[id]! - total })));
    }
  }
  const known = logprobs.filter((it) => it !== null);
  const mean = known.reduce((sum, it) => sum + it, 0) / known.length;
  const tokens = ids.map(tokenOf);
  return {
    ids: tokens,
    tokens: tokens.map((it) => tokenText(tokenizer, it)),
    logprobs,
    top: tops,
    perplexity: known.length === 0 ? null : Math.exp(-mean),
  };
}
