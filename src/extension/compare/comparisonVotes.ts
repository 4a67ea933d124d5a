/** Votes on what is shown: counted when they are on disk, and not before. */

import { randomUUID } from "node:crypto";

import { messageOf } from "../../base/error.js";
import type { Log } from "../../base/log.js";
import type { Comparer, Vote, VoteChoice } from "../../protocol/compare.js";
import type { CompareBoard } from "./compareBoard.js";
import { currentPair, voteOf, withoutLastVote, withStoredVotes, withVote } from "./voting.js";

export interface VoteServices {
  readonly comparer: Pick<Comparer, "vote" | "undoVote" | "votes" | "ratings">;
  readonly log: Log;
  /** Aborted when the window closes. */
  readonly closing: AbortSignal;
}

export class ComparisonVotes {
  constructor(
    private readonly board: CompareBoard,
    private readonly services: VoteServices,
  ) {}

  async vote(choice: VoteChoice): Promise<void> {
    const { data, kept, promptHash } = this.board;
    const pair = currentPair(data);
    if (pair === undefined || data.uri === undefined || data.voting.isRevealed || data.voting.isSaving) return;
    if (kept === undefined)
      return this.board.say("error", "Votes are kept in a folder. Open the folder of the prompt.");
    const { folder, prompt } = kept;
    const id = randomUUID();
    const vote = voteOf(data, pair, choice, { id, time: new Date().toISOString(), prompt, promptHash });
    if (vote === undefined) return;
    await this.#save("The vote was not kept.", async ({ comparer, closing }) => {
      await comparer.vote({ folder, vote }, () => {}, closing);
      this.board.show(withVote(this.board.data, { id, pair, choice }));
    });
  }

  async undo(): Promise<void> {
    const { data, folder } = this.board;
    const last = data.voting.votes.at(-1);
    if (last === undefined || folder === undefined || data.voting.isSaving) return;
    await this.#save("The vote was not taken back.", async ({ comparer, closing }) => {
      await comparer.undoVote({ folder, vote: last.id }, () => {}, closing);
      this.board.show(withoutLastVote(this.board.data));
    });
  }

  async #save(otherwise: string, save: (services: VoteServices) => Promise<void>): Promise<void> {
    const saving = (isSaving: boolean) => this.board.change({ voting: { ...this.board.data.voting, isSaving } });
    saving(true);
    try {
      await save(this.services);
    } catch (error) {
      saving(false);
      return this.board.say("error", `${otherwise} ${messageOf(error)}`);
    }
    await this.rate();
  }

  /** On a comparison, from whatever window; undefined where they cannot be read, and then more pairs are offered. */
  async stored(comparison: string): Promise<readonly Vote[] | undefined> {
    const { folder } = this.board;
    if (folder === undefined) return undefined;
    const { comparer, closing, log } = this.services;
    try {
      return (await comparer.votes({ folder, comparison }, () => {}, closing)).votes;
    } catch (error) {
      log.write("warn", `which pairs were voted on is not known: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Reads what all votes say now. */
  async rate(): Promise<void> {
    const { board } = this;
    const { kept } = board;
    if (kept === undefined) return;
    const { uri, folder, prompt } = kept;
    const comparison = board.data.result?.id;
    const { votes: before } = board.data.voting;
    const stored = comparison === undefined ? undefined : await this.stored(comparison);
    const { isSaving, votes: now } = board.data.voting;
    // What was read may lack a vote that was cast meanwhile; that one reads them anew.
    if (stored !== undefined && board.data.result?.id === comparison && now === before && !isSaving)
      board.show(withStoredVotes(board.data, stored));
    const ratings = await this.services.comparer.ratings({ folder, prompt }, () => {}, this.services.closing);
    if (board.data.uri === uri) board.change({ ratings });
  }
}
