// The matrix of a comparison, on an engine that writes what the test says.

import assert from "node:assert/strict";
import { test } from "node:test";

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { TillerError } from "../../src/base/error.js";
import { variantTotals } from "../../src/compare/variantTotals.js";
import { runComparison } from "../../src/runner/compare/compareRunner.js";
import type { CompareEvent, CompareRequest, Variant } from "../../src/protocol/compare.js";
import type { Engine, GenerateRequest, RowResult } from "../../src/protocol/engine.js";
import { nodeFiles } from "../../src/runner/nodeFiles.js";
import { temporaryFolder } from "../temporaryFolder.js";
import { fakeEngine, usage } from "./fakeEngine.js";

const model = { path: "/models/one.gguf" };
const never = new AbortController().signal;
const text = `---
input: { schema: { who: string } }
tiller.tests:
  - { name: cat, input: { who: cat }, assert: [{ type: contains, value: "cat" }] }
  - { name: dog, input: { who: dog }, assert: [{ type: equals, value: "no" }] }
---
Who? {{who}}
{{role "model"}}It is {{gen "name"}} and {{gen "more" hidden=true}}.`;

/** Writes the last words of the prompt, the seed and the row; remembers what was written together. */
function writingEngine(fail: (request: Omit<GenerateRequest, "model">) => boolean = () => false) {
  const batches: number[] = [];
  const answer = (request: Omit<GenerateRequest, "model">) => {
    const { messages } = request.prompt as unknown as { messages: { content: string }[] };
    return `${messages[0]!.content.trim().split(" ").at(-1)!} ${request.sampling?.seed}`;
  };
  const engine: Engine = {
    ...fakeEngine([]),
    unload: () => Promise.resolve(true),
    generate(request, onEvent) {
      batches.push(1);
      if (fail(request)) return Promise.reject(new TillerError("adapter-mismatch", "made for another model"));
      onEvent({ type: "text", text: answer(request) });
      return Promise.resolve({ text: answer(request), ids: [], finish: "stop", usage });
    },
    generateRows({ rows }, onEvent) {
      batches.push(rows.length);
      const results = rows.map((request, row): RowResult => {
        if (fail(request)) return { status: "failed", code: "adapter-mismatch", message: "made for another model" };
        onEvent({ type: "row", row, event: { type: "text", text: answer(request) } });
        return {
          status: "done",
          result: { text: answer(request), ids: [], finish: "stop", usage },
          together: rows.length,
        };
      });
      results.forEach((result, row) => onEvent({ type: "ended", row, result }));
      return Promise.resolve({ rows: results });
    },
  };
  return { engine, batches };
}

const variants: readonly Variant[] = [
  { id: "a", label: "Base" },
  { id: "b", label: "Hot", sampling: { temperature: 0.7, seed: 99 } },
];

async function compare(request: Partial<CompareRequest>, engine: Engine, signal = never) {
  const events: CompareEvent[] = [];
  const whole = { path: "/w/who.prompt", text, variants, model, ...request };
  const options = { engine, files: nodeFiles, promptName: () => "who.prompt" };
  return { result: await runComparison(whole, options, (it) => events.push(it), signal), events };
}

test("every variant writes every test with every seed, and all of one input go together from hole to hole", async () => {
  const { engine, batches } = writingEngine();
  const { result, events } = await compare({ seeds: [5], repeats: 3 }, engine);
  assert.deepEqual(result.seeds, [5, 6, 7]);
  assert.deepEqual(batches, [6, 6, 6, 6]); // two inputs, two holes
  assert.equal(result.cells.length, 2 * 2 * 3);
  const cell = result.cells.find((it) => it.variant === "b" && it.input === 1 && it.repeat === 2)!;
  assert.ok(cell.status === "finished");
  assert.equal(cell.text, "It is dog 7 and .");
  assert.deepEqual(cell.output, [{ text: "It is " }, { text: "dog 7", hole: "name" }, { text: " and ." }]);
  assert.deepEqual([cell.metrics.rows, cell.metrics.tokens], [6, 2]);
  assert.deepEqual([events[0]?.type, events.at(-1)?.type], ["started", "done"]);
  const told = events.map((it) =>
    it.type === "text" && it.cell.variant === "b" && it.cell.input === 1 && it.cell.repeat === 2 ? it.text : "",
  );
  assert.equal(told.join(""), cell.text);
});

