// What a running comparison, the setup and votes change, and what the page is told of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { diffComparisons } from "../../../src/compare/diffComparisons.js";
import { startCompare, textOf, type CompareData } from "../../../src/extension/compare/compareData.js";
import { firstSetup } from "../../../src/extension/compare/firstSetup.js";
import { judgesOf } from "../../../src/extension/compare/judges.js";
import { chosenInputs } from "../../../src/extension/compare/inputChoice.js";
import { withCompareEvent, withFailure, withResult, withStart } from "../../../src/extension/compare/runEvents.js";
import {
  fileOfSetup,
  labelOf,
  restoredSetup,
  seedsOf,
  setupOfFile,
  startSetup,
  variantsOf,
  whatOf,
  withSetupAction,
} from "../../../src/extension/compare/setup.js";
import { storedRequest } from "../../../src/extension/compare/storedRequest.js";
import { placesOf } from "../../../src/protocol/cellPlace.js";
import { runProblem, timeText, viewState } from "../../../src/extension/compare/viewState.js";
import {
  currentPair,
  openPairs,
  pairKey,
  voteOf,
  withNextPair,
  withOtherPair,
  withoutLastVote,
  withPairOf,
  withStep,
  withStoredVotes,
  withVote,
} from "../../../src/extension/compare/voting.js";
import type { VoteChoice } from "../../../src/protocol/compare.js";
import type { CompareViewAction, CompareViewState } from "../../../src/protocol/compareView.js";
import {
  allCells,
  finished,
  finishedCell,
  inputs,
  judgedResult,
  ratings,
  result,
  seeds,
  started,
  variants,
} from "./sample.js";

const today = new Date("2026-05-03T18:00:00.000Z");
const view = (data: CompareData): CompareViewState => viewState(data, 1, today);
const vote = (data: CompareData, choice: VoteChoice, id = "v1") =>
  withVote(data, { id, pair: currentPair(data)!, choice });

// ------------------------------------------------------------------------------------------------ runs

test("texts stream into their cells, part by part, and what was told before a restart does not count", () => {
  const cell = { variant: "b", input: 0, repeat: 0 };
  let data = withCompareEvent(withStart(startCompare()), started);
  data = withCompareEvent(data, { type: "writing", cells: [cell] });
  for (const it of ["Re", "ply: "]) data = withCompareEvent(data, { type: "text", cell, text: it });
  for (const it of ["Ar", "r"]) data = withCompareEvent(data, { type: "text", cell, text: it, hole: "reply" });
  const [a, b, c] = view(data).results!.cards;
  assert.equal(a!.state, "waiting");
  assert.equal(b!.state, "writing");
  assert.deepEqual(b!.parts, [{ kind: "file", text: "Reply: " }, { kind: "model", text: "Arr" }]); // prettier-ignore
  assert.equal(c!.state, "waiting");
  data = withCompareEvent(data, { type: "restarted", cell, reason: "invalid" });
  assert.deepEqual(view(data).results!.cards[1]!.parts, []);
});

test("progress says how many, how fast, how long still, and what is waited for", () => {
  let data = withCompareEvent(withStart(startCompare()), started);
  data = withCompareEvent(data, { type: "loading", fraction: 0.4, model: "m", variants: ["a"] } as never);
  const { run } = view(data);
  assert.ok(run.kind === "running");
  assert.deepEqual([run.total, run.waiting], [12, "Loading m, 40 %"]);
  data = withCompareEvent(data, {
    type: "progress",
    done: 5,
    failed: 1,
    total: 12,
    tokensPerSecond: 41.2,
    leftMs: 70_000,
  });
  data = withCompareEvent(data, { type: "writing", cells: [] });
  assert.deepEqual(view(data).run, { kind: "running", done: 5, failed: 1, total: 12, tokensPerSecond: 41.2, leftMs: 70_000, waiting: undefined }); // prettier-ignore
});

test("a variant that fails says why in its card and leaves the others alone", () => {
  const failed = { variant: "c", input: 0, repeat: 0, seed: 42, output: [], status: "failed", code: "adapter-corrupt", message: "It does not fit." } as const; // prettier-ignore
  const cells = allCells().map((it) => (it.variant === "c" && it.input === 0 && it.repeat === 0 ? failed : it));
  const state = view(finished(cells));
  assert.deepEqual(state.results!.cards.map((it) => [it.state, it.problem]), [["finished", undefined], ["finished", undefined], ["failed", "It does not fit."]]); // prettier-ignore
  assert.deepEqual(state.run, { kind: "done", done: 11, failed: 1, total: 12, ms: 108_000, stopped: false, time: timeText("2026-05-03T14:02:00.000Z", today) }); // prettier-ignore
  assert.equal(state.results!.vote!.kind, "open", "what worked can be voted on");
});

