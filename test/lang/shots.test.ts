// Few-shot examples: which are chosen and why, and what becomes of them in the prompt.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Json, JsonObject } from "../../src/base/json.js";
import { parse } from "../../src/lang/parser.js";
import { render } from "../../src/lang/render.js";
import type { RenderedMessage, RenderRequest } from "../../src/lang/rendered.js";
import { bm25 } from "../../src/lang/shots/bm25.js";
import { readShots } from "../../src/lang/shots/readShots.js";
import { selectShots, type CountTokens, type ShotSelection } from "../../src/lang/shots/selectShots.js";
import { readShotSelect } from "../../src/lang/shots/shotSelect.js";

test("BM25 gives the numbers that the formula gives by hand", () => {
  // Lengths 2, 4, 1; "refund" in two texts: ln 1.6 = 0.4700, "broken" in one: ln 8/3 = 0.9808.
  const scores = bm25("Broken refund, refund!", ["refund please", "refund my broken phone", "hello"]);
  assert.deepEqual(
    scores.map((it) => it.toFixed(4)),
    ["0.4992", "1.1228", "0.0000"],
  );
});

test("BM25 knows words of scripts without spaces, and letters of all widths", () => {
  const scores = bm25("退款", ["我要退款", "你好", "ｒｅｆｕｎｄ"]);
  assert.ok(0 < scores[0]! && scores[1] === 0 && scores[2] === 0);
  assert.ok(0 < bm25("refund", ["ｒｅｆｕｎｄ"])[0]!);
});

test("BM25 of nothing is nothing", () => {
  assert.deepEqual(bm25("a", []), []);
  assert.deepEqual(bm25("", ["a"]), [0]);
  assert.deepEqual(bm25("a", [""]), [0]);
});

const letters: Json = ["a", "b", "c", "d"].map((it) => ({ input: it, output: it.toUpperCase() }));

test("the first are taken in the order of the file", () => {
  checkChoice(letters, { k: 3 }, {}, ["0: first 3 of 4", "1: first 3 of 4", "2: first 3 of 4"]);
});

test("without a number all are taken", () => checkIndexes(letters, {}, {}, [0, 1, 2, 3]));
test("more than there are is all of them", () => checkIndexes(letters, { k: 9 }, {}, [0, 1, 2, 3]));
test("they can stand the other way round", () => checkIndexes(letters, { k: 3, order: "desc" }, {}, [2, 1, 0]));
test("the best can stand last", () => checkIndexes(letters, { k: 3, order: "nearest-last" }, {}, [2, 1, 0]));

test("the same seed draws the same, and another seed something else", () => {
  const many: Json = Array.from({ length: 50 }, (_, i) => ({ input: `${i}`, output: "x" }));
  const drawn = (seed: number) => indexesOf(choose(many, { strategy: "random", k: 10, seed }, {}));
  assert.deepEqual(drawn(1), drawn(1));
  assert.notDeepEqual(drawn(1), drawn(2));
  assert.equal(new Set(drawn(1)).size, 10);
  assert.notDeepEqual(drawn(1), drawn(2 ** 32 + 1));
});

test("every shot is drawn about as often as the others", () => {
  const drawn = [0, 0, 0, 0];
  for (let seed = 0; seed < 2000; seed++)
    for (const it of indexesOf(choose(letters, { strategy: "random", k: 1, seed }, {}))) drawn[it]!++;
  for (const it of drawn) assert.ok(430 < it && it < 570, String(drawn));
});

test("a draw says its seed", () => {
  const [shot] = choose(letters, { strategy: "random", k: 1, seed: 7 }, {}).shots;
  assert.equal(shot!.reason, "drawn with seed 7");
});

const messages: Json = [
  { input: { message: "hello" }, output: "other" },
  { input: { message: "refund please" }, output: "billing" },
  { input: { message: "refund my broken phone" }, output: "billing" },
];

test("the most similar stands last, and says how similar it is", () => {
  checkChoice(messages, { strategy: "similar", k: 2 }, { message: "Broken refund" }, [
    "1: most similar: 0.50",
    "2: most similar: 1.12",
  ]);
});

test("shots without a word in common come in the order of the file, and say so", () => {
  checkChoice(messages, { strategy: "similar", k: 2, order: "asc" }, { message: "xyz" }, [
    "0: no word in common",
    "1: no word in common",
  ]);
});

test("only the variables that shots have values of are compared", () => {
  const input = { message: "phone", customer: "Hello Refund Please" };
  checkIndexes(messages, { strategy: "similar", k: 1 }, input, [2]);
});

const tagged: Json = [
  { input: "a", output: "1", tags: ["billing", "urgent"] },
  { input: "b", output: "2" },
  { input: "c", output: "3", tags: "shipping" },
  { input: "d", output: "4", tags: ["billing"] },
];

