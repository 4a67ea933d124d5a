// Ratings: against an independent fit, against known truths, and where votes say too little.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fitDavidson, outcomeOdds, RIDGE } from "../../src/compare/davidson.js";
import { seeded, type Random } from "../../src/compare/draw.js";
import { MIDDLE, POINTS, rateVotes, votesMissing } from "../../src/compare/rate.js";
import { countVotes, withoutOrder } from "../../src/compare/voteCounts.js";
import type { Vote } from "../../src/protocol/compare.js";
import { referenceFit, type PlainVote } from "./referenceFit.js";
import { times, vote } from "./votes.js";

const names = ["a", "b", "c", "d", "e"];
const choices = ["left", "right", "tie"] as const;

test("strengths are those of an independent fit within 1e-6, on 200 random sets of votes", () => {
  const random = seeded(7);
  let worst = 0;
  for (let round = 0; round < 200; round++) {
    const count = 2 + Math.floor(random() * 4);
    const truth = Array.from({ length: count }, () => 2 * random() - 1);
    const drawn = drawVotes(random, truth, 5 + Math.floor(random() * 60), 2 * random() - 1.5);
    const counts = countVotes(drawn.map(toVote));
    const known = counts.variants.length;
    const fit = fitDavidson(withoutOrder(counts.shown), { count: known, position: "none" });
    const index = new Map(counts.variants.map(({ key }, i) => [names.indexOf(key), i]));
    const renamed = drawn.map((it) => ({ ...it, left: index.get(it.left)!, right: index.get(it.right)! }));
    const reference = referenceFit(renamed, known, RIDGE);
    worst = Math.max(worst, Math.abs(fit.tie - reference.tie));
    for (let i = 0; i < known; i++) worst = Math.max(worst, Math.abs(fit.strengths[i]! - reference.strengths[i]!));
  }
  assert.ok(worst <= 1e-6, `the largest difference is ${worst}`);
  assert.notEqual(worst, 0);
});

test("95 % intervals hold the truth in 93 to 97 % of 1,000 simulated sets of votes", () => {
  const random = seeded(11);
  const truth = [0.6, 0.1, -0.2, -0.5];
  let held = 0;
  let all = 0;
  for (let round = 0; round < 1000; round++) {
    // Not blind: the effect of the order would be fitted too, and is another matter.
    const votes = drawVotes(random, truth, 150, -0.7).map((it) => ({ ...toVote(it), blind: false }));
    const { variants } = rateVotes(votes, { seed: round, resamples: 400 });
    for (const { key, interval } of variants) {
      const rating = MIDDLE + POINTS * truth[names.indexOf(key)]!;
      all++;
      if (interval[0] <= rating && rating <= interval[1]) held++;
    }
  }
  const part = held / all;
  assert.ok(0.93 <= part && part <= 0.97, `the intervals held the truth in ${(100 * part).toFixed(2)} % of ${all}`);
});

test("a side that wins every vote is rated finitely, and is said to be separated", () => {
  const ratings = rateVotes(times(10, () => vote("a", "b", "left")));
  assert.deepEqual(ratings.separated, [["a"], ["b"]]);
  assert.deepEqual(ratings.groups, [["a", "b"]]);
  const [a, b] = ratings.variants;
  assert.equal(a!.key, "a");
  for (const it of [a!, b!]) assert.ok([it.rating, ...it.interval].every(Number.isFinite), JSON.stringify(it));
  assert.ok(200 < a!.rating - b!.rating && a!.rating - b!.rating < 3000, `${a!.rating - b!.rating} points`);
  assert.ok(Math.abs(a!.rating + b!.rating - 2 * MIDDLE) < 1e-6);
  // Ten of ten leaves it open by how much: from a little to a lot.
  assert.ok(200 < a!.interval[1] - a!.interval[0], JSON.stringify(a!.interval));
});

test("one vote the other way, or one tie, ends a separation", () => {
  const wins = times(10, () => vote("a", "b", "left"));
  assert.deepEqual(rateVotes([...wins, vote("a", "b", "right")]).separated, []);
  assert.deepEqual(rateVotes([...wins, vote("b", "a", "tie")]).separated, []);
});

test("variants that no vote links are groups with the same mean", () => {
  const votes = [
    ...times(6, () => vote("a", "b", "left")),
    ...times(3, () => vote("b", "a", "left")),
    ...times(4, () => vote("c", "d", "right")),
    ...times(3, () => vote("c", "d", "left")),
  ];
  const { groups, variants, open } = rateVotes(votes);
  assert.deepEqual(groups, [
    ["a", "b"],
    ["c", "d"],
  ]);
  for (const group of [0, 1]) {
    const ratings = variants.filter((it) => it.group === group).map((it) => it.rating);
    assert.ok(Math.abs(ratings[0]! + ratings[1]! - 2 * MIDDLE) < 1e-6);
  }
  // Nothing is asked for across groups, where no vote could be missing "between" what was never shown together.
  assert.deepEqual(
    open.map((it) => [it.a, it.b].sort().join(" ")).filter((it) => it !== "a b" && it !== "c d"),
    [],
  );
});