test("when nothing could be run, the reason is said and an older result stays", () => {
  const state = view(withFailure(finished(), "There is no model."));
  assert.deepEqual(state.run, { kind: "failed", message: "There is no model." });
  assert.equal(state.results!.cards.length, 3);
});

test("running one cell again keeps the others and the votes", () => {
  const voted = vote(finished(), "left");
  let data = withCompareEvent(withStart(voted), { ...started, total: 1 } as typeof started);
  assert.equal(view(data).results!.cards[0]!.state, "finished");
  assert.equal(data.voting.votes.length, 1);
  data = withResult(data, result());
  assert.equal(data.voting.votes.length, 1);
});

test("another comparison begins without the votes of the one before", () => {
  const data = withResult(vote(finished(), "left"), { ...result(), id: "comparison-2" });
  assert.equal(data.voting.votes.length, 0);
});

// ------------------------------------------------------------------------------------------------ outputs

test("words that differ are marked against the baseline, and the baseline is shown as it is", () => {
  const [a, b] = view({ ...finished(), diff: true }).results!.cards;
  assert.ok(a!.isBaseline);
  assert.ok(a!.parts.every((it) => it.kind === "file" || it.kind === "model"));
  const text = (kinds: readonly string[]) => b!.parts.filter((it) => kinds.includes(it.kind)).map((it) => it.text).join(""); // prettier-ignore
  assert.equal(text(["model", "added"]), "Reply: Arr, we will look into it, matey. 42");
  assert.equal(text(["model", "removed"]), "Reply: We will look into it. 42");
});

test("checks say how many holes are valid, how many tests failed, and what was wrong", () => {
  const cell = {
    ...finishedCell("a", 0, 0, "x"),
    validity: { valid: 1, holes: 2, problems: [{ hole: "reply", problem: "3 sentences, at most 2" }] },
    tests: [
      { name: "contains refund", passed: false, result: "it does not" },
      { name: "is short", passed: true, result: "12 words" },
    ],
  };
  const [a] = view(finished(allCells().with(0, cell))).results!.cards;
  assert.deepEqual(
    a!.checks.map((it) => [it.ok, it.text]),
    [
      [false, "reply: 3 sentences, at most 2 (level: check)"],
      [false, "1 of 2 tests failed"],
    ],
  );
  assert.match(a!.checks[1]!.details, /contains refund: it does not/);
});

test("inputs and seeds are gone through, and no further than there are", () => {
  let data = finished();
  data = withStep(data, { input: 1, repeat: 0 });
  data = withStep(data, { input: 1, repeat: 1 });
  assert.deepEqual(data.at, { input: 1, repeat: 1 });
  const { input, seed } = view(data).results!;
  assert.deepEqual([input.name, input.index, input.count], ["greeting", 1, 2]);
  assert.deepEqual([seed.value, seed.index, seed.count], [43, 1, 2]);
  assert.deepEqual(withStep(data, { input: -9, repeat: -9 }).at, { input: 0, repeat: 0 });
});

// ------------------------------------------------------------------------------------------------ judges

const agreements = [{ judge: "prompt", kappa: 0.61, observed: 0.75, pairs: 24 }] as const;
const judged = (): CompareData => ({ ...withResult(finished(), judgedResult()), ratings: { ...ratings, agreements } });

test("what judges said stands in the cards, of each variant in a row, and beside the votes", () => {
  const state = view(judged());
  assert.deepEqual(state.results!.cards.map((it) => it.metrics!.others), [["judge: worse than B, as good as C"], ["judge: better than A, as good as C"], ["judge: as good as A and B"]]); // prettier-ignore
  const { columns, rows, judges, agreements: told } = state.measures!;
  assert.deepEqual(columns.map((it) => it.name), ["Judge", "Valid", "Tokens/s", "First (ms)"]); // prettier-ignore
  assert.deepEqual(rows.map((it) => it.cells.join(" ")), ["0–1–1 4/4 168.2 58", "1–0–1 4/4 168.2 58", "0–0–2 4/4 168.2 58"]); // prettier-ignore
  assert.equal(judges, "Judged by judge.prompt on m: it kept to its opinion in 2 of 3 pairs when the order was turned."); // prettier-ignore
  assert.deepEqual(told, ["The judge agreed with people on 18 of 24 pairs, kappa 0.61."]);
});

test("while votes are blind nothing is told of measures and judges, and after each vote everything", () => {
  const blind = { ...judged(), blind: true };
  assert.equal(view(blind).measures, undefined);
  assert.doesNotMatch(JSON.stringify(view(blind).results), /judge/);
  assert.equal(view({ ...withStart(blind), voting: { ...blind.voting, votes: [] } }).measures, undefined);
  const voted = vote(withNextPair({ ...judged(), blind: true }), "left");
  assert.equal(view(voted).measures!.rows.length, 3);
});