test("shots that share a tag are taken, and say which", () => {
  checkChoice(tagged, { strategy: "tags", tags: ["billing"] }, { tags: "urgent" }, [
    "0: shares the tags billing, urgent",
    "3: shares the tag billing",
  ]);
  checkIndexes(tagged, { strategy: "tags", k: 1 }, { tags: ["shipping", "billing"] }, [0]);
  checkIndexes(tagged, { strategy: "tags" }, {}, []);
});

test("a shot with a condition is used only with that input", () => {
  const shots: Json = [
    { input: "a", output: "1", when: { language: "de" } },
    { input: "b", output: "2", when: { language: "en", formal: true } },
    { input: "c", output: "3" },
  ];
  checkIndexes(shots, {}, { language: "de" }, [0, 2]);
  checkIndexes(shots, {}, { language: "en", formal: true }, [1, 2]);
  checkIndexes(shots, {}, { language: "en" }, [2]);
});

test("whole shots of the lowest ranks go until the rest fits, and the order of the rest stays", () => {
  const count = (text: string) => text.length;
  const shots: Json = ["aa", "bbbb", "c", "dd"].map((it) => ({ input: it, output: "x" }));
  checkIndexes(shots, { maxTokens: 8 }, {}, [0, 1], count);
  checkIndexes(shots, { maxTokens: 8, order: "desc" }, {}, [1, 0], count);
  checkIndexes(shots, { maxTokens: 2 }, {}, [], count);
  checkIndexes(shots, { maxTokens: 2 }, {}, [0, 1, 2, 3]);
});

test("2,000 shots of a file are read, and the one that was meant is found", () => {
  const lines = Array.from({ length: 2000 }, (_, i) =>
    JSON.stringify({ input: { message: `order ${i} came ${i % 7} days late to street ${i * 3}` }, output: "late" }),
  );
  const file = fileOf({ file: "shots.jsonl" }, { strategy: "similar", k: 1 }, "{{message}}");
  const { shots, diagnostics } = readShots(file, () => lines.join("\n"));
  assert.deepEqual(diagnostics, []);
  const { select } = readShotSelect(file);
  assert.deepEqual(indexesOf(selectShots({ shots, select, input: { message: "where is order 1234?" } })), [1234]);
});

test("blank lines and a byte order mark do no harm, and errors say their line", () => {
  const text = '\uFEFF{"input":"a","output":"b"}\r\n\r\n{"input":"c"}\n[1\n{"input":{},"output":0}\n';
  const { shots, diagnostics } = readShots(fileOf({ file: "s.jsonl" }, {}, ""), () => text);
  assert.deepEqual(
    shots.map((it) => it.output),
    ["b", 0],
  );
  assert.deepEqual(
    diagnostics.map((it) => it.message),
    [
      'line 3 of "s.jsonl": expected an `output` in this shot',
      'line 4 of "s.jsonl": expected one JSON object on this line',
    ],
  );
});

test("of a file with many mistakes only the first are told, and how many there are", () => {
  const { diagnostics } = readShots(fileOf({ file: "s.jsonl" }, {}, ""), () => "x\n".repeat(100));
  assert.equal(diagnostics.length, 11);
  assert.equal(diagnostics.at(-1)!.message, '"s.jsonl" has 90 more problems');
});

test("a line that nests without an end is an error", () => {
  const text = `{"input":"a","output":${"[".repeat(9000)}${"]".repeat(9000)}}`;
  const { shots, diagnostics } = readShots(fileOf({ file: "s.jsonl" }, {}, ""), () => text);
  assert.deepEqual([shots.length, diagnostics[0]!.message], [0, 'line 1 of "s.jsonl": it nests too deeply']);
});

const two: Json = [
  { input: { message: "Where is it?" }, output: "shipping" },
  { input: { message: "Pay me.", level: 2 }, output: { queue: "billing", sure: true } },
];

test("{{shots}} stands for turns of the user and the model", () => {
  checkRendered(two, '{{role "system"}}Sort.\n{{shots}}{{role "user"}}{{message}}', { message: "Hm?" }, [
    "system: Sort.\n",
    "user#0: Where is it?",
    "model#0: shipping",
    "user#1: message: Pay me.\nlevel: 2",
    'model#1: {"queue":"billing","sure":true}',
    "user: Hm?",
  ]);
});

test("what follows {{shots}} without a role is the user's", () => {
  checkRendered(letters, '{{role "system"}}S{{shots}}{{message}}', { message: "e" }, [
    "system: S",
    ...letterTurns,
    "user: e",
  ]);
});

test("a template without a place for them has them before the last message of the user", () => {
  checkRendered(letters, "{{message}}", { message: "e" }, [...letterTurns, "user: e"]);
  checkRendered(letters, '{{role "system"}}S{{role "user"}}{{message}}{{role "model"}}It is', { message: "e" }, [
    "system: S",
    ...letterTurns,
    "user: e",
    "model: It is",
  ]);
  checkRendered(letters, '{{role "system"}}S', {}, ["system: S", ...letterTurns]);
});

