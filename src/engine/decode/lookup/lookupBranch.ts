/**
 * Speculative decoding by prompt lookup: guesses are read together with the token that was written, and stay read as far as
 * the text really goes on with them. Whoever writes is given the logits after each token, as without guesses, so nothing but
 * the time depends on them: not what is drawn, not masks, not penalties (Leviathan et al., arXiv 2211.17192, with a draft
 * that is certain).
 */

import type { LookupUsage, Precision } from "../../../protocol/engine.js";
import type { Reader } from "../../reader.js";
import { logitRows } from "../logitRows.js";
import { createBranch, type PlainBranch } from "../branch.js";
import { createDraftLengths } from "./draftLength.js";
import { createDrafts, type Draft } from "./drafts.js";

export interface LookupOptions {
  readonly precision: Precision;
  readonly vocabularySize: number;
  /** Tokens that may be written: nothing behind them is guessed. */
  readonly limit: number;
}

/** Guesses that were read, with the logits after each of them. */
interface Ahead {
  readonly draft: Draft;
  /** [draft.ids.length, vocabulary] */
  readonly logits: readonly Float32Array[];
  used: number;
}

/** `prompt` begins with the reader's virtual ids. The reader's caches must be able to go back. */
export function lookupBranch(
  reader: Reader,
  prompt: readonly number[],
  { precision, vocabularySize, limit }: LookupOptions,
): PlainBranch {
  const branch = createBranch(reader, prompt);
  const { lease } = branch;
  const lengths = createDraftLengths(precision);
  const drafts = createDrafts((id) => 0 <= id && id < vocabularySize);
  drafts.add(prompt);
  let length = prompt.length;
  let ahead: Ahead | undefined;
  let [drafted, accepted, steps] = [0, 0, 0];

  function takeAhead(ids: readonly number[]): Float32Array | undefined {
    if (ids.length !== 1 || ahead === undefined || ahead.draft.ids[ahead.used] !== ids[0]) return undefined;
    accepted++;
    return ahead.logits[ahead.used++];
  }

  /** Forgets the guesses that were wrong, and learns from all of them. */
  function dropAhead(): void {
    if (ahead === undefined) return;
    lengths.learn(ahead.draft.end, ahead.draft.ids.length, ahead.used);
    ahead = undefined;
    lease.cache.truncate(length);
  }

  async function read(ids: readonly number[]): Promise<Float32Array> {
    const room = Math.min(lease.cache.room - ids.length, limit - (length + ids.length - prompt.length) - 1);
    const draft = drafts.next((end) => Math.min(room, lengths.best(end, length)));
    const guesses = draft?.ids ?? [];
    const step = [...ids, ...guesses];
    const rows = step.map((_, i) => i).slice(ids.length - 1);
    const all = await reader.read(lease.cache, step, rows);
    steps++;
    drafted += guesses.length;
    const [first, ...others] = logitRows(all, rows.length);
    if (draft !== undefined) ahead = { draft, logits: others, used: 0 };
    return first!;
  }

  return {
    ...branch,
    async append(ids) {
      drafts.add(ids);
      let logits = takeAhead(ids);
      if (logits === undefined) {
        dropAhead();
        logits = await read(ids);
      }
      lease.appended(ids);
      length += ids.length;
      return logits;
    },
    lookup: (): LookupUsage => ({ draftedTokens: drafted, acceptedTokens: accepted, steps }),
  };
}