test("a judge that fails is said beside the measures, and leaves the outputs alone", () => {
  const data = withCompareEvent(withStart(finished()), { type: "not-judged", judge: "prompt", message: "It is gone." });
  assert.deepEqual(view(data).measures!.problems, ["It is gone."]);
  assert.ok(view(data).results!.cards.every((it) => it.state === "finished"));
  const judging = withCompareEvent(data, { type: "judging", judge: "prompt", done: 3, total: 12 });
  const { run, measures } = view(judging);
  assert.equal(run.kind === "running" && run.waiting, "Asking the judge, 3 of 12");
  assert.equal(measures!.canJudge, false);
  assert.deepEqual(view(withStart(judging)).measures!.problems, [], "the next run begins without it");
});

test("judges are a prompt, its model and a model for likelihoods, and the reference goes with the form", () => {
  const act = (setup: CompareData["setup"], change: Extract<CompareViewAction, { type: "judges" }>["change"]) =>
    withSetupAction(setup, { type: "judges", change });
  const model = { path: "/m/small.gguf", threads: 2 };
  let setup = { ...startSetup(), judge: "/w/judge.prompt" } as CompareData["setup"];
  assert.equal(judgesOf(startSetup(), model, undefined), undefined);
  assert.deepEqual(judgesOf(setup, model, undefined), { prompt: { path: "/w/judge.prompt" } });
  setup = act(act(setup, { field: "model", value: "/m/big.gguf" }), { field: "likelihood", value: "" });
  const own = judgesOf({ ...setup, likelihood: "/m/big.gguf" }, model, undefined, (path) => ({ path, threads: 7 }));
  assert.deepEqual(own?.likelihood, { path: "/m/big.gguf", threads: 7 }, "a model is run as its own options say");
  assert.deepEqual(judgesOf(setup, model, "edited"), {
    likelihood: model,
    prompt: { path: "/w/judge.prompt", text: "edited", model: { path: "/m/big.gguf", threads: 2 } },
  });
  setup = act(setup, { field: "reference", value: "Hello." });
  assert.deepEqual(chosenInputs({ setup, content: undefined }), { kind: "values", values: {}, reference: "Hello." });
  setup = act(act(setup, { field: "prompt", value: undefined }), { field: "likelihood", value: undefined });
  assert.equal(judgesOf(setup, model, undefined), undefined);
});

test("a stored comparison is gone on with its own text, models and settings", () => {
  const stored = {
    ...result(),
    promptText: "Then.",
    variants: [
      { ...variants[0]!, model: "old.gguf", settings: { sampling: { temperature: 0.7 } } },
      { ...variants[1]!, model: "now.gguf" },
      { ...variants[2]!, model: "own.gguf", settings: { model: { path: "/x/own.gguf" } } },
    ],
  };
  const models = [{ value: "/m/old.gguf", label: "old" }];
  const request = storedRequest(stored, {
    path: "/w/hello.prompt",
    model: { path: "/m/now.gguf", threads: 2 },
    models,
  });
  assert.deepEqual(request.variants, [
    { id: "a", label: "Plain", sampling: { temperature: 0.7 }, model: { path: "/m/old.gguf", threads: 2 } },
    { id: "b", label: "Pirate" },
    { id: "c", label: "Terse", model: { path: "/x/own.gguf" } },
  ]);
  assert.deepEqual([request.text, request.model.path], ["Then.", "/m/now.gguf"]);
  assert.equal("models" in request, false);
});

// ------------------------------------------------------------------------------------------------ votes

test("while a pair is voted on blind, nothing that the page is told names a variant, its time or its checks", () => {
  const data = { ...finished(), blind: true, ratings };
  const { results, standings } = view(data);
  assert.equal(results!.cards.length, 2);
  const told = JSON.stringify([results, standings]);
  for (const it of variants)
    for (const secret of [it.label, it.key, it.summary]) assert.ok(!told.includes(secret), secret);
  assert.deepEqual(results!.cards.map((it) => [it.id, it.letter, it.title, it.metrics, it.checks.length]), [["L", "L", "Left", undefined, 0], ["R", "R", "Right", undefined, 0]]); // prettier-ignore
  assert.equal(standings, undefined);
  assert.deepEqual(results!.vote, { kind: "open", left: "Left", right: "Right", blind: true, canSwap: false, count: "12 of 12 pairs left" }); // prettier-ignore
});

