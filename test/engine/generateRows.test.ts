// Rows of one batch: each writes what it would write alone, whatever the others do.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import fc from "fast-check";

import { silentLog } from "../../src/base/log.js";
import { createLocalEngine, type LocalEngine } from "../../src/engine/localEngine.js";
import type { GenerateRequest, GenerateRowsEvent, RowResult } from "../../src/protocol/engine.js";
import { writePeftFolder } from "./peftFolder.js";
import { tinyModel, writeTinyModel } from "./tinyModel.js";

type RowRequest = Omit<GenerateRequest, "model">;

describe("rows of a batch", () => {
  let engine: LocalEngine;
  const model = { path: writeTinyModel(tinyModel()), precision: "exact" } as const;
  const adapter = { path: writePeftFolder() };
  const never = new AbortController().signal;
  before(() => (engine = createLocalEngine({ log: silentLog })));
  after(() => engine.dispose());

  const ids = (...all: number[]) => ({ type: "ids", ids: all }) as const;

  async function write(rows: readonly RowRequest[], signal = never) {
    const events: GenerateRowsEvent[] = [];
    const result = await engine.generateRows({ model, rows }, (event) => events.push(event), signal);
    return { rows: result.rows, events };
  }

  function done(result: RowResult | undefined) {
    assert.equal(result?.status, "done", JSON.stringify(result));
    return result as Extract<RowResult, { status: "done" }>;
  }

  const row = fc.record({
    prompt: fc.array(fc.integer({ min: 40, max: 90 }), { minLength: 1, maxLength: 20 }).map((it) => ids(...it)),
    maxTokens: fc.integer({ min: 1, max: 12 }),
    adapters: fc.constantFrom([], [{ ...adapter, scale: 1 }], [{ ...adapter, scale: -3 }], [{ ...adapter, scale: 8 }]),
    constraint: fc.constantFrom(
      undefined,
      { kind: "choice", options: ["the cat", "the dog", "a bird"] } as const,
      { kind: "regex", source: "[a-f]{2,9}-the-[0-9]{3}" } as const,
    ),
  });
  const asRequest = ({ constraint, ...rest }: typeof row extends fc.Arbitrary<infer T> ? T : never): RowRequest => ({
    ...rest,
    // A constraint is refused when its limit is too small for anything.
    ...(constraint && { constraint, maxTokens: 40 }),
  });

  it("write what each writes alone, in exact mode", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row.map(asRequest), { minLength: 2, maxLength: 6 }), async (requests) => {
        const { rows, events } = await write(requests);
        for (const [i, request] of requests.entries()) {
          const alone = await engine.generate({ ...request, model }, () => undefined, never);
          const { result, together } = done(rows[i]);
          assert.deepEqual([result.ids, result.text, result.finish], [alone.ids, alone.text, alone.finish]);
          assert.equal(together, requests.length);
          const told = events.map((it) =>
            it.type === "row" && it.row === i && it.event.type === "text" ? it.event.text : "",
          );
          assert.equal(told.join(""), alone.text);
        }
      }),
      { numRuns: 30, seed: 3 },
    );
  });

  it("read once what their prompts have in common", async () => {
    const shared = Array.from({ length: 30 }, (_, i) => 40 + (i % 7));
    const { rows } = await write([70, 71, 72].map((it) => ({ prompt: ids(...shared, it), maxTokens: 2 })));
    assert.deepEqual(
      rows.map((it) => done(it).result.usage.cachedTokens),
      [0, 30, 30],
    );
  });

  it("go on when one of them cannot begin", async () => {
    const good = { prompt: ids(40, 50), maxTokens: 3 };
    const { rows } = await write([
      good,
      { ...good, adapters: [{ path: "/no/such/adapter" }] },
      { ...good, prompt: ids(...Array<number>(100).fill(40)) },
      { ...good, constraint: { kind: "regex", source: "(" } },
      good,
    ]);
    assert.deepEqual(
      rows.map((it) => (it.status === "failed" ? it.code : it.result.ids.length)),
      [3, "adapter-not-found", "prompt-too-long", "constraint-invalid", 3],
    );
  });

  it("drop out when they end, and the others go on", async () => {
    const { rows, events } = await write(
      [1, 9, 3, 5].map((maxTokens) => ({ prompt: ids(40, 50, maxTokens), maxTokens })),
    );
    const ended = events.flatMap((it) => (it.type === "ended" ? [it.row] : []));
    assert.deepEqual(ended, [0, 2, 3, 1]);
    assert.deepEqual(
      rows.map((it) => done(it).result.ids.length),
      [1, 9, 3, 5],
    );
  });

  it("are written alone where guidance, scores or routing need it", async () => {
    const plain = { prompt: ids(40, 50), maxTokens: 3 };
    const { rows } = await write([
      plain,
      { ...plain, guidance: { kind: "classifier-free", otherwise: ids(41), strength: 2 } },
      { prompt: ids(40, 50), constraint: { kind: "choice", options: ["a", "b"] }, scores: true },
      plain,
    ]);
    assert.deepEqual(
      rows.map((it) => done(it).together),
      [2, 1, 1, 2],
    );
    assert.equal(done(rows[2]).result.scores?.length, 2);
  });

  it("leave the text so far when they are stopped", async () => {
    const controller = new AbortController();
    const rows = [0, 1].map((it) => ({ prompt: ids(40, 50 + it), maxTokens: 50 }));
    let texts = 0;
    const result = await engine.generateRows(
      { model, rows },
      (event) => void (event.type === "row" && event.event.type === "text" && ++texts === 4 && controller.abort()),
      controller.signal,
    );
    for (const it of result.rows) assert.equal(done(it).result.finish, "cancelled");
    assert.ok(result.rows.some((it) => 0 < done(it).result.ids.length));
    const after = await write([
      { prompt: ids(40, 50), maxTokens: 3 },
      { prompt: ids(40, 51), maxTokens: 3 },
    ]);
    assert.deepEqual(
      after.rows.map((it) => done(it).result.ids.length),
      [3, 3],
    );
  });
});