test("the checks of a test are made on its own outputs", async () => {
  const { result } = await compare({}, writingEngine().engine);
  const verdicts = result.cells.map((it) => (it.status === "finished" ? it.tests.map((one) => one.passed) : []));
  assert.deepEqual(verdicts, [[true], [false], [true], [false]]);
});

test("a variant that fails leaves the others alone", async () => {
  const { engine } = writingEngine((it) => it.sampling?.temperature === 0.7);
  const { result, events } = await compare({}, engine);
  assert.deepEqual(
    result.cells.map((it) => `${it.variant} ${it.status}`),
    ["a finished", "a finished", "b failed", "b failed"],
  );
  const done = events.at(-1)!;
  assert.ok(done.type === "done" && done.done === 2 && done.failed === 2 && done.finish === "complete");
});

test("an adapter or a file that is not there fails in its own cells", async () => {
  const other = { id: "d", label: "D", prompt: { path: "/w/who.short.prompt" } };
  const gone = await compare({ variants: [...variants, other] }, writingEngine().engine);
  assert.deepEqual(gone.result.cells.map((it) => it.status), ["finished", "finished", "finished", "finished", "failed", "failed"]); // prettier-ignore
  assert.ok(gone.result.cells.every((it) => it.status !== "failed" || /who\.short\.prompt/.test(it.message)));
  const done = gone.events.at(-1)!;
  assert.ok(done.type === "done" && done.done === 4 && done.failed === 2);
  const broken = [...variants, { id: "c", label: "C", adapters: [{ name: "nowhere" }] }];
  const { result } = await compare({ variants: broken }, writingEngine().engine);
  const failed = result.cells.filter((it) => it.status === "failed");
  assert.deepEqual(
    failed.map((it) => [it.variant, it.code]),
    [
      ["c", "adapter-not-found"],
      ["c", "adapter-not-found"],
    ],
  );
  assert.equal(result.cells.length, 6);
});

/** An engine with memory for one model; what is asked of another one is refused until it is free. */
function smallEngine(engine: Engine, order: string[]): Engine {
  const loaded = new Set<string>();
  const fits = (path: string): boolean => {
    order.push(path.split("/").at(-1)!);
    if (0 < loaded.size && !loaded.has(path)) return false;
    loaded.add(path);
    return true;
  };
  const refusal = { code: "out-of-memory", message: "it does not fit" } as const;
  return {
    ...engine,
    unload({ model: { path } }) {
      if (loaded.delete(path)) order.push(`free ${path.split("/").at(-1)!}`);
      else return Promise.resolve(false);
      return Promise.resolve(true);
    },
    generate: (request, ...rest) =>
      fits(request.model.path)
        ? engine.generate(request, ...rest)
        : Promise.reject(new TillerError(refusal.code, refusal.message)),
    generateRows: (request, onEvent, signal) => {
      if (fits(request.model.path)) return engine.generateRows(request, onEvent, signal);
      const results = request.rows.map((): RowResult => ({ status: "failed", ...refusal }));
      results.forEach((result, row) => onEvent({ type: "ended", row, result }));
      return Promise.resolve({ rows: results });
    },
  };
}

const two = { path: "/models/two.gguf" };
const three = { path: "/models/three.gguf" };
const me = { kind: "values", values: { who: "me" } } as const;

test("models come one after the other, the loaded one first, and one that is done is unloaded", async () => {
  const order: string[] = [];
  const { engine } = writingEngine();
  const watched: Engine = {
    ...engine,
    generate: (request, ...rest) => (order.push(request.model.path), engine.generate(request, ...rest)),
    generateRows: (request, ...rest) => (order.push(request.model.path), engine.generateRows(request, ...rest)),
    unload: ({ model: { path } }) => (order.push(`unload ${path}`), Promise.resolve(true)),
  };
  const all = [{ id: "x", label: "X", model: two }, ...variants, { id: "y", label: "Y", model: three }];
  const { result } = await compare({ variants: all, inputs: me }, watched);
  assert.deepEqual(order, [model.path, model.path, two.path, two.path, `unload ${two.path}`, three.path, three.path, `unload ${three.path}`]); // prettier-ignore
  assert.deepEqual(
    result.variants.map((it) => it.key),
    ["two.gguf", "one.gguf", 'one.gguf|sampling={"temperature":0.7}', "three.gguf"],
  );
  assert.deepEqual([...new Set(result.cells.map((it) => it.variant))], ["x", "a", "b", "y"]);
});