test("the order and the sides are drawn: over all pairs, no variant always stands on one side or comes first", () => {
  const pairs = openPairs({ ...finished(), blind: true });
  assert.equal(pairs.length, 12);
  for (const { id } of variants) {
    const sides = pairs.flatMap((it) => (it.left.variant === id ? ["left"] : it.right.variant === id ? ["right"] : []));
    assert.deepEqual([...new Set(sides)].sort(), ["left", "right"], id);
  }
  assert.deepEqual(pairs, openPairs({ ...finished(), blind: true }), "the same comparison has the same order");
});

test("after a vote both are revealed with everything, and Next goes on to a pair without a vote", () => {
  const before = { ...finished(), blind: true };
  const pair = currentPair(before)!;
  const data = vote(before, "right");
  const { results } = view(data);
  const name = (id: string) => variants.find((it) => it.id === id)!.label;
  assert.deepEqual(results!.cards.map((it) => it.title), [`Left was ${name(pair.left.variant)}`, `Right was ${name(pair.right.variant)}`]); // prettier-ignore
  assert.deepEqual(results!.cards.map((it) => it.isChosen), [false, true]); // prettier-ignore
  assert.ok(results!.cards.every((it) => it.metrics !== undefined));
  const letter = "ABC"["abc".indexOf(pair.right.variant)]!;
  assert.deepEqual(results!.vote, {
    kind: "voted",
    text: `You chose ${letter}, ${name(pair.right.variant)}`,
    left: 11,
  });
  const next = withNextPair(data);
  assert.notEqual(pairKey(currentPair(next)!), pairKey(pair));
  assert.equal(view(next).results!.cards[0]!.title, "Left");
});

test("undo brings back the pair of the last vote, hidden again, also when the next one was already shown", () => {
  const before = { ...finished(), blind: true };
  const pair = currentPair(before)!;
  const data = withoutLastVote(withNextPair(vote(before, "tie")));
  assert.equal(data.voting.votes.length, 0);
  assert.deepEqual(currentPair(data), pair);
  assert.equal(view(data).results!.cards[0]!.title, "Left");
  assert.equal(withoutLastVote(finished()).voting.votes.length, 0);
});

test("all pairs can be voted on, one after the other, and each once", () => {
  let data: CompareData = { ...finished(), blind: true };
  const seen = new Set<string>();
  for (let i = 0; i < 12; i++) {
    seen.add(pairKey(currentPair(data)!));
    data = withNextPair(vote(data, "left", `v${i}`));
  }
  assert.equal(seen.size, 12);
  assert.equal(currentPair(data), undefined);
  assert.deepEqual(view(data).results!.vote, { kind: "none", reason: "All pairs were voted on.", canUndo: true });
});

test("while names are shown, the pair is of the cards that are shown, in their order, and another can be chosen", () => {
  const data = finished();
  const open = view(data).results!.vote;
  assert.ok(open?.kind === "open");
  assert.deepEqual([open.left, open.right, open.canSwap], ["A", "B", true]);
  const other = view(withOtherPair(data)).results!.vote;
  assert.ok(other?.kind === "open");
  assert.deepEqual([other.left, other.right], ["A", "C"]);
  const asked = view(withPairOf(data, "c", "b")).results!.vote;
  assert.ok(asked?.kind === "open");
  assert.deepEqual([asked.left, asked.right], ["B", "C"]);
});

test("the line of a vote says by itself what was voted on", () => {
  const data = { ...finished(), blind: true };
  const pair = currentPair(data)!;
  const about = { id: "v", time: "2026-05-03T14:03:00.000Z", prompt: "hello.prompt", promptHash: "0123456789abcdef" };
  const line = voteOf(data, pair, "both-bad", about)!;
  const cell = data.result!.cells[`${pair.left.variant} ${pair.left.input} ${pair.left.repeat}`]!;
  assert.equal(line.left.output, textOf(cell));
  assert.equal(line.left.variant.key, variants.find((it) => it.id === pair.left.variant)!.key);
  assert.deepEqual([line.vote, line.blind, line.comparison, line.kind, line.schema], ["both-bad", true, "comparison-1", "vote", 1]); // prettier-ignore
  assert.equal("settings" in line.left.variant, false, "paths of this machine stay here");
});

