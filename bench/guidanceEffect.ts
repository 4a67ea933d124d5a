// What guidance does: for each control a measure over several strengths, beside what it costs in fluency and in time. Greedy,
// so the same every time; `npm run bench -- guidanceEffect 3 vector` takes three prompts of each control that has "vector" in
// its title, and writes no file.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { silentLog } from "../src/base/log.js";
import { writeControlVector } from "../src/engine/adapters/writeControlVector.js";
import { createLocalEngine } from "../src/engine/localEngine.js";
import { bestLayers } from "../src/engine/steering/bestLayers.js";
import { directionsOf } from "../src/engine/steering/directions.js";
import { heldOutSeparation } from "../src/engine/steering/heldOut.js";
import { lengthScore, lengthTarget } from "../src/lang/guide/lengthScore.js";
import { namedMeasure, type NamedMeasure } from "../src/lang/guide/measures/namedMeasure.js";
import type { TextLimits } from "../src/protocol/constraint.js";
import type { Engine, GenerateRequest, PromptInput } from "../src/protocol/engine.js";
import { sweep, sweepTable, type Sweep, type SweepAnswer } from "../src/runner/sweep.js";

const root = join(import.meta.dirname, "../..");
const model = { path: join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf"), contextTokens: 2048, threads: 2 } as const;
const golden = join(root, "test/golden/cheerful.control-vector.gguf");
const pirate = join(root, "examples/adapters/pirate");
const signal = new AbortController().signal;

const MAX_TOKENS = 48;
const PIRATE_PROMPTS = 30;

type Settings = Omit<GenerateRequest, "model" | "prompt" | "maxTokens">;

interface Control {
  readonly title: string;
  readonly prompts: readonly PromptInput[];
  /** Its useful range: in it the measure goes one way, and the text holds. */
  readonly strengths: readonly number[];
  /** Strengths beyond it, to see how it ends. */
  readonly beyond: readonly number[];
  /** The strength at which it does nothing. */
  readonly unguided: number;
  readonly measure: NamedMeasure;
  /** Which way the measure is to go. */
  readonly goal: "up" | "down";
  at(strength: number, idx: number): Settings;
}

/** `most`: prompts of each control; `only`: a part of the titles of those that are tried. */
export async function benchGuidanceEffect(most = Infinity, only?: string): Promise<string> {
  const engine = createLocalEngine({ log: silentLog });
  const folder = mkdtempSync(join(tmpdir(), "tiller-guidance-"));
  try {
    await engine.load({ model }, () => undefined, signal);
    const own = join(folder, "cheerful.gguf");
    const layers = await makeCheerful(engine, own);
    const parts: string[] = [];
    const add = (text: string) => {
      console.error(text); // a run of minutes shows what it has
      parts.push(text);
    };
    for (const it of controls(own, layers))
      if (only === undefined || it.title.includes(only)) add(controlText(it, await measured(engine, it, most)));
    if (only === undefined || "Words to avoid".includes(only)) add(await avoidText(engine, most));
    if (only === undefined || "Lengths".includes(only)) add(await lengthText(engine, most));
    return parts.join("\n");
  } finally {
    await engine.dispose();
    rmSync(folder, { recursive: true });
  }
}

function controls(ownVector: string, ownLayers: string): readonly Control[] {
  const pirateTold = told("You are a pirate. Answer in pirate speech.", pirateQuestions);
  const pirateOtherwise = asked(pirateQuestions);
  const formalTold = told(
    "You write formally: polite and impersonal, in complete sentences, without contractions.",
    notes,
  );
  const formalOtherwise = asked(notes);
  const towards = (otherwise: readonly PromptInput[]) => (strength: number, idx: number) =>
    ({ guidance: { kind: "classifier-free", otherwise: otherwise[idx]!, strength } }) as const;
  const steered = (path: string) => (scale: number) => ({ adapters: [{ path, scale }] });
  return [
    {
      title: 'Classifier-free guidance: the system message "You are a pirate. Answer in pirate speech." against none',
      prompts: pirateTold,
      strengths: [1, 1.25, 1.5, 1.75],
      beyond: [2, 3],
      unguided: 1,
      measure: pirateMeasure,
      goal: "up",
      at: towards(pirateOtherwise),
    },
    {
      title: "Control vector: cheerful (the reference vector)",
      prompts: asked([...stories, ...pirateQuestions]),
      strengths: [0, 1, 2, 3],
      beyond: [4],
      unguided: 0,
      measure: named("positive"),
      goal: "up",
      at: steered(golden),
    },
    {
      title: `Control vector: cheerful, made of the 12 pairs of examples/steering, layers ${ownLayers}`,
      prompts: asked([...stories, ...pirateQuestions]),
      strengths: [0, 3, 6, 9],
      beyond: [12],
      unguided: 0,
      measure: named("positive"),
      goal: "up",
      at: steered(ownVector),
    },
    {
      title: "Classifier-free guidance: a formal system message against none",
      prompts: formalTold,
      strengths: [1, 1.25, 1.5, 1.75, 2],
      beyond: [3],
      unguided: 1,
      measure: named("formality"),
      goal: "up",
      at: towards(formalOtherwise),
    },
    {
      title: "DExperts: the pirate adapter as expert",
      prompts: asked(pirateQuestions.slice(0, 12)),
      strengths: [0, 0.4, 0.5, 0.6],
      beyond: [0.8],
      unguided: 0,
      measure: pirateMeasure,
      goal: "up",
      at: (strength) => ({ guidance: { kind: "experts", expert: [{ path: pirate }], strength } }),
    },
    {
      title: "Contrastive decoding: against the model behind its first 10 layers",
      prompts: asked([...stories, ...notes, ...pirateQuestions]),
      strengths: [0, 0.05, 0.1, 0.15],
      beyond: [0.5],
      unguided: 0,
      measure: named("repetition"),
      goal: "down",
      at: (strength) => ({ guidance: { kind: "contrastive", amateur: { layers: 10 }, strength } }),
    },
    {
      title: 'Word bias: "sea"',
      prompts: asked(stories),
      strengths: [0, 1, 2, 3],
      beyond: [4],
      unguided: 0,
      measure: named("count:sea"),
      goal: "up",
      at: (strength) => ({ wordBias: { sea: strength } }),
    },
  ];
}

async function measured(engine: Engine, control: Control, most: number): Promise<Sweep> {
  const prompts = control.prompts.slice(0, most);
  return sweep(
    {
      strengths: [...control.strengths, ...control.beyond],
      unguided: control.unguided,
      measure: control.measure,
      scorer: { engine, model },
      async runAt(strength) {
        const answers: SweepAnswer[] = [];
        for (const [i, prompt] of prompts.entries())
          answers.push(await answered(engine, prompt, control.at(strength, i)));
        return answers;
      },
    },
    ({ strength }) => console.error(`${control.title}: ${strength}`),
    signal,
  );
}

async function answered(
  engine: Engine,
  prompt: PromptInput,
  settings: Settings,
  maxTokens = MAX_TOKENS,
): Promise<SweepAnswer> {
  const { ids: promptIds } = await engine.tokenize({ model, prompt }, () => undefined, signal);
  const { text, ids, usage } = await engine.generate(
    { model, prompt, maxTokens, ...settings },
    () => undefined,
    signal,
  );
  return { text, promptIds, answerIds: ids, ms: usage.decodeMs, tokens: usage.completionTokens };
}

function controlText({ title, goal, prompts, strengths }: Control, found: Sweep): string {
  const useful = found.rows.filter((it) => strengths.includes(it.strength));
  const effects = useful.map((it) => it.effect ?? NaN);
  const steps = effects.slice(1).map((it, i) => (goal === "up" ? it - effects[i]! : effects[i]! - it));
  const isMonotone = steps.every((it) => 0 < it);
  const direction = goal === "up" ? "rises" : "falls";
  const range = `In its useful range, ${strengths[0]} to ${strengths.at(-1)}, it`;
  const verdict = isMonotone ? `${direction} with every step` : `does not always ${direction.slice(0, -1)}`;
  const counted = `${found.rows[0]?.answers.length} of ${prompts.length} prompts, ${MAX_TOKENS} tokens at most`;
  return `## ${title}\n\n${found.measure}: ${found.meaning}; ${counted}. ${range} ${verdict}.\n\n${sweepTable(found)}`;
}

/** The vector that a user would make, of the layers that its report suggests; returns these. */
async function makeCheerful(engine: Engine, path: string): Promise<string> {
  const linesOf = (name: string) =>
    readFileSync(join(root, "examples/steering", name), "utf8")
      .split("\n")
      .filter((it) => it !== "");
  const texts = [...linesOf("cheerful.txt"), ...linesOf("sad.txt")];
  const prompts = texts.map((text): PromptInput => ({ type: "text", text }));
  const { prompts: states } = await engine.hiddenStates({ model, prompts }, () => undefined, signal);
  const half = states.length / 2;
  const pairs = states.slice(0, half).map((it, i) => ({ positive: it.layers, negative: states[half + i]!.layers }));
  const [first, last] = bestLayers(heldOutSeparation(pairs, "mean", 0.25).slice(1))!;
  const directions = new Map([...directionsOf(pairs, "mean").entries()].slice(first, last + 1));
  writeControlVector(path, { architecture: "llama", description: "cheerful", provenance: {}, directions });
  return `${first} to ${last}`;
}

/** Hard: zero hits. */
async function avoidText(engine: Engine, most: number): Promise<string> {
  const avoid = ["sea", "water", "day"];
  const measures = avoid.map((it) => named(`count:${it}`));
  const hits = async (settings: Settings) => {
    let found = 0;
    for (const prompt of asked(stories).slice(0, most)) {
      const { text } = await answered(engine, prompt, settings);
      for (const it of measures) found += it.measure(text) ?? 0;
    }
    return found;
  };
  const free = await hits({});
  const avoided = await hits({ constraint: { kind: "text", limits: { avoid } } });
  return (
    `## Words to avoid: ${avoid.join(", ")}\n\n| | hits |\n| --- | ---: |\n` +
    `| without | ${free} |\n| avoided | ${avoided} |\n`
  );
}

const lengths: readonly TextLimits[] = [
  { sentences: { min: 1, max: 1 } },
  { sentences: { min: 2, max: 3 } },
  { words: { max: 20 } },
  { words: { min: 30, max: 40 } },
  { chars: { max: 120 } },
];

/** Hard: every text is within its bounds. */
async function lengthText(engine: Engine, most: number): Promise<string> {
  const rows: string[] = [];
  for (const limits of lengths) {
    const within = async (settings: Settings) => {
      const prompts = asked(stories).slice(0, Math.min(most, 6));
      let passed = 0;
      for (const prompt of prompts) {
        const { text } = await answered(engine, prompt, settings, 2 * MAX_TOKENS);
        if (lengthScore(limits, text).passed) passed++;
      }
      return `${passed} of ${prompts.length}`;
    };
    const kept = await within({ constraint: { kind: "text", limits } });
    rows.push(`| ${lengthTarget(limits)} | ${await within({})} | ${kept} |`);
  }
  return `## Lengths\n\n| asked for | within, free | within, kept |\n| --- | ---: | ---: |\n${rows.join("\n")}\n`;
}

/** As in the adapter's README and test/engine/golden/samples.test.ts. */
const pirateMarkers =
  /(?<![\w'])(?:a+rr+|yarr+|matey|me heart(?:y|ies)|heart(?:y|ies)|aye|ahoy|avast|landlubbers?|savvy|shiver|timbers|yo ho|ho ho|ye|yer|fer|an'|o'|th'|fair winds|hoist)(?!\w)/gi;

const pirateMeasure: NamedMeasure = {
  name: "pirate markers",
  meaning: "different words of pirate speech in an answer",
  measure: (text) => new Set(text.match(pirateMarkers)?.map((it) => it.toLowerCase())).size,
};

function named(name: string): NamedMeasure {
  const found = namedMeasure(name);
  if (found === undefined) throw new Error(`no measure ${name}`);
  return found;
}

function asked(questions: readonly string[]): PromptInput[] {
  return questions.map((content) => ({ type: "messages", messages: [{ role: "user", content }] }));
}

function told(system: string, questions: readonly string[]): PromptInput[] {
  return questions.map((content) => ({
    type: "messages",
    messages: [
      { role: "system", content: system },
      { role: "user", content },
    ],
  }));
}

const pirateQuestions = readFileSync(join(pirate, "eval.jsonl"), "utf8")
  .split("\n")
  .filter((it) => it !== "")
  .map((it) => (JSON.parse(it) as { prompt: string }).prompt)
  .slice(0, PIRATE_PROMPTS);

const stories = [
  "Describe a walk through the town in the morning.",
  "Tell me about a family dinner.",
  "Write about the weather today.",
  "Describe an old house by the sea.",
  "Tell me about a journey by train.",
  "Write a few sentences about a school.",
  "Describe a market on a Saturday.",
  "Tell me about your first day at a new job.",
  "Write about a dog and its owner.",
  "Describe a birthday.",
  "Tell me about a fisherman and his boat.",
  "Write about a letter from a friend.",
] as const;

const notes = [
  "Tell the customer that the order is late.",
  "Ask the neighbors to be quieter at night.",
  "Invite the team to a lunch on Friday.",
  "Say no to a friend who wants to borrow the car.",
  "Thank someone for their help with the move.",
  "Tell the boss that you are sick today.",
  "Ask the landlord to repair the heating.",
  "Tell the class that the test is on Monday.",
  "Apologize for missing the meeting.",
  "Ask a shop for the money back.",
  "Announce that the office is closed next week.",
  "Congratulate someone on a new job.",
] as const;
