// The matrix of a comparison, on an engine that writes what the test says.

import assert from "node:assert/strict";
import { test } from "node:test";

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { TillerError } from "../../src/base/error.js";
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

test("models come one after the other, and one that is not the request's own is unloaded", async () => {
  const order: string[] = [];
  const { engine } = writingEngine();
  const watched: Engine = {
    ...engine,
    generate: (request, ...rest) => (order.push(request.model.path), engine.generate(request, ...rest)),
    generateRows: (request, ...rest) => (order.push(request.model.path), engine.generateRows(request, ...rest)),
    unload: ({ model: { path } }) => (order.push(`unload ${path}`), Promise.resolve(true)),
  };
  const other = { path: "/models/two.gguf" };
  const all = [{ id: "x", label: "X", model: other }, ...variants];
  const inputs = { kind: "values", values: { who: "me" } } as const;
  const { result } = await compare({ variants: all, inputs }, watched);
  assert.deepEqual(order, [other.path, other.path, `unload ${other.path}`, model.path, model.path]);
  assert.deepEqual(
    result.variants.map((it) => it.key),
    ["two.gguf", "one.gguf", 'one.gguf|sampling={"temperature":0.7}'],
  );
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
  assert.deepEqual(one.result.inputs, [{ name: "dog", values: { who: "dog" } }]);
  const path = join(temporaryFolder("numbers"), "rows.tsv");
  writeFileSync(path, "who\tage\nox\t7\n");
  const typed = text.replace("who: string", "who: string, age: integer");
  const { result } = await compare({ text: typed, inputs: { kind: "file", path } }, writingEngine().engine);
  assert.deepEqual([result.inputs[0]!.values, result.cells[0]!.status], [{ who: "ox", age: 7 }, "finished"]);
});

test("a judge that cannot be run loses nothing of what was written", async () => {
  const { engine } = writingEngine();
  const judges = { prompt: { path: "/w/judge.prompt", text: "---\ntiller.guide: {strength: -1}\n---\nWhich?" } };
  const { result, events } = await compare({ judges, inputs: { kind: "values", values: { who: "ox" } } }, engine);
  assert.deepEqual([result.finish, result.cells.length, result.judged.length], ["complete", 2, 0]);
  assert.ok(events.some((it) => it.type === "not-judged" && it.message.includes("strength")));
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

test("a judge that is asked in both orders has an opinion only where it keeps to it", async () => {
  const judge = {
    path: "/w/judge.prompt",
    text: '{{input}} {{first}} {{second}} {{select "better" "first" "second"}}',
  };
  const { engine } = writingEngine();
  const says = (pick: (first: string, second: string) => string): Engine => ({
    ...engine,
    generate(request, onEvent, signal) {
      const content = JSON.stringify(request.prompt);
      const options = /It is (\S+ \d+) and \. It is (\S+ \d+) and \./.exec(content);
      if (options === null) return engine.generate(request, onEvent, signal);
      return Promise.resolve({ text: pick(options[1]!, options[2]!), ids: [], finish: "stop", usage });
    },
  });
  const inputs = { kind: "values", values: { who: "me" } } as const;
  const request = { inputs, judges: { prompt: judge } };
  const place = await compare(
    request,
    says(() => "first"),
  );
  assert.deepEqual(place.result.judged, [{ input: 0, repeat: 0, a: "a", b: "b", choice: "tie", consistent: false }]);
});