test("pairs that were voted on before the window was loaded, or in another one, are not offered again", () => {
  const about = { time: "2026-05-03T14:03:00.000Z", prompt: "hello.prompt", promptHash: "0123456789abcdef" };
  const before = { ...finished(), blind: true };
  const lines = openPairs(before).slice(0, 5).map((pair, i) => voteOf(before, pair, i === 4 ? "tie" : "left", { id: `v${i}`, ...about })!); // prettier-ignore
  const loaded = withStoredVotes(before, lines);
  assert.deepEqual(openPairs(loaded).map(pairKey), openPairs(before).slice(5).map(pairKey)); // prettier-ignore
  const { vote: shown } = view(loaded).results!;
  assert.equal(shown?.kind === "open" && shown.count, "7 of 12 pairs left");
  const undone = withoutLastVote(loaded);
  assert.deepEqual(currentPair(undone), openPairs(before)[4], "the last one can be taken back");

  // While this window votes, another does too, and takes one of the older ones back.
  const voted = vote(loaded, "right", "mine");
  const mine = voteOf(loaded, currentPair(loaded)!, "right", { id: "mine", ...about })!;
  const theirs = voteOf(before, openPairs(before)[9]!, "both-bad", { id: "theirs", ...about })!;
  const merged = withStoredVotes(voted, [...lines.slice(1), mine, theirs]);
  assert.deepEqual(merged.voting.votes.map((it) => it.id), ["theirs", "v1", "v2", "v3", "v4", "mine"]); // prettier-ignore
  assert.ok(merged.voting.isRevealed, "the last vote of this window is still shown");
  assert.equal(openPairs(merged).length, 6);
  assert.deepEqual(withStoredVotes(voted, lines).voting.isRevealed, false, "the vote that was shown was taken back");
  assert.equal(openPairs(withStoredVotes(before, lines.map((it) => ({ ...it, comparison: "another" })))).length, 12); // prettier-ignore
});

test("outputs that are the same or failed are no pair", () => {
  const same = allCells().map((it) => (it.status === "finished" ? { ...it, text: "x" } : it));
  const state = view(finished(same));
  assert.deepEqual(state.results!.vote, { kind: "none", reason: "There are no two different outputs to choose from.", canUndo: false }); // prettier-ignore
});

// ------------------------------------------------------------------------------------------------ standings

test("standings have letters of this comparison, a scale that holds all intervals, and how many votes are missing", () => {
  const { standings } = view({ ...finished(), ratings });
  assert.deepEqual(standings!.rows.map((it) => it.letter), ["B", "C", "A"]); // prettier-ignore
  assert.deepEqual([standings!.from, standings!.to], [782, 1178]);
  assert.deepEqual(standings!.open, [{ text: "B and C still overlap. About 15 more votes between them would settle it.", left: "b", right: "c" }]); // prettier-ignore
  assert.equal(view({ ...finished(), ratings: { ...ratings, votes: 0 } }).standings, undefined);
});

test("that the place of an output mattered is said", () => {
  const position = { rating: 40, interval: [10, 70], matters: true } as const;
  const { standings } = view({ ...finished(), ratings: { ...ratings, position, groups: [["a"], ["b"]] } });
  assert.equal(standings!.warnings.length, 2);
});

// ------------------------------------------------------------------------------------------------ changes

const changed = (): CompareData => {
  const failed = { variant: "c", input: 0, repeat: 0, seed: 42, output: [], status: "failed", code: "bug", message: "It broke." } as const; // prettier-ignore
  const cells = allCells().map((it) =>
    it.variant === "b" && it.input === 1 ? finishedCell("b", 1, it.repeat, "Ahoy, matey.") : it,
  );
  const newer = { ...result(cells.map((it) => (it.variant === "c" && it.input + it.repeat === 0 ? failed : it))), time: "2026-05-03T16:00:00.000Z" }; // prettier-ignore
  const older = { ...result(), variants: [variants[0]!, { ...variants[1]!, key: "hotter", summary: "m, hotter" }, variants[2]!] }; // prettier-ignore
  return { ...finished(), changes: { diff: diffComparisons(older, newer), shown: 2 } };
};

test("changes are told in sentences, by variant and word by word, a part of them at a time", () => {
  const { title, summary, variants: shown, cells, more } = view(changed()).changes!;
  assert.equal(title, `From ${timeText("2026-05-03T14:02:00.000Z", today)} to ${timeText("2026-05-03T16:00:00.000Z", today)}`); // prettier-ignore
  assert.deepEqual(summary, ["3 of 12 outputs changed.", "The prompt's text is the same."]);
  assert.deepEqual(shown.map((it) => [it.letter, it.label, it.kind, it.note]), [["A", "Plain", "both", undefined], ["B", "Pirate", "both", "m, hotter → m, Pirate"], ["C", "Terse", "both", undefined]]); // prettier-ignore
  assert.deepEqual(cells.map((it) => [it.letter, it.title, it.where]), [["B", "Pirate", "greeting, seed 42"], ["B", "Pirate", "greeting, seed 43"]]); // prettier-ignore
  assert.ok(cells[0]!.parts.some((it) => it.kind === "added") && cells[0]!.parts.some((it) => it.kind === "removed"));
  assert.equal(more, 1);
  const all = view({ ...changed(), changes: { ...changed().changes!, shown: 20 } }).changes!;
  assert.equal(all.cells[2]!.note, "It finished before, and failed (It broke.) now.");
});