test("a model that does not fit beside the one before is written when that one has made room, and nothing fails", async () => {
  const order: string[] = [];
  const engine = smallEngine(writingEngine().engine, order);
  const all = [...variants, { id: "x", label: "X", model: two }, { id: "y", label: "Y", model: three }];
  const { result, events } = await compare({ variants: all, inputs: me }, engine);
  assert.deepEqual(result.cells.map((it) => it.status), ["finished", "finished", "finished", "finished"]); // prettier-ignore
  assert.deepEqual(order, ["one.gguf", "one.gguf", "two.gguf", "free one.gguf", "two.gguf", "two.gguf", "free two.gguf", "three.gguf", "three.gguf", "free three.gguf"]); // prettier-ignore
  assert.deepEqual(events.flatMap((it) => (it.type === "restarted" ? [it.cell.variant] : [])), ["x"]); // prettier-ignore
  const done = events.at(-1)!;
  assert.ok(done.type === "done" && done.done === 4 && done.failed === 0, "what was refused at first is not counted");
});

test("a model that fits nowhere fails in its own cells", async () => {
  const order: string[] = [];
  const small = smallEngine(writingEngine().engine, order);
  const never = (path: string) => path === two.path;
  const engine: Engine = {
    ...small,
    generate: (request, ...rest) =>
      never(request.model.path)
        ? Promise.reject(new TillerError("out-of-memory", "never"))
        : small.generate(request, ...rest),
  };
  const all = [...variants, { id: "x", label: "X", model: two }];
  const { result } = await compare({ variants: all, inputs: me }, engine);
  assert.deepEqual(result.cells.map((it) => it.status), ["finished", "finished", "failed"]); // prettier-ignore
});

test("some cells are written again, and the others stay", async () => {
  const first = await compare({ seeds: [1] }, writingEngine().engine);
  const cells = [{ variant: "b", input: 0, repeat: 0 }];
  const changed = { ...first.result, cells: first.result.cells.map((it) => ({ ...it, output: [] })) };
  const { engine, batches } = writingEngine();
  const { result } = await compare({ seeds: [1], again: { result: changed, cells } }, engine);
  assert.equal(result.id, first.result.id);
  assert.deepEqual(batches, [1, 1]);
  assert.deepEqual(
    result.cells.map((it) => 0 < it.output.length),
    [false, false, true, false],
  );
});

test("stopping keeps what is there", async () => {
  const controller = new AbortController();
  const { engine } = writingEngine();
  const stopping: Engine = {
    ...engine,
    generateRows: (request, onEvent, signal) => {
      controller.abort();
      assert.equal(signal.aborted, true);
      const results = request.rows.map((): RowResult => ({
        ...{ status: "done", together: 2 },
        result: { text: "so", ids: [], finish: "cancelled", usage },
      }));
      results.forEach((result, row) => onEvent({ type: "ended", row, result }));
      return Promise.resolve({ rows: results });
    },
  };
  const { result } = await compare({}, stopping, controller.signal);
  assert.equal(result.finish, "stopped");
  assert.deepEqual(
    result.cells.map((it) => it.status),
    ["stopped", "stopped"],
  );
});

test("a guide of a variant stands in its prompt, and what its texts keep of it is measured", async () => {
  const systems: string[] = [];
  const { engine } = writingEngine(({ prompt }) => {
    const { messages } = prompt as unknown as { messages: { role: string; content: string }[] };
    systems.push(messages.find((it) => it.role === "system")?.content ?? "none");
    return false;
  });
  const guided = [variants[0]!, { id: "g", label: "G", guide: { tone: "dry", length: "phrase" } }];
  const { result } = await compare({ variants: guided, inputs: { kind: "values", values: { who: "ox" } } }, engine);
  assert.deepEqual([...new Set(systems)].sort(), ["Your tone is dry. Your answer has 1 to 8 words.", "none"]);
  const presets = result.cells.map((it) => (it.status === "finished" ? it.presets.map((one) => one.control) : []));
  assert.deepEqual(presets, [[], ["length"]]);
});

