// Rendering and all diagnostics of a 300-line prompt with 20 partials: at most 20 ms.

import { check } from "../src/lang/check.js";
import { parse } from "../src/lang/parser.js";
import { render } from "../src/lang/render.js";
import { createTemplateCache } from "../src/lang/templateCache.js";
import { summary, type Measured } from "./statistics.js";

const GOAL_MS = 20;

export function benchLang(): readonly Measured[] {
  const text = longPrompt();
  const partial = (name: string) =>
    /^part\d+$/.test(name) ? `A partial that greets {{name}}.\n{{#if topic}}On {{topic}}.{{/if}}\n` : undefined;
  const input = {
    name: "Ada",
    topic: "engines",
    items: Array.from({ length: 20 }, (_, i) => ({ title: `item ${i}` })),
  };
  const templates = createTemplateCache();
  const samples: number[] = [];
  for (let i = 0; i < 60; i++) {
    const start = performance.now();
    // Every run is another text, as after a keystroke; the partials are the same.
    const { file, diagnostics } = parse(`${text}\nkeystroke ${i}`);
    const found = [...diagnostics, ...check(file, { partial, templates })];
    const { messages, diagnostics: late } = render(file, { input, partial, templates });
    const took = performance.now() - start;
    if (0 < found.length + late.length || messages.length < 10)
      throw new Error(JSON.stringify([...found, ...late].slice(0, 3)));
    // The first runs are the compiler's, not ours.
    if (10 <= i) samples.push(took);
  }
  const lines = text.split("\n").length;
  return [
    {
      what: `parse, check and render ${lines} lines, 20 partials (ms)`,
      ...summary(samples),
      goal: `median <= ${GOAL_MS}`,
      reached: summary(samples).median <= GOAL_MS,
    },
  ];
}

export function longPrompt(): string {
  const head = [
    "---",
    "input:",
    "  schema:",
    "    name: string",
    "    topic: string",
    "    items(array):",
    "      title: string",
    "tiller.version: 1",
    "---",
  ];
  const body: string[] = [];
  for (let i = 0; head.length + body.length < 300; i++) {
    body.push(`{{role "${i % 2 === 0 ? "user" : "model"}"}}`);
    body.push(`Paragraph ${i} for {{name}} about {{topic}}, with a few more words to fill the line.`);
    body.push("{{#each items}}- {{title}} of {{../topic}}", "{{/each}}", "{{#if topic}}Yes.{{else}}No.{{/if}}");
    if (i < 20) body.push(`{{> part${i}}}`);
    if (i % 2 === 1) body.push(`{{gen "hole${i}" stop="\\n" tokens=20}}`);
  }
  return [...head, ...body].join("\n");
}