test("each comparison of the history has another one to be compared with, but the only one", () => {
  const stored = (id: string) => ({ ...result(), id, inputs: 2, done: 12, failed: 0 });
  const history = ["3", "2", "1"].map(stored);
  assert.deepEqual(view({ ...finished(), history }).history.map((it) => it.against), ["before", "newest", "newest"]); // prettier-ignore
  assert.equal(view({ ...finished(), history: history.slice(1, 2) }).history[0]!.against, undefined);
});

// ------------------------------------------------------------------------------------------------ setup

const named = { model: (name: string) => `/models/${name}`, prompt: (name: string) => `/w/hello.${name}.prompt` };

test("variants come from the file, and are written back the same", () => {
  const file = {
    variants: [
      { label: "Plain", model: "small.gguf" },
      { label: "Warm", adapters: ["support", { name: "brevity", scale: 0.3 }], config: { temperature: 0.7, topK: 40 } },
      { guide: { tone: "warm", strength: 1.5 }, attention: { pattern: "streaming", window: 512 } },
    ],
    repeat: 3,
    seeds: [42],
  };
  const setup = setupOfFile(file, startSetup(), named)!;
  assert.deepEqual(setup.variants.map((it) => it.id), ["a", "b", "c"]); // prettier-ignore
  assert.deepEqual([setup.repeats, setup.firstSeed], [3, 42]);
  assert.deepEqual(setup.variants.map(whatOf), ["small · no adapter", "support 1 · brevity 0.3 · temperature 0.7", "no adapter · warm tone · guidance 1.5 · attention streaming window 512"]); // prettier-ignore
  const written = fileOfSetup(setup, []);
  assert.deepEqual(setupOfFile(written, startSetup(), named)!.variants.slice(0, 2), setup.variants.slice(0, 2)); // prettier-ignore
  const [a, b, c] = variantsOf(setup, (path) => ({ path, threads: 2 }), { guide: undefined, adapters: ["formal"] });
  assert.deepEqual(a!.model, { path: "/models/small.gguf", threads: 2 });
  assert.deepEqual(b!.sampling, { topK: 40, temperature: 0.7 });
  assert.deepEqual(b!.adapters, [{ name: "support", scale: 1 }, { name: "brevity", scale: 0.3 }, { name: "formal", scale: 0 }], "named ones stand in place of the file's own"); // prettier-ignore
  assert.equal(c!.adapters, undefined);
  assert.deepEqual(c!.guide, { tone: "warm", strength: 1.5 });
  assert.deepEqual(c!.attention, { pattern: "streaming", window: 512 });
  assert.equal(setupOfFile({ variants: [{}] }, startSetup(), named), undefined, "one alone is no comparison");
});

test("a prompt is compared on its tests at first, with the variants and models that it names", () => {
  const compare = { variants: [{ label: "a" }, { label: "b", model: "small", variant: "short" }] };
  const options = { path: "/w/hello.prompt", models: [{ value: "/m/Small.gguf", label: "Small" }] };
  const setup = firstSetup({ compare, tests: ["tea"] }, startSetup(), options);
  assert.equal(setup.inputs, "tests");
  assert.deepEqual([setup.variants[1]!.model, setup.variants[1]!.prompt], ["/m/Small.gguf", "/w/hello.short.prompt"]);
  assert.deepEqual(firstSetup({ compare: undefined, tests: [] }, startSetup(), options), startSetup());
});

test("seeds are those of the file, and count on where there are too few; another number begins anew", () => {
  const variants = [{ label: "a" }, { label: "b", variant: "short" }];
  const setup = setupOfFile({ variants, seeds: [5, 1], repeat: 4 }, startSetup(), named)!;
  assert.deepEqual(seedsOf(setup), [5, 1, 2, 3]);
  assert.deepEqual(seedsOf(withSetupAction(setup, { type: "firstSeed", value: 9 })), [9, 10, 11, 12]);
  assert.deepEqual(seedsOf(startSetup()), [0]);
  assert.equal(setup.variants[1]!.prompt, "/w/hello.short.prompt");
  const written = fileOfSetup(setup, ["formal"]);
  assert.deepEqual(written, { variants: [{ label: "a" }, { label: "b", variant: "short" }], repeat: 4, seeds: [5, 1] });
});

test("variants that are called the same are told apart where they are written", () => {
  const written = fileOfSetup(startSetup(), []) as { readonly variants: readonly { readonly label: string }[] };
  assert.deepEqual(written.variants.map((it) => it.label), ["As in the file", "As in the file (B)"]); // prettier-ignore
});

test("guidance is added to the file's own guide", () => {
  const setup = withSetupAction(startSetup(), {
    type: "changeVariant",
    id: "b",
    change: { field: "guidance", value: 2 },
  });
  const [a, b] = variantsOf(setup, (path) => ({ path }), { guide: { tone: "warm" }, adapters: [] });
  assert.equal(a!.guide, undefined);
  assert.deepEqual(b!.guide, { tone: "warm", strength: 2 });
});

