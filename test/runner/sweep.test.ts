// Sweeps over strengths: what is computed of the answers, what is asked of the engine, what is shown.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { TillerError } from "../../src/base/error.js";
import { namedMeasure } from "../../src/lang/guide/measures/namedMeasure.js";
import type { ScoreRequest, ScoreResult } from "../../src/protocol/engine.js";
import { parseStrengths } from "../../src/runner/strengths.js";
import { sweep, sweepPlot, sweepTable, type SweepAnswer, type SweepRequest } from "../../src/runner/sweep.js";

const never = new AbortController().signal;
const words = namedMeasure("words")!;
const model = { path: "/model.gguf" };

/** Every token has the log-probability of its id, negated, in hundredths. */
const scorer = {
  model,
  engine: {
    score: ({ prompt }: ScoreRequest): Promise<ScoreResult> => {
      const { ids } = prompt as { ids: readonly number[] };
      const logprobs = ids.map((it, i) => (i === 0 ? null : -it / 100));
      return Promise.resolve({ ids, tokens: [], logprobs, top: [], perplexity: null });
    },
  },
};

const answer = (text: string, more: Partial<SweepAnswer> = {}): SweepAnswer => ({ text, ms: 10, tokens: 1, ...more });
const run = (request: Partial<SweepRequest>) =>
  sweep(
    { strengths: [1], unguided: 0, measure: words, runAt: () => Promise.resolve([answer("a")]), ...request },
    () => undefined,
    never,
  );

describe("a sweep", () => {
  it("has a row for each strength, in order and once, and the unguided one beside them", async () => {
    const { rows } = await run({
      strengths: [2, 1, 2],
      runAt: (strength) => Promise.resolve([answer("word ".repeat(strength + 1)), answer("one")]),
    });
    assert.deepEqual(
      rows.map((it) => [it.strength, it.effect]),
      [
        [0, 1],
        [1, 1.5],
        [2, 2],
      ],
    );
  });

  it("scores the tokens of the answers only, all together", async () => {
    const answers = [
      answer("", { promptIds: [7, 900], answerIds: [10, 20, 30] }),
      answer("", { promptIds: [7], answerIds: [60] }),
      answer("nothing was written", { promptIds: [7], answerIds: [] }),
    ];
    const { rows } = await run({ scorer, runAt: () => Promise.resolve(answers) });
    assert.ok(Math.abs(rows[0]!.perplexity! - Math.exp((0.1 + 0.2 + 0.3 + 0.6) / 4)) < 1e-12);
  });

  it("has no perplexity without tokens, and no effect where nothing can be measured", async () => {
    const { rows } = await run({
      scorer,
      measure: namedMeasure("ease")!,
      runAt: () => Promise.resolve([answer("42")]),
    });
    assert.deepEqual([rows[0]!.perplexity, rows[0]!.effect], [null, null]);
  });

  it("compares the time of a token with that of the unguided run", async () => {
    const { rows } = await run({
      strengths: [1, 2],
      runAt: (strength) => Promise.resolve([answer("", { ms: 100 + 50 * strength, tokens: 10 })]),
    });
    assert.deepEqual(
      rows.map((it) => it.cost),
      [1, 1.5, 2],
    );
  });

  it("tells its progress, and stops when it is cancelled", async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const request = { strengths: [1, 2, 3], unguided: 0, measure: words };
    const work = sweep(
      {
        ...request,
        runAt: (strength) => {
          if (strength === 1) controller.abort(new Error("enough"));
          return Promise.resolve([answer("a")]);
        },
      },
      ({ done, total, strength }) => seen.push(done, total, strength),
      controller.signal,
    );
    await assert.rejects(work, /enough/);
    assert.deepEqual(seen, [0, 4, 0, 1, 4, 1]);
  });

  it("refuses strengths that are no numbers", () =>
    assert.rejects(run({ strengths: [NaN] }), (it) => it instanceof TillerError && it.code === "usage"));

  it("is shown as a table and as a plot of effect and perplexity", async () => {
    const result = await run({
      strengths: [1],
      scorer,
      runAt: (strength) =>
        Promise.resolve([answer("a b", { promptIds: [7], answerIds: [100 * strength], ms: 10 + strength })]),
    });
    assert.equal(
      sweepTable(result),
      "| strength | words | perplexity | time |\n| ---: | ---: | ---: | ---: |\n" +
        "| 0 | 2.000 | 1.00 | 1.00x |\n| 1 | 2.000 | 2.72 | 1.10x |\n",
    );
    const svg = sweepPlot(result);
    assert.match(svg, /perplexity, unguided/);
    assert.equal(svg.match(/class="mark"/g)?.length, 4 + 2);
  });
});

describe("strengths", () => {
  const good: readonly (readonly [string, readonly number[]])[] = [
    ["0:4:0.5", [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]],
    ["0:1:0.1", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
    ["0:1:0.4", [0, 0.4, 0.8]],
    ["2", [2]],
    ["3, 1, -2", [-2, 1, 3]],
    ["1:2:0.5,1.5,5", [1, 1.5, 2, 5]],
  ];
  for (const [given, expected] of good)
    it(`of ${given} are ${expected.join(", ")}`, () => assert.deepEqual(parseStrengths(given), expected));

  const wrong: readonly (readonly [string, RegExp])[] = [
    ["", /FROM:TO:STEP or numbers/],
    ["a:b:c", /FROM:TO:STEP or numbers/],
    ["1:2", /is FROM:TO:STEP, as in/],
    ["0:4:0", /step above 0/],
    ["4:0:1", /TO not below FROM/],
    ["0:1e9:0.001", /at most 64/],
  ];
  for (const [given, message] of wrong)
    it(`"${given}" is refused`, () => assert.throws(() => parseStrengths(given), message));
});

describe("named measures", () => {
  const cases: readonly (readonly [string, string, number | undefined])[] = [
    ["positive", "A happy, happy sad cat.", 40],
    ["negative", "A happy, happy sad cat.", 20],
    ["sentiment", "A happy, happy sad cat.", 2 / 3],
    ["repetition", "the cat and the dog and the bird", 3 / 8],
    ["repetition", "12 34", undefined],
    ["count:sea", "The sea, the SEA, the season, undersea.", 2],
    ["count:a.b", "a.b axb A.B", 2],
    ["language:de", "Das ist ein schöner Tag am See.", 1],
    ["language:fr", "Das ist ein schöner Tag am See.", 0],
    ["words", "one two  three", 3],
  ];
  for (const [name, text, expected] of cases)
    it(`${name} of "${text}" is ${expected}`, () => assert.equal(namedMeasure(name)!.measure(text), expected));

  it("are none by another name", () => assert.equal(namedMeasure("happiness"), undefined));
});
