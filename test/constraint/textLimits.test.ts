// Limits of text accept exactly what a plain reading of them does, and never lead where no text can end.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { acceptsText, bytesOf, DEAD, type ByteAutomaton } from "../../src/constraint/automaton.js";
import { compileMachine } from "../../src/constraint/constraint.js";
import { explain } from "../../src/constraint/explain.js";
import { textLanguage } from "../../src/constraint/text/limits.js";
import type { ConstraintSpec, TextLimits } from "../../src/protocol/constraint.js";

const accepted: readonly [TextLimits, readonly string[], readonly string[]][] = [
  [{ words: { min: 2, max: 3 } }, ["a b", "one two three", " a b", "a\u00a0b"], ["", "a", "a b c d", "a b ", "a b c "]],
  [{ chars: { max: 3 } }, ["", "abc", "日本語", "😀😀😀"], ["abcd", "日本語だ"]],
  [{ chars: { min: 2 } }, ["ab", "日本"], ["", "a", "日"]],
  [
    { sentences: { min: 1, max: 2 } },
    [
      "One.",
      "One. Two!",
      'He said "yes." Then he left.',
      "Wait... what?",
      "日本。",
      "日本。韓国。",
      "A.b.",
      "Go! Now.",
      "3.5 and e.g.",
    ],
    ["", "One", "One. Two. Three.", "One. ", "日本。韓国。中国。", "One. two", "One.Two.Three.", "a!b!c!"],
  ],
  [{ startsWith: "Dear " }, ["Dear ", "Dear Ada"], ["", "Dear", "dear Ada"]],
  [{ endsWith: "!" }, ["!", "a!", "!!"], ["", "a", "!a"]],
  [{ include: ["b", "ab"] }, ["ab", "xaby", "b ab"], ["b", "a", ""]],
  [{ include: ["b", "c"] }, ["bc", "c b"], ["b", "c"]],
  [{ avoid: ["sorry", "ÄRGER"] }, ["", "sory", "so rry"], ["sorry", "I'm SORRY", "ärger", "Ärger"]],
  [{ visibleStart: true }, ["", "a", "a b"], [" a", "\n", "\ta"]],
  [{ startsWith: "a", endsWith: "a" }, ["a", "aa", "aba"], ["ab", "ba", ""]],
];

for (const [limits, good, bad] of accepted) {
  const language = textLanguage(limits);
  for (const it of good)
    test(`${JSON.stringify(limits)} takes ${JSON.stringify(it)}`, () => assert.ok(acceptsText(language, it)));
  for (const it of bad)
    test(`${JSON.stringify(limits)} does not take ${JSON.stringify(it)}`, () => assert.ok(!acceptsText(language, it)));
}

const stopped: ConstraintSpec = {
  kind: "all",
  items: [{ kind: "text", limits: { words: { min: 2 } } }],
  stop: ["\n", "aa"],
};
for (const [text, verdict] of [
  ["x y", "accepted"],
  ["x y\n", "accepted"],
  ["x yaa", "accepted"],
  ["x\n", "rejected"],
  ["aa b", "rejected"],
  ["x y\nz", "rejected"],
  ["x", "incomplete"],
] as const) {
  test(`${JSON.stringify(text)} is ${verdict} by two words before a stop text`, () => {
    assert.equal(explain(compileMachine(stopped), text).verdict, verdict);
  });
}

test("what stands before the first of two stop texts that overlap is what counts", () => {
  const spec: ConstraintSpec = { kind: "all", items: [{ kind: "regex", source: "xa" }], stop: ["aa"] };
  const machine = compileMachine(spec);
  assert.equal(explain(machine, "xa").verdict, "accepted");
  assert.equal(explain(machine, "xaaa").verdict, "rejected"); // its first "aa" begins behind "x", which is not "xa"
});

test("limits and a regular expression hold together", () => {
  const spec: ConstraintSpec = {
    kind: "all",
    items: [
      { kind: "regex", source: "[a-c ]*" },
      { kind: "text", limits: { words: { min: 2, max: 2 }, avoid: ["b"] } },
    ],
  };
  const machine = compileMachine(spec);
  for (const it of ["a c", "ac ca"]) assert.equal(explain(machine, it).verdict, "accepted", it);
  for (const it of ["a b", "a", "d a"]) assert.notEqual(explain(machine, it).verdict, "accepted", it);
});

test("limits that contradict each other are refused", () => {
  for (const limits of [
    { words: { min: 3, max: 2 } },
    { include: ["sorry"], avoid: ["Sorry"] },
    { words: { min: 3 }, chars: { max: 4 } },
  ]) {
    assert.throws(() => compileMachine({ kind: "text", limits }), { code: "constraint-invalid" });
  }
});

test("several long limits at once are no search through all their combinations", () => {
  const limits = {
    words: { min: 300, max: 400 },
    chars: { max: 3000 },
    sentences: { min: 20, max: 40 },
    include: ["x"],
  };
  const machine = compileMachine({ kind: "text", limits });
  assert.equal(explain(machine, "").completion.split(" ").length, 300);
});

