/**
 * The loop of a run (DESIGN section 2): render with what is known, fill the first open hole, render again, make sure that
 * what the model has read is still what stands there, go on.
 */

import { TillerError } from "../base/error.js";
import type { Json, JsonObject } from "../base/json.js";
import { withFinalHole } from "../lang/finalHole.js";
import type { Reading } from "../lang/guide/reading.js";
import type { HoleSpec } from "../lang/hole.js";
import type { RenderedMessage } from "../lang/rendered.js";
import type { ChatMessage, GenerateResult, OnEvent } from "../protocol/engine.js";
import type { FilledHole, RunEvent, RunResult } from "../protocol/run.js";
import { stageOf, type Stage } from "./conversation.js";
import { fillHole, type HoleOptions } from "./fillHole.js";
import { checkOtherwise, readsTwice } from "./guidance.js";
import { holeRequest } from "./holeRequest.js";
import type { OpenPrompt } from "./openPrompt.js";

export interface FillOptions extends HoleOptions {
  /** The hole of a prompt that names none. */
  readonly finalHole: HoleSpec;
  /** Renders with the holes filled so far: the texts as written, and the values that `{{@gen.x}}` gives. */
  readonly render: (
    filled: Readonly<Record<string, string>>,
    values: JsonObject,
    reading?: Reading,
  ) => readonly RenderedMessage[];
  readonly picture: OpenPrompt["picture"];
}

export async function fillHoles(
  options: FillOptions,
  onEvent: OnEvent<RunEvent>,
  signal: AbortSignal,
): Promise<RunResult> {
  const holes: FilledHole[] = [];
  let known: readonly ChatMessage[] = [];
  for (;;) {
    const texts = Object.fromEntries(holes.map((it) => [it.name, it.text]));
    const values = Object.fromEntries(holes.map((it) => [it.name, it.value]));
    const read = (reading: Reading) => withFinalHole(options.render(texts, values, reading), options.finalHole, texts);
    const rendered = read("wanted");
    // All holes are looked at each time: a later one may come into view only now, and must be refused before the next.
    for (const hole of openHoles(rendered)) holeRequest(hole, options);
    const stage = stageOf(rendered, options.picture);
    const last = holes.at(-1);
    if (last !== undefined) checkUnchanged(known, stage, last.name);
    else onEvent({ type: "rendered", messages: stage.messages });
    if (stage.hole === undefined) return resultOf(stage.messages, holes);

    const otherwise = readsTwice(options.guidance) ? stageOf(read("otherwise"), options.picture) : undefined;
    if (otherwise !== undefined) checkOtherwise(stage, otherwise);
    const prompt = { messages: stage.messages, otherwise: otherwise?.messages };
    const filled = await fillHole(prompt, stage.hole, options, onEvent, signal);
    holes.push(filled);
    known = withText(stage.messages, filled.text);
    if (filled.finish === "cancelled") return resultOf(known, holes);
  }
}

/** `read` is what the model read and wrote until hole `name` was filled. */
function checkUnchanged(read: readonly ChatMessage[], { messages }: Stage, name: string): void {
  const end = read.length - 1;
  const same = read.every(({ role, content, images = [] }, i) => {
    const now = messages[i];
    if (now?.role !== role) return false;
    const shown = i === end ? now.images?.slice(0, images.length) : now.images;
    if (JSON.stringify(shown ?? []) !== JSON.stringify(images)) return false;
    return i === end ? now.content.startsWith(content) : now.content === content;
  });
  if (same) return;
  throw new TillerError(
    "prefix-changed",
    `Filling hole "${name}" changed text that stands before it, which the model had already read. ` +
      `Use {{@gen.${name}}}, and conditions on it, only after the hole.`,
  );
}

function openHoles(rendered: readonly RenderedMessage[]): HoleSpec[] {
  const holes = rendered.flatMap(({ parts }) => parts.filter((it) => it.kind === "hole"));
  const seen = new Set<string>();
  for (const { hole } of holes) {
    if (seen.has(hole.name)) {
      const message = `Two holes are called "${hole.name}". Every hole needs its own name, also in a loop.`;
      throw new TillerError("prompt-invalid", message);
    }
    seen.add(hole.name);
  }
  return holes.filter((it) => it.filled === undefined).map((it) => it.hole);
}

function withText(messages: readonly ChatMessage[], text: string): readonly ChatMessage[] {
  const last = messages.at(-1)!;
  return [...messages.slice(0, -1), { ...last, content: last.content + text }];
}

function resultOf(messages: readonly ChatMessage[], holes: readonly FilledHole[]): RunResult {
  const shown = holes.filter((it) => !it.hidden).map((it): readonly [string, Json] => [it.name, it.value]);
  const output = holes.length === 1 ? holes[0]!.value : Object.fromEntries(shown);
  return { messages, holes, output, finish: finishOf(holes) };
}

function finishOf(holes: readonly FilledHole[]): GenerateResult["finish"] {
  if (holes.some((it) => it.finish === "cancelled")) return "cancelled";
  return holes.some((it) => it.finish === "length") ? "length" : "stop";
}