test("a variant's attention, with what its pattern takes, its tone and its version of the prompt are edited", () => {
  let setup = startSetup();
  const change = (it: Extract<CompareViewAction, { type: "changeVariant" }>["change"]) =>
    (setup = withSetupAction(setup, { type: "changeVariant", id: "b", change: it }));
  const settings = () => {
    const { id: _, label, ...others } = variantsOf(setup, (path) => ({ path }), { guide: { tone: "dry", length: "phrase" }, adapters: [] })[1]!; // prettier-ignore
    return [label, others];
  };
  change({ field: "attention", value: "streaming" });
  change({ field: "attended", name: "window", value: 512 });
  change({ field: "attended", name: "endless", value: true });
  change({ field: "attended", name: "sinks", value: 8 });
  change({ field: "attended", name: "sinks", value: undefined });
  assert.deepEqual(settings(), ["As in the file", { attention: { pattern: "streaming", window: 512, endless: true } }]);
  assert.equal(whatOf(setup.variants[1]!), "no adapter · attention streaming window 512 endless");
  change({ field: "attention", value: "block-sparse" });
  assert.deepEqual(settings()[1], { attention: { pattern: "block-sparse" } }, "another pattern takes other settings");
  change({ field: "attention", value: "" });
  change({ field: "tone", value: "warm" });
  assert.deepEqual(settings()[1], { guide: { tone: "warm", length: "phrase" } }, "the rest of the guide is the file's");
  change({ field: "tone", value: undefined });
  change({ field: "prompt", value: "/w/hello.short.prompt" });
  assert.deepEqual(settings(), ["short", { prompt: { path: "/w/hello.short.prompt" } }]);
  const file = fileOfSetup(setup, []) as { readonly variants: readonly object[] };
  assert.deepEqual(file.variants[1], { label: "short", variant: "short" });
  const data = { ...startCompare(), setup };
  assert.match(view(data).setup.variants[1]!.problem!, /no hello\.short\.prompt beside the prompt/);
  const versions = [{ value: "/w/hello.short.prompt", label: "short" }];
  assert.equal(view({ ...data, versions }).setup.variants[1]!.problem, undefined);
});

test("a setup that an older version kept is completed", () => {
  const { attended: _, tone: __, ...old } = startSetup().variants[0]!;
  const { judge: ___, ...kept } = { ...startSetup(), variants: [old, { ...old, id: "b" }] };
  assert.deepEqual(restoredSetup(kept as unknown as CompareData["setup"]), startSetup());
  assert.deepEqual(restoredSetup(undefined), startSetup());
});

test("variants are added up to 8, doubled, changed and taken away down to 2", () => {
  let setup = startSetup();
  const act = (action: Parameters<typeof withSetupAction>[1]) => (setup = withSetupAction(setup, action));
  act({ type: "changeVariant", id: "b", change: { field: "adapter", name: "pirate", scale: 1 } });
  act({ type: "changeVariant", id: "b", change: { field: "adapter", name: "pirate", scale: 0.5 } });
  act({ type: "duplicateVariant", id: "b" });
  assert.deepEqual(setup.variants.map(labelOf), ["As in the file", "pirate 0.5", "pirate 0.5"]);
  assert.equal(setup.editing, "c");
  act({ type: "changeVariant", id: "c", change: { field: "adapter", name: "pirate", scale: undefined } });
  assert.deepEqual(setup.variants[2]!.adapters, []);
  for (let i = 0; i < 9; i++) act({ type: "addVariant" });
  assert.equal(setup.variants.length, 8);
  assert.equal(new Set(setup.variants.map((it) => it.id)).size, 8);
  for (const id of "abcdefgh") act({ type: "removeVariant", id });
  assert.equal(setup.variants.length, 2);
  assert.ok(
    setup.variants.some((it) => it.id === setup.baseline),
    "the baseline is one that is there",
  );
});