// ------------------------------------------------------------------------------------------------ a plain reading

const closers = /^[\])"'”’»」』）]*/u;

/** Sentences by walking: an end, closers, then white space (or nothing at all after an eastern end). */
function sentencesOf(text: string): { count: number; whole: boolean } {
  const characters = [...text];
  let count = 0;
  let state: "before" | "in" | "west" | "east" | "gap" = "before";
  for (const [i, it] of characters.entries()) {
    const blank = /\s/u.test(it);
    const end = /[.!?…。！？]/u.test(it);
    const closer = closers.exec(it)![0] !== "";
    if (state === "before" || state === "gap") {
      if (!blank) {
        count++;
        state = end ? (/[。！？]/u.test(it) ? "east" : "west") : "in";
      }
    } else if (end) state = /[。！？]/u.test(it) ? "east" : state === "east" ? "west" : "west";
    else if (closer) continue;
    else if (blank) state = state === "in" ? "in" : "gap";
    else {
      if (state === "east" || (state === "west" && begins(characters.slice(0, i).join(""), it))) count++;
      state = "in";
    }
  }
  return { count, whole: state === "west" || state === "east" };
}

/** Behind an end without white space: only where no number and no address looks like that. */
function begins(before: string, it: string): boolean {
  const head = before.replace(/[\])"'”’»」』）]*$/u, "");
  if (/[!?…]$/u.test(head)) return /[A-Za-zÀ-ÖØ-öø-ÿ]/u.test(it);
  return /[a-zß-öø-ÿ]\.$/u.test(head) && /[A-ZÀ-ÖØ-Þ]/u.test(it);
}

const isWithin = (count: number, { min = 0, max = Infinity }: { min?: number; max?: number }) =>
  min <= count && count <= max;

function keeps(text: string, limits: TextLimits): boolean {
  const { chars, words, sentences, startsWith = "", endsWith = "", include = [], avoid = [], visibleStart } = limits;
  if (chars !== undefined && !isWithin([...text].length, chars)) return false;
  if (words !== undefined) {
    const found = text.split(/\s+/u).filter((it) => it !== "");
    if (!isWithin(found.length, words) || !/\S$/u.test(text)) return false;
  }
  if (sentences !== undefined) {
    const { count, whole } = sentencesOf(text);
    if (!isWithin(count, sentences) || !whole) return false;
  }
  if (visibleStart === true && /^[ \t\n]/.test(text)) return false;
  const lower = text.toLowerCase();
  return (
    text.startsWith(startsWith) &&
    text.endsWith(endsWith) &&
    include.every((it) => text.includes(it)) &&
    avoid.every((it) => !lower.includes(it.toLowerCase()))
  );
}

const piece = fc.constantFrom("a", "b", "B", " ", "\n", ".", "?", "。", ")", "”", "é", "ab");
const texts = fc.array(piece, { maxLength: 12 }).map((it) => it.join(""));
const bounds = fc.record({ min: fc.nat(3), max: fc.integer({ min: 1, max: 5 }) }, { requiredKeys: [] });
const limitsOf = fc.record(
  {
    chars: bounds,
    words: bounds,
    sentences: bounds,
    startsWith: fc.constantFrom("a", "ab "),
    endsWith: fc.constantFrom("b", "."),
    include: fc.constantFrom(["b"], ["a", "é"], ["ab"]),
    avoid: fc.constantFrom(["b"], ["ba", ".."]),
    visibleStart: fc.boolean(),
  },
  { requiredKeys: [] },
);

const seed = Number(process.env["TILLER_FUZZ_SEED"] ?? 1);

test("random limits and texts are judged as by a plain reading", () => {
  fc.assert(
    fc.property(limitsOf, fc.array(texts, { minLength: 10, maxLength: 10 }), (limits, all) => {
      let language: ByteAutomaton | undefined;
      try {
        language = textLanguage(limits);
      } catch {
        return; // min above max
      }
      for (const it of all) assert.equal(acceptsText(language, it), keeps(it, limits), JSON.stringify([limits, it]));
    }),
    { seed, numRuns: 300 },
  );
});

test("wherever limits lead, the shortest way on is as long as is said and ends well", () => {
  fc.assert(
    fc.property(limitsOf, texts, (limits, text) => {
      let language: ByteAutomaton;
      try {
        language = textLanguage(limits);
      } catch {
        return;
      }
      let state = language.start;
      for (const byte of bytesOf(text)) {
        const next = state === DEAD ? DEAD : language.step(state, byte);
        if (next === DEAD) break;
        state = next;
      }
      if (state === DEAD) return;
      for (let rest = language.shortest(state); 0 < rest; rest--) {
        assert.ok(rest < Infinity);
        const from = state;
        state = DEAD;
        for (let byte = 0; byte < 256 && state === DEAD; byte++) {
          const to = language.step(from, byte);
          if (to !== DEAD && language.shortest(to) === rest - 1) state = to;
        }
        assert.notEqual(state, DEAD, JSON.stringify([limits, text, rest]));
      }
      assert.ok(language.accepts(state));
    }),
    { seed, numRuns: 100 },
  );
});