test("a table gives the inputs by its columns", async () => {
  const folder = temporaryFolder("rows");
  const path = join(folder, "rows.csv");
  writeFileSync(path, 'who,name,reference\n"an ox, old",first,ox\na hen,second,hen\n');
  const { result } = await compare({ inputs: { kind: "file", path } }, writingEngine().engine);
  assert.deepEqual(
    result.inputs.map((it) => [it.name, it.values]),
    [
      ["first", { who: "an ox, old" }],
      ["second", { who: "a hen" }],
    ],
  );
});

test("one test of the file can be chosen, and a number of a table is a number where the prompt wants one", async () => {
  const one = await compare({ inputs: { kind: "tests", names: ["dog"] } }, writingEngine().engine);
  assert.deepEqual(one.result.inputs, [{ name: "dog", values: { who: "dog" }, tests: [{ name: "dog", passRate: 1 }] }]);
  const path = join(temporaryFolder("numbers"), "rows.tsv");
  writeFileSync(path, "who\tage\nox\t7\n");
  const typed = text.replace("who: string", "who: string, age: integer");
  const { result } = await compare({ text: typed, inputs: { kind: "file", path } }, writingEngine().engine);
  assert.deepEqual([result.inputs[0]!.values, result.cells[0]!.status], [{ who: "ox", age: 7 }, "finished"]);
});

test("the input of a test is written as often as the test wants, and a part of its repeats may fail", async () => {
  const flaky = text
    .replace("{ name: cat,", "{ name: cat, repeat: 4, passRate: 0.5,")
    .replace('value: "cat"', 'value: "cat 2"');
  const { result, events } = await compare({ text: flaky, seeds: [1] }, writingEngine().engine);
  assert.deepEqual(result.seeds, [1, 2, 3, 4]);
  assert.deepEqual(result.inputs.map((it) => [it.name, it.repeats, it.tests]), [["cat", undefined, [{ name: "cat", passRate: 0.5 }]], ["dog", 1, [{ name: "dog", passRate: 1 }]]]); // prettier-ignore
  assert.deepEqual(result.cells.map((it) => `${it.variant}${it.input}${it.seed}`), ["a01", "a02", "a03", "a04", "a11", "b01", "b02", "b03", "b04", "b11"]); // prettier-ignore
  assert.equal(events[0]?.type === "started" && events[0].total, 10);
  const [a] = variantTotals(result);
  assert.deepEqual([a!.passed, a!.tests], [0, 2], "one of four is less than half");
  const more = await compare({ text: flaky, repeats: 2, again: { result, cells: [] } }, writingEngine().engine);
  assert.deepEqual([more.result.inputs, more.result.seeds], [result.inputs, result.seeds]);
  const every = text.replace("assert: [{ type: contains", "repeat: 2, assert: [{ type: contains").replace("name: cat, input: { who: cat }", "name: all"); // prettier-ignore
  const all = await compare({ text: every }, writingEngine().engine);
  assert.deepEqual([all.result.seeds, all.result.inputs.map((it) => it.name)], [[0, 1], ["dog"]]);
});

test("a judge that cannot be run loses nothing of what was written", async () => {
  const { engine } = writingEngine();
  const reasons = {
    strength: `---\ntiller.guide: {strength: -1}\n---\n${judge.text}`,
    "{{first}} and {{second}}": '{{select "better" "first" "second"}}',
    'chooses between "first" and "second"': "{{first}} {{second}}",
  };
  for (const [part, judgeText] of Object.entries(reasons)) {
    const judges = { prompt: { path: "/w/judge.prompt", text: judgeText } };
    const { result, events } = await compare({ judges, inputs: { kind: "values", values: { who: "ox" } } }, engine);
    assert.deepEqual([result.finish, result.cells.length, result.judged.length], ["complete", 2, 0]);
    assert.ok(
      events.some((it) => it.type === "not-judged" && it.message.includes(part)),
      part,
    );
    assert.equal(result.judges, undefined);
  }
});

test("what is wrong with the whole is refused before anything is written", async () => {
  const { engine, batches } = writingEngine();
  const refuses = (request: Partial<CompareRequest>, code: string, part: string) =>
    assert.rejects(
      compare(request, engine),
      (error: TillerError) => error.code === code && error.message.includes(part),
    );
  await refuses({ variants: [variants[0]!] }, "usage", "2 to 8 variants");
  await refuses({ variants: [variants[0]!, variants[0]!] }, "usage", "same id");
  await refuses({ inputs: { kind: "tests", names: ["bird"] } }, "usage", 'no test "bird"');
  await refuses({ inputs: { kind: "file", path: "/no/rows.jsonl" } }, "file-not-found", "/no/rows.jsonl");
  assert.deepEqual(batches, []);
});