test("a conversation stands behind the shots, and leads to its last message", () => {
  const history: RenderedMessage[] = [
    { role: "user", parts: [{ kind: "text", text: "Hi" }] },
    { role: "model", parts: [{ kind: "text", text: "Ho" }] },
  ];
  for (const body of ["{{message}}", '{{history}}{{role "user"}}{{message}}'])
    checkRendered(letters, body, { message: "e" }, [...letterTurns, "user: Hi", "model: Ho", "user: e"], { history });
});

test("the block is written once for each shot", () => {
  const body = "{{#shots}}\n{{@index}}. {{input.message}} -> {{output}}{{#if @last}}!{{/if}}\n{{/shots}}\n{{message}}";
  checkRendered(two, body, { message: "Hm?" }, [
    'user: 0. Where is it? -> shipping\n1. Pay me. -> {"queue":"billing","sure":true}!\nHm?',
  ]);
});

test("in the block the input as a whole is what it is in a turn, and fields can be asked for", () => {
  checkRendered(two, "{{#shots}}[{{input}}|{{output.queue}}|{{../message}}]{{/shots}}", { message: "m" }, [
    "user: [Where is it?||m][message: Pay me.\nlevel: 2|billing|m]",
  ]);
});

test("a list as output is JSON wherever it stands", () => {
  checkRendered([{ input: "a", output: [1, "b"] }], "{{#shots}}{{output}}{{/shots}}", {}, ['user: [1,"b"]']);
});

test("roles in the block make turns", () => {
  const body =
    '{{#shots}}{{role "user"}}Q: {{input}}{{role "model"}}A: {{output}}{{/shots}}{{role "user"}}Q: {{message}}';
  checkRendered([{ input: "a", output: "A" }], body, { message: "b" }, ["user#0: Q: a", "model#0: A: A", "user: Q: b"]);
});

test("a message that only begins in a shot is not folded with it", () => {
  const body = '{{#shots}}{{role "user"}}{{input}}{{/shots}} and {{message}}';
  checkRendered([{ input: "a", output: "A" }], body, { message: "b" }, ["user: a and b"]);
});

test("without a shot the block has its other branch", () => {
  checkRendered([], "{{#shots}}x{{else}}No examples. {{/shots}}{{message}}", { message: "e" }, [
    "user: No examples. e",
  ]);
});

test("a variable called shots is one, where the file has no shots", () => {
  const { file } = parse("{{#shots}}{{this}},{{/shots}} {{#each shots}}{{this}};{{/each}}");
  assert.deepEqual(shown(render(file, { input: { shots: ["a", "b"] } }).messages), ["user: a,b, a;b;"]);
});

test("a variable called keep is one", () => {
  const { file } = parse("{{#keep}}yes{{/keep}}{{keep}}");
  assert.deepEqual(shown(render(file, { input: { keep: "x" } }).messages), ["user: yesx"]);
});

const letterTurns = ["a", "b", "c", "d"].flatMap((it, i) => [`user#${i}: ${it}`, `model#${i}: ${it.toUpperCase()}`]);

function fileOf(shots: Json, select: JsonObject, body: string) {
  const frontMatter = JSON.stringify({ "tiller.shots": shots, "tiller.shotSelect": select });
  const { file, diagnostics } = parse(`---\n${frontMatter}\n---\n${body}`);
  assert.deepEqual(diagnostics, []);
  return file;
}

function choose(shots: Json, settings: JsonObject, input: JsonObject, count?: CountTokens): ShotSelection {
  const file = fileOf(shots, settings, "");
  const read = readShots(file, undefined);
  const { select, diagnostics } = readShotSelect(file);
  assert.deepEqual([...read.diagnostics, ...diagnostics], []);
  return selectShots({ shots: read.shots, select, input, count });
}

function indexesOf({ shots }: ShotSelection): readonly number[] {
  return shots.map((it) => it.shot.index);
}

function checkIndexes(
  shots: Json,
  settings: JsonObject,
  input: JsonObject,
  indexes: readonly number[],
  count?: CountTokens,
): void {
  assert.deepEqual(indexesOf(choose(shots, settings, input, count)), indexes);
}

function checkChoice(shots: Json, settings: JsonObject, input: JsonObject, expected: readonly string[]): void {
  const found = choose(shots, settings, input).shots.map(({ shot, reason }) => `${shot.index}: ${reason}`);
  assert.deepEqual(found, expected);
}

/** Messages with `#` come from the shot of that index. */
function checkRendered(
  shots: Json,
  body: string,
  input: JsonObject,
  expected: readonly string[],
  request: RenderRequest = {},
): void {
  const { messages, diagnostics } = render(fileOf(shots, {}, body), {
    ...request,
    input,
    shots: choose(shots, {}, input),
  });
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(shown(messages), expected);
}

function shown(messages: readonly RenderedMessage[]): readonly string[] {
  return messages.map(({ role, shot, parts }) => {
    const text = parts.map((it) => (it.kind === "text" ? it.text : `<${it.kind}>`)).join("");
    return `${role}${shot === undefined ? "" : `#${shot.index}`}: ${text}`;
  });
}
