// Votes as a person casts them, with a store that is slow, broken, or read by two windows: what the pages are told, and when.

import assert from "node:assert/strict";
import { test } from "node:test";

import { silentLog } from "../../../src/base/log.js";
import { CompareBoard, noMemory } from "../../../src/extension/compare/compareBoard.js";
import { ComparisonVotes, type VoteServices } from "../../../src/extension/compare/comparisonVotes.js";
import type { Vote } from "../../../src/protocol/compare.js";
import type { CompareViewState } from "../../../src/protocol/compareView.js";
import { finished, ratings } from "./sample.js";

interface Kept {
  readonly votes: Vote[];
  /** Each write waits for it. */
  disk: Promise<void>;
  /** Each reading of votes waits for it, with what it has read. */
  reading: Promise<void>;
}

function votesOn(folder: string | undefined = "/w") {
  const kept: Kept = { votes: [], disk: Promise.resolve(), reading: Promise.resolve() };
  const comparer: VoteServices["comparer"] = {
    async vote({ vote }) {
      await kept.disk;
      kept.votes.push(vote);
      return { votes: kept.votes.length };
    },
    async undoVote({ vote }) {
      await kept.disk;
      kept.votes.splice(
        kept.votes.findIndex((it) => it.id === vote),
        1,
      );
      return { votes: kept.votes.length };
    },
    async votes() {
      const votes = [...kept.votes];
      await kept.reading;
      return { votes, warnings: [] };
    },
    ratings: () => Promise.resolve(ratings),
  };
  const states: CompareViewState[] = [];
  const board = new CompareBoard({
    data: finished(),
    memory: noMemory,
    remember: () => undefined,
    placeOf: (uri) => ({ file: uri.replace("file://", ""), folder: folder === "" ? undefined : folder }),
    onResult: () => undefined,
  });
  board.attach((update) => void (update.type === "state" && states.push(update.state)));
  const closing = new AbortController().signal;
  const votes = new ComparisonVotes(board, { comparer, log: silentLog, closing });
  const count = () => board.data.voting.votes.length;
  return { board, votes, kept, count, states };
}

function gate() {
  let open!: () => void;
  let fail!: (error: Error) => void;
  const wait = new Promise<void>((resolve, reject) => ([open, fail] = [resolve, reject]));
  return { wait, open, fail };
}

test("a vote is counted when it is on disk, and not before", async () => {
  const { votes, kept, count, board } = votesOn();
  const disk = gate();
  kept.disk = disk.wait;
  const voting = votes.vote("left");
  assert.deepEqual([count(), board.data.voting.isSaving], [0, true]);
  disk.open();
  await voting;
  assert.deepEqual([count(), board.data.voting.isSaving, board.data.voting.isRevealed], [1, false, true]);
  const [vote] = kept.votes;
  assert.deepEqual([vote!.prompt, vote!.vote], ["hello.prompt", "left"]);
  assert.equal(board.data.ratings, ratings);
});

test("a vote that could not be kept is not counted, says why, and can be cast again", async () => {
  const { votes, kept, count, board } = votesOn();
  kept.disk = Promise.reject(new Error("There is no room on the disk."));
  await votes.vote("right");
  assert.equal(count(), 0);
  assert.equal(board.data.notice?.text, "The vote was not kept. There is no room on the disk.");
  kept.disk = Promise.resolve();
  await votes.vote("right");
  assert.equal(count(), 1);
});

test("a second vote while one is written is no vote", async () => {
  const { votes, kept, count } = votesOn();
  const disk = gate();
  kept.disk = disk.wait;
  const both = [votes.vote("left"), votes.vote("left")];
  disk.open();
  await Promise.all(both);
  assert.deepEqual([count(), kept.votes.length], [1, 1]);
});

test("the last vote is taken back, and stays when that could not be written", async () => {
  const { votes, kept, count, board } = votesOn();
  await votes.vote("tie");
  kept.disk = Promise.reject(new Error("The file is read-only."));
  await votes.undo();
  assert.equal(count(), 1);
  assert.equal(board.data.notice?.text, "The vote was not taken back. The file is read-only.");
  kept.disk = Promise.resolve();
  await votes.undo();
  assert.deepEqual([count(), kept.votes.length], [0, 0]);
  await votes.undo();
  assert.equal(count(), 0, "there is nothing left to take back");
});

test("where no folder is open, a vote says where votes are kept", async () => {
  const { votes, count, board } = votesOn("");
  await votes.vote("left");
  assert.equal(count(), 0);
  assert.match(board.data.notice?.text ?? "", /kept in a folder/);
});

test("votes that were read before another one was cast do not take it away", async () => {
  const { votes, kept, count } = votesOn();
  const reading = gate();
  kept.reading = reading.wait;
  const rating = votes.rate();
  const voting = votes.vote("left");
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(count(), 1);
  reading.open();
  await Promise.all([rating, voting]);
  assert.equal(count(), 1);
});

test("votes of another window are counted here too", async () => {
  const one = votesOn();
  await one.votes.vote("left");
  const other = votesOn();
  other.kept.votes.push(...one.kept.votes);
  await other.votes.rate();
  assert.equal(other.count(), 1);
});

test("ratings that come for a prompt which is no longer shown are not shown", async () => {
  const { votes, board } = votesOn();
  const rating = votes.rate();
  board.take({ ...board.data, uri: "file:///w/other.prompt" });
  await rating;
  assert.equal(board.data.ratings, undefined);
});

test("a page is told every state, each with a higher version; one that is gone is told nothing", async () => {
  const { votes, states, board } = votesOn();
  const gone: unknown[] = [];
  board.attach((it) => void gone.push(it)).dispose();
  await votes.vote("left");
  assert.ok(2 <= states.length);
  assert.deepEqual(
    states.map((it) => it.version),
    states.map((_, i) => states[0]!.version + i),
  );
  assert.deepEqual(gone, []);
});