const judge = { path: "/w/judge.prompt", text: '{{input}} {{first}} {{second}} {{select "better" "first" "second"}}' };

/** Says which of two outputs is better, by what they are; everything else is written by `engine`. */
function judgingEngine(engine: Engine, pick: (first: string, second: string) => string): Engine & { asked: string[] } {
  const asked: string[] = [];
  const answer = (request: Omit<GenerateRequest, "model">): string | undefined => {
    const options = /It is (\S+ \d+) and \. It is (\S+ \d+) and \./.exec(JSON.stringify(request.prompt));
    if (options === null) return undefined;
    asked.push(`${options[1]!} | ${options[2]!}`);
    return pick(options[1]!, options[2]!);
  };
  return {
    ...engine,
    asked,
    generate(request, onEvent, signal) {
      const text = answer(request);
      if (text === undefined) return engine.generate(request, onEvent, signal);
      return Promise.resolve({ text, ids: [], finish: "stop", usage });
    },
    generateRows(request, onEvent, signal) {
      const texts = request.rows.map(answer);
      if (texts[0] === undefined) return engine.generateRows(request, onEvent, signal);
      const together = texts.length;
      const results = texts.map((text): RowResult => ({ status: "done", result: { text: text!, ids: [], finish: "stop", usage }, together })); // prettier-ignore
      results.forEach((result, row) => onEvent({ type: "ended", row, result }));
      return Promise.resolve({ rows: results });
    },
  };
}

/** Outputs differ by their seeds alone: variant b writes with another one. */
const seeded: Partial<CompareRequest> = { inputs: { kind: "values", values: { who: "ox" } }, seeds: [1, 2, 3], judges: { prompt: judge } }; // prettier-ignore

test("a judge that is asked in both orders has an opinion only where it keeps to it", async () => {
  const place = await compare(
    { inputs: me, judges: { prompt: judge } },
    judgingEngine(writingEngine().engine, () => "first"),
  );
  assert.deepEqual(place.result.judged, [{ input: 0, repeat: 0, a: "a", b: "b", choice: "tie", consistent: false }]);
  assert.equal(place.result.judges!.prompt!.model, "one.gguf");
});

test("pairs are judged together, in both orders, and each is told", async () => {
  const { engine, batches } = writingEngine();
  const judging = judgingEngine(engine, (first, second) => (first < second ? "first" : "second"));
  const { result, events } = await compare(seeded, judging);
  assert.equal(judging.asked.length, 6, "three pairs, twice");
  assert.deepEqual(batches, [6, 6], "nothing was written anew for the judge");
  assert.equal(result.judged.length, 3);
  const told = events.flatMap((it) => (it.type === "judging" ? [[it.judge, it.done, it.total]] : []));
  assert.deepEqual(told, [["prompt", 0, 3], ["prompt", 3, 3]]); // prettier-ignore
});

test("outputs that are there can be judged later, and one that is written again is judged again alone", async () => {
  const first = await compare({ ...seeded, judges: {} }, writingEngine().engine);
  const { engine, batches } = writingEngine();
  const judging = judgingEngine(engine, () => "first");
  const later = await compare({ ...seeded, again: { result: first.result, cells: [] } }, judging);
  assert.deepEqual(batches, []);
  assert.deepEqual(later.result.cells, first.result.cells);
  assert.deepEqual([later.result.judged.length, later.result.ms], [3, first.result.ms]);

  const anew = judgingEngine(writingEngine().engine, () => "first");
  await compare({ ...seeded, again: { result: later.result, cells: [] } }, anew);
  assert.equal(anew.asked.length, 6, "who asks for nothing else wants it anew");

  const more = judgingEngine(writingEngine().engine, () => "second");
  const cells = [{ variant: "b", input: 0, repeat: 1 }];
  const once = await compare({ ...seeded, again: { result: later.result, cells } }, more);
  assert.equal(more.asked.length, 2);
  assert.deepEqual(once.result.judged.map((it) => it.repeat).sort(), [0, 1, 2]); // prettier-ignore

  const other = { path: "/w/other.prompt", text: `Another one. ${judge.text}` };
  const others = judgingEngine(writingEngine().engine, () => "first");
  const by = await compare({ judges: { prompt: other }, again: { result: once.result, cells } }, others);
  assert.equal(others.asked.length, 6, "another judge is asked for all");
  assert.notEqual(by.result.judges!.prompt!.hash, later.result.judges!.prompt!.hash);
});