test("the inputs are the form, one test, all tests or a table, as far as they are still there", () => {
  const content = {
    tests: ["cat", "dog"],
    testRepeats: [],
    leastRepeats: 1,
    values: { who: "me" },
    inputs: [],
    problems: [],
  };
  const start = { ...startCompare(), title: "hello.prompt", content: content as unknown as CompareData["content"] };
  const choose = (action: Parameters<typeof withSetupAction>[1], more: Partial<CompareData> = {}): CompareData => ({
    ...start,
    ...more,
    setup: withSetupAction({ ...start.setup, rows: "/w/rows.csv" }, action),
  });
  const told = (data: CompareData) => {
    const { inputs, test: name, total, problem } = view(data).setup;
    return [chosenInputs(data), inputs, name, total, problem];
  };
  const values = { kind: "values", values: { who: "me" } };
  assert.deepEqual(told(start), [values, "values", undefined, 2, undefined]);
  const one = { type: "inputs", kind: "test", test: "dog" } as const;
  assert.deepEqual(told(choose(one)), [{ kind: "tests", names: ["dog"] }, "test", "dog", 2, undefined]);
  assert.deepEqual(told(choose({ type: "inputs", kind: "tests" })), [{ kind: "tests" }, "tests", undefined, 4, undefined]); // prettier-ignore
  const renamed = { ...content, tests: ["cat", "ox", "hen"] } as unknown as CompareData["content"];
  assert.deepEqual(told(choose(one, { content: renamed })), [{ kind: "tests" }, "tests", undefined, 6, undefined]);
  const none = { ...content, tests: [] } as unknown as CompareData["content"];
  assert.deepEqual(told(choose(one, { content: none })), [values, "values", undefined, 2, undefined]);

  const rows = { type: "inputs", kind: "rows" } as const;
  const file = { kind: "file", path: "/w/rows.csv" };
  assert.deepEqual(told(choose(rows)), [file, "rows", undefined, undefined, undefined]);
  assert.deepEqual(told(choose(rows, { table: { path: "/w/rows.csv", rows: 12 } })), [file, "rows", undefined, 24, undefined]); // prettier-ignore
  const broken = told(choose(rows, { table: { path: "/w/rows.csv", problem: "line 2: it is not JSON" } }));
  assert.equal(
    runProblem(choose(rows, { table: { path: "/w/rows.csv", problem: "line 2: it is not JSON" } })),
    broken[4],
  );
  assert.equal(runProblem(start), undefined);
  assert.match(String(broken[4]), /^rows\.csv cannot be read: line 2: it is not JSON\. Choose another table/);
});

test("inputs of tests are written as often as the tests want, and the seeds of each are gone through", () => {
  const content = { tests: ["cat", "dog"], testRepeats: [1, 4], leastRepeats: 2, values: {}, inputs: [], problems: [] }; // prettier-ignore
  const start = { ...startCompare(), title: "hello.prompt", content: content as unknown as CompareData["content"] };
  const total = (setup: Partial<CompareData["setup"]>) =>
    view({ ...start, setup: { ...start.setup, ...setup } }).setup.total;
  assert.equal(total({ inputs: "values" }), 2 * 2, "a test without an input wants two of every input");
  assert.equal(total({ inputs: "tests" }), 2 * (2 + 4));
  assert.equal(total({ inputs: "test", test: "dog" }), 2 * 4);
  assert.equal(total({ inputs: "tests", repeats: 3 }), 2 * (3 + 4));

  const ragged = { ...result(), inputs: [inputs[0]!, { ...inputs[1]!, repeats: 1 }], cells: allCells().filter((it) => it.input === 0 || it.repeat === 0) }; // prettier-ignore
  const data = withResult(finished(), ragged);
  assert.equal(view(data).run.kind === "done" && (view(data).run as { total: number }).total, 9);
  assert.deepEqual(view(data).results!.seed.count, 2);
  const second = withStep({ ...data, at: { input: 0, repeat: 1 } }, { input: 1, repeat: 0 });
  assert.deepEqual(second.at, { input: 1, repeat: 0 });
  assert.deepEqual(view(second).results!.seed, { value: 42, index: 0, count: 1 });
  assert.equal(openPairs({ ...data, blind: true }).length, 9);
});

test("all places are those of each variant, input and seed that the input is written with", () => {
  const ragged = { variants: variants.slice(0, 2), inputs: [{ ...inputs[0]!, repeats: 1 }, inputs[1]!], seeds };
  assert.deepEqual(placesOf(ragged).map((it) => `${it.variant}${it.input}${it.repeat}`), ["a00", "a10", "a11", "b00", "b10", "b11"]); // prettier-ignore
});

test("a vote's line keeps of its input what was given, not how it was tested", () => {
  const tests = [{ name: "t", passRate: 0.5 }];
  const data = withResult(finished(), { ...result(), inputs: inputs.map((it) => ({ ...it, tests, repeats: 1 })) });
  const about = { id: "v", time: "", prompt: "", promptHash: "" };
  assert.deepEqual(voteOf(data, currentPair(data)!, "left", about)!.input, inputs[0]);
});

test("numbers out of range are put into it", () => {
  const setup = withSetupAction(startSetup(), { type: "repeats", value: 1e9 });
  assert.equal(setup.repeats, 100);
  assert.equal(withSetupAction(setup, { type: "firstSeed", value: -4.2 }).firstSeed, 0);
});