test("both bad moves ratings as a tie does, and is counted by itself", () => {
  const some = [...times(5, () => vote("a", "b", "left")), ...times(2, () => vote("a", "b", "right"))];
  const tied = rateVotes([...some, ...times(4, () => vote("a", "b", "tie"))]);
  const bad = rateVotes([...some, ...times(4, () => vote("a", "b", "both-bad"))]);
  assert.deepEqual(
    bad.variants.map((it) => it.rating),
    tied.variants.map((it) => it.rating),
  );
  assert.deepEqual([tied.ties, tied.bothBad, bad.ties, bad.bothBad], [4, 0, 0, 4]);
  assert.equal(bad.variants[0]!.bothBad, 4);
});

test("no votes are no ratings", () => {
  const { variants, votes, open, groups, position } = rateVotes([]);
  assert.deepEqual(
    { variants, votes, open, groups, position },
    { variants: [], votes: 0, open: [], groups: [], position: undefined },
  );
});

test("a place that draws votes is noticed, and one that does not is not", () => {
  const random = seeded(3);
  const drawn = (advantage: number) =>
    Array.from({ length: 400 }, () => {
      const [left, right] = random() < 0.5 ? ["a", "b"] : ["b", "a"];
      const odds = outcomeOdds((left === "a" ? 0.3 : -0.3) + advantage, -1);
      const coin = random();
      return vote(left!, right!, coin < odds.win ? "left" : coin < odds.win + odds.loss ? "right" : "tie");
    });
  const biased = rateVotes(drawn(0.8)).position!;
  assert.ok(
    biased.matters && biased.interval[0] <= POINTS * 0.8 && POINTS * 0.8 <= biased.interval[1],
    JSON.stringify(biased),
  );
  assert.equal(rateVotes(drawn(0)).position!.matters, false);
});

test("of votes that were not blind, and of pairs that were shown one way only, no effect of the place is claimed", () => {
  assert.equal(rateVotes(times(30, () => vote("a", "b", "left"))).position, undefined);
  const open = [
    ...times(30, () => vote("a", "b", "left", { blind: false })),
    ...times(9, () => vote("b", "a", "left", { blind: false })),
  ];
  assert.equal(rateVotes(open).position, undefined);
});

test("the votes that are said to be missing tell two variants apart in about half of the cases", () => {
  // By then the interval's end is expected to stand at 0, on one side or the other of it.
  const random = seeded(5);
  const start = times(30, () => vote("a", "b", "left")).concat(times(22, () => vote("b", "a", "left")));
  const missing = rateVotes(start).open[0]!.votesMissing!;
  const { strengths, tie } = fitDavidson(withoutOrder(countVotes(start).shown), { count: 2, position: "none" });
  const odds = outcomeOdds(strengths[0]! - strengths[1]!, tie);
  let told = 0;
  for (let round = 0; round < 200; round++) {
    const more = times(missing, () => vote("a", "b", random() < odds.win / (odds.win + odds.loss) ? "left" : "right"));
    if (rateVotes([...start, ...more], { seed: round, resamples: 300 }).open.length === 0) told++;
  }
  assert.ok(70 <= told && told <= 130, `${told} of 200 after ${missing} votes`);
  assert.equal(votesMissing(1e-6, 1, 0), undefined);
});

test("a seed gives the same intervals again, and another seed others", () => {
  const votes = [...times(9, () => vote("a", "b", "left")), ...times(4, () => vote("b", "a", "left"))];
  const intervals = (seed: number) => rateVotes(votes, { seed }).variants.map((it) => it.interval);
  assert.deepEqual(intervals(1), intervals(1));
  assert.notDeepEqual(intervals(1), intervals(2));
});

test("prompts are rated by themselves where there are several", () => {
  const votes = [
    ...times(5, () => vote("a", "b", "left")),
    ...times(5, () => vote("a", "b", "right", { prompt: "b.prompt" })),
    vote("a", "b", "tie"),
    vote("a", "b", "tie", { prompt: "b.prompt" }),
  ];
  const { prompts } = rateVotes(votes);
  assert.deepEqual(
    prompts.map((it) => [it.prompt, it.votes, it.variants[0]!.key]),
    [
      ["a.prompt", 6, "a"],
      ["b.prompt", 6, "b"],
    ],
  );
});

function toVote({ left, right, outcome }: PlainVote): Vote {
  return vote(names[left]!, names[right]!, choices[outcome]);
}

function drawVotes(random: Random, truth: readonly number[], count: number, tie: number): PlainVote[] {
  return Array.from({ length: count }, () => {
    const left = Math.floor(random() * truth.length);
    const right = (left + 1 + Math.floor(random() * (truth.length - 1))) % truth.length;
    const odds = outcomeOdds(truth[left]! - truth[right]!, tie);
    const coin = random();
    return { left, right, outcome: coin < odds.win ? 0 : coin < odds.win + odds.loss ? 1 : 2 };
  });
}