test("a judge that fails in the middle keeps what it said, and the outputs", async () => {
  let calls = 0;
  const { engine } = writingEngine();
  const judging = judgingEngine(engine, () => "first");
  const failing: Engine = {
    ...judging,
    generateRows(request, onEvent, signal) {
      if (JSON.stringify(request.rows[0]!.prompt).includes("and .") && 0 < calls++)
        return Promise.reject(new TillerError("out-of-memory", "no room"));
      return judging.generateRows(request, onEvent, signal);
    },
    unload: () => Promise.resolve(false),
  };
  const { result, events } = await compare({ ...seeded, seeds: [1, 2, 3, 4, 5, 6] }, failing);
  assert.deepEqual([result.finish, result.cells.length, result.judged.length], ["complete", 12, 4]);
  assert.deepEqual(events.flatMap((it) => (it.type === "not-judged" ? [it.message] : [])), ["no room"]); // prettier-ignore
});

test("stopping while it is judged keeps all outputs and what was said", async () => {
  const controller = new AbortController();
  const judging = judgingEngine(writingEngine().engine, () => "first");
  const stopping: Engine = {
    ...judging,
    generateRows(request, onEvent, signal) {
      if (4 < judging.asked.length) controller.abort();
      return judging.generateRows(request, onEvent, signal);
    },
  };
  const { result, events } = await compare({ ...seeded, seeds: [1, 2, 3, 4, 5, 6] }, stopping, controller.signal);
  assert.deepEqual([result.finish, result.judged.length], ["stopped", 4]);
  assert.ok(result.cells.length === 12 && result.cells.every((it) => it.status === "finished"));
  assert.ok(!events.some((it) => it.type === "not-judged"), "stopping is no failure");
});

test("outputs are scored under another model, which is unloaded, and one that cannot be loaded is said once", async () => {
  const order: string[] = [];
  const scoring = (fails: boolean): Engine => ({
    ...writingEngine().engine,
    tokenize: () => Promise.resolve({ ids: [1, 2], tokens: ["a", "b"] } as never),
    score: ({ model: { path } }) => {
      order.push(path);
      if (fails) return Promise.reject(new TillerError("model-not-found", "it is gone"));
      return Promise.resolve({ ids: [1, 2, 3, 4], logprobs: [null, -9, -1, -2] } as never);
    },
    unload: ({ model: { path } }) => (order.push(`unload ${path}`), Promise.resolve(true)),
  });
  const request = { inputs: me, judges: { likelihood: two } };
  const good = await compare(request, scoring(false));
  assert.deepEqual(good.result.cells.map((it) => it.status === "finished" && it.metrics.likelihood), [-1.5, -1.5]); // prettier-ignore
  assert.deepEqual(order, [two.path, two.path, `unload ${two.path}`]);
  assert.deepEqual(good.result.judges, { likelihood: "two.gguf" });
  const bad = await compare(request, scoring(true));
  assert.deepEqual(bad.events.flatMap((it) => (it.type === "not-judged" ? [`${it.judge}: ${it.message}`] : [])), ["likelihood: it is gone"]); // prettier-ignore
  assert.ok(bad.result.cells.every((it) => it.status === "finished"));
});

test("cells of a stored comparison are written again with the tests of its own text", async () => {
  const first = await compare({ seeds: [1] }, writingEngine().engine);
  const cells = [{ variant: "a", input: 1, repeat: 0 }];
  // Whoever read it from the disk knows nothing but the result.
  const request = { inputs: { kind: "values", values: {} } as const, again: { result: first.result, cells } };
  const { result } = await compare(request, writingEngine().engine);
  assert.deepEqual(result.inputs, first.result.inputs);
  assert.deepEqual(result.cells.map((it) => it.status === "finished" && it.tests.map((one) => one.passed)), [[true], [false], [true], [false]]); // prettier-ignore
});
