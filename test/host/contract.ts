// What every engine keeps, wherever it lives: these tests run on the one in this process and on the one in another.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { TillerError } from "../../src/base/error.js";
import type { CompareEvent, Vote } from "../../src/protocol/compare.js";
import type {
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  HiddenStatesEvent,
  LoadEvent,
  ModelSpec,
} from "../../src/protocol/engine.js";
import type { HostApi } from "../../src/protocol/host.js";
import type { RunEvent } from "../../src/protocol/run.js";
import { temporaryFolder } from "../temporaryFolder.js";

export type DisposableApi = HostApi & { dispose(): Promise<void> };

const never = new AbortController().signal;
const prompt = { type: "text", text: "1, 2, 3, 4, 5, 6, 7," } as const;

export interface ContractOptions {
  /** False for models of another runtime, where they are refused by name. Default true. */
  readonly hiddenStates?: boolean;
}

/** Greedily, `model` must write 200 tokens after `prompt` without an end of its own. */
export function checkEngineContract(
  name: string,
  model: ModelSpec,
  make: () => Promise<DisposableApi>,
  { hiddenStates = true }: ContractOptions = {},
): void {
  let api: DisposableApi;
  before(async () => void (api = await make()));
  after(() => api.dispose());

  test(`${name}: loading tells its progress, then what was loaded`, async () => {
    const events: LoadEvent[] = [];
    const loaded = await api.load({ model }, (it) => events.push(it), never);
    assert.equal(loaded.facts.path, model.path);
    assert.ok(0 < loaded.contextTokens && loaded.contextTokens <= loaded.facts.contextLength);
    assert.ok(0 < events.length);
    for (const { fraction } of events) assert.ok(0 <= fraction && fraction <= 1, `fraction ${fraction}`);
  });

  test(`${name}: a model that is loaded is found loaded`, async () => {
    const first = await api.load({ model }, ignore, never);
    const second = await api.load({ model }, ignore, never);
    assert.deepEqual(second, first);
  });

  test(`${name}: inspecting gives the facts of a file`, async () => {
    const facts = await api.inspect({ path: model.path }, ignore, never);
    const loaded = await api.load({ model }, ignore, never);
    assert.deepEqual(facts, loaded.facts);
  });

  test(`${name}: the texts of tokens make the text`, async () => {
    const text = "Tell me a story about a cat.";
    const result = await api.tokenize({ model, prompt: { type: "text", text } }, ignore, never);
    assert.equal(result.tokens.join(""), text);
    assert.equal(result.text, text);
    assert.equal(result.ids.length, result.tokens.length);
  });

  test(`${name}: the texts of the events make the text of the result`, async () => {
    const { result, streamed, events } = await generate({ model, prompt, maxTokens: 20 });
    assert.equal(streamed, result.text);
    assert.notEqual(result.text, "");
    assert.equal(result.usage.completionTokens, result.ids.length);
    assert.ok(0 < result.usage.promptTokens);
    assert.ok(events.some((it) => it.type === "prefill" && it.done === it.total));
  });

  test(`${name}: no more tokens are written than asked for`, async () => {
    const { result } = await generate({ model, prompt, maxTokens: 3 });
    assert.equal(result.ids.length, 3);
    assert.equal(result.finish, "length");
  });

  test(`${name}: the same request gives the same text`, async () => {
    const first = await generate({ model, prompt, maxTokens: 8 });
    const second = await generate({ model, prompt, maxTokens: 8 });
    assert.equal(second.result.text, first.result.text);
  });

  test(`${name}: cancelling gives the text so far`, async () => {
    const whole = await generate({ model, prompt, maxTokens: 200 });
    const { result, streamed } = await generate({ model, prompt, maxTokens: 200 }, { cancelAfterTexts: 2 });
    assert.equal(result.finish, "cancelled");
    assert.equal(result.text, streamed);
    assert.notEqual(result.text, "");
    assert.ok(whole.result.text.startsWith(result.text));
    assert.ok(result.text.length < whole.result.text.length, "it was cancelled before the end");
  });

  test(`${name}: what is cancelled before it begins writes nothing`, async () => {
    const reason = new Error("not needed");
    const signal = AbortSignal.abort(reason);
    const result = await api.generate({ model, prompt }, ignore, signal);
    assert.deepEqual([result.text, result.ids, result.finish], ["", [], "cancelled"]);
    await assert.rejects(api.tokenize({ model, prompt }, ignore, signal), (error) => error === reason);
  });

  test(`${name}: after a cancelled call the next one works`, async () => {
    await generate({ model, prompt, maxTokens: 200 }, { cancelAfterTexts: 1 });
    const { result } = await generate({ model, prompt, maxTokens: 3 });
    assert.equal(result.finish, "length");
  });

  test(`${name}: a model that is not there is refused by its path, and the next call works`, async () => {
    const missing = { path: "/no/such/model.gguf" };
    await rejectsWith(api.load({ model: missing }, ignore, never), "model-not-found", missing.path);
    await rejectsWith(api.generate({ model: missing, prompt }, ignore, never), "model-not-found", missing.path);
    await rejectsWith(api.inspect({ path: missing.path }, ignore, never), "model-not-found", missing.path);
    const { result } = await generate({ model, prompt, maxTokens: 2 });
    assert.equal(result.ids.length, 2);
  });

  test(`${name}: calls made at once all finish, each with its own text`, async () => {
    const other = { type: "messages", messages: [{ role: "user", content: "Tell me about the sea." }] } as const;
    const alone = [
      await generate({ model, prompt, maxTokens: 6 }),
      await generate({ model, prompt: other, maxTokens: 6 }),
    ];
    const together = await Promise.all([
      generate({ model, prompt, maxTokens: 6 }),
      generate({ model, prompt: other, maxTokens: 6 }),
      api.tokenize({ model, prompt }, ignore, never),
    ]);
    for (const idx of [0, 1] as const) {
      assert.equal(together[idx].result.text, alone[idx]!.result.text);
      assert.equal(together[idx].streamed, together[idx].result.text);
    }
  });

  test(`${name}: texts that are written side by side are those that are written alone`, async () => {
    const other = { type: "text", text: "The sea is" } as const;
    const rows = [prompt, other].map((it) => ({ prompt: it, maxTokens: 6 }));
    const streamed = ["", ""];
    const ended: number[] = [];
    const result = await api.generateRows(
      { model, rows },
      (event) => {
        if (event.type === "row" && event.event.type === "text") streamed[event.row] += event.event.text;
        if (event.type === "ended") ended.push(event.row);
      },
      never,
    );
    assert.deepEqual(ended.sort(), [0, 1]);
    for (const [i, it] of result.rows.entries()) {
      assert.ok(it.status === "done");
      const alone = await generate({ model, ...rows[i]! });
      assert.equal(it.result.ids.length, alone.result.ids.length);
      assert.equal(streamed[i], it.result.text);
    }
    await rejectsWith(
      api.generateRows({ model: { path: "/no/such/model.gguf" }, rows }, ignore, never),
      "model-not-found",
      "/no/such/model.gguf",
    );
  });

  test(`${name}: one of two calls can be cancelled without the other`, async () => {
    const [cancelled, whole] = await Promise.all([
      generate({ model, prompt, maxTokens: 200 }, { cancelAfterTexts: 1 }),
      generate({ model, prompt, maxTokens: 10 }),
    ]);
    assert.equal(cancelled.result.finish, "cancelled");
    assert.equal(whole.result.ids.length, 10);
  });

  test(`${name}: a comparison is run, stored, voted on and rated`, async () => {
    const folder = temporaryFolder("compare");
    const variants = [
      { id: "a", label: "A" },
      { id: "b", label: "B", sampling: { temperature: 1 } },
    ];
    const request = { path: join(folder, "count.prompt"), text: "Count to twenty.\n", variants, model, maxTokens: 3 };
    const events: CompareEvent[] = [];
    const result = await api.compare({ ...request, store: { folder } }, (it) => events.push(it), never);
    assert.deepEqual(
      result.cells.map((it) => [it.variant, it.status]),
      [
        ["a", "finished"],
        ["b", "finished"],
      ],
    );
    assert.deepEqual([events[0]?.type, events.at(-1)?.type], ["started", "done"]);
    assert.deepEqual(await api.openComparison({ folder, id: result.id }, ignore, never), result);
    const { comparisons } = await api.comparisons({ folder }, ignore, never);
    assert.deepEqual(
      comparisons.map((it) => [it.id, it.prompt, it.done]),
      [[result.id, "count.prompt", 2]],
    );
    const shown = (id: string) => {
      const { settings: _, id: __, ...variant } = result.variants.find((it) => it.id === id)!;
      return { variant, seed: 0, output: id };
    };
    const vote: Vote = {
      ...{ kind: "vote", schema: 1, id: "one", time: result.time, prompt: result.prompt, vote: "left", blind: true },
      ...{ promptHash: result.promptHash, input: result.inputs[0]!, left: shown("a"), right: shown("b") },
      comparison: result.id,
    };
    assert.deepEqual(await api.vote({ folder, vote }, ignore, never), { votes: 1 });
    assert.deepEqual(await api.votes({ folder, comparison: result.id }, ignore, never), {
      votes: [vote],
      warnings: [],
    });
    assert.deepEqual((await api.votes({ folder, comparison: "other" }, ignore, never)).votes, []);
    const ratings = await api.ratings({ folder }, ignore, never);
    assert.deepEqual(
      ratings.variants.map((it) => [it.label, it.wins, it.losses]),
      [
        ["A", 1, 0],
        ["B", 0, 1],
      ],
    );
    const { text } = await api.exportComparison({ folder, comparison: result.id, format: "markdown" }, ignore, never);
    assert.match(text, /Ratings from 1 vote/);
    assert.deepEqual(await api.undoVote({ folder, vote: "one" }, ignore, never), { votes: 0 });
    assert.deepEqual((await api.votes({ folder, comparison: result.id }, ignore, never)).votes, []);
    await rejectsWith(api.undoVote({ folder, vote: "one" }, ignore, never), "usage", "one");
    const diff = await api.diffComparisons({ folder, older: result.id, newer: result.id }, ignore, never);
    assert.ok(diff.cells.length === 2 && diff.cells.every((it) => it.same));
  });

  test(`${name}: a prompt file runs, and its text streams`, async () => {
    const events: RunEvent[] = [];
    const request = { model, path: "/anywhere/count.prompt", text: "Count to twenty.\n", maxTokens: 4 };
    const result = await api.run(request, (it) => events.push(it), never);
    const streamed = events.map((it) => (it.type === "text" ? it.text : "")).join("");
    assert.equal(result.holes.length, 1);
    assert.equal(result.holes[0]!.text, streamed);
    assert.equal(result.output, streamed);
    assert.equal(result.messages.at(-1)!.content, streamed);
    const kinds = events.map((it) => it.type);
    assert.ok(kinds.indexOf("rendered") < kinds.indexOf("hole"));
    assert.ok(kinds.indexOf("hole") < kinds.indexOf("text"));
    assert.equal(kinds.at(-1), "filled");
  });

  test(`${name}: hidden states are as many as prompts and layers, and the same for the same prompt, or refused`, async () => {
    if (!hiddenStates) {
      await rejectsWith(api.hiddenStates({ model, prompts: [prompt] }, ignore, never), "usage", "hidden states");
      return;
    }
    const prompts = [prompt, { type: "text", text: "The sea is wide." }, prompt] as const;
    const events: HiddenStatesEvent[] = [];
    const result = await api.hiddenStates({ model, prompts }, (it) => events.push(it), never);
    const { layers, hiddenSize } = await api.inspect({ path: model.path }, ignore, never);
    assert.equal(result.prompts.length, prompts.length);
    for (const it of result.prompts) {
      assert.equal(it.layers.length, layers);
      for (const state of it.layers) assert.ok(state instanceof Float32Array && state.length === hiddenSize);
    }
    assert.deepEqual(result.prompts[2], result.prompts[0]);
    assert.notDeepEqual(result.prompts[1], result.prompts[0]);
    assert.deepEqual(events.at(-1), { type: "reading", done: 3, total: 3 });
    const signal = AbortSignal.abort(new Error("not needed"));
    await assert.rejects(api.hiddenStates({ model, prompts }, ignore, signal), /not needed/);
  });

  test(`${name}: an unloaded model is gone, and comes back when it is asked for`, async () => {
    await api.load({ model }, ignore, never);
    assert.equal(await api.unload({ model }, ignore, never), true);
    assert.equal(await api.unload({ model }, ignore, never), false);
    const { result } = await generate({ model, prompt, maxTokens: 2 });
    assert.equal(result.ids.length, 2);
  });

  interface Generated {
    readonly result: GenerateResult;
    readonly streamed: string;
    readonly events: readonly GenerateEvent[];
  }

  async function generate(
    request: GenerateRequest,
    { cancelAfterTexts = Infinity }: { readonly cancelAfterTexts?: number } = {},
  ): Promise<Generated> {
    const controller = new AbortController();
    const events: GenerateEvent[] = [];
    let streamed = "";
    let texts = 0;
    const result = await api.generate(
      request,
      (event) => {
        events.push(event);
        if (event.type !== "text") return;
        streamed += event.text;
        if (++texts === cancelAfterTexts) controller.abort();
      },
      controller.signal,
    );
    return { result, streamed, events };
  }
}

async function rejectsWith(promise: Promise<unknown>, code: string, part: string): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof TillerError, `not a TillerError: ${String(error)}`);
    assert.equal(error.code, code);
    assert.ok(error.message.includes(part), error.message);
    return true;
  });
}

function ignore(): void {}
