/** What a run shows while it goes on and when it is over, as Markdown: a state, how events change it, how it reads. */

import { count } from "../base/count.js";
import type { Json } from "../base/json.js";
import type { GenerateResult } from "../protocol/engine.js";
import type { FilledHole, RunEvent, RunResult } from "../protocol/run.js";

export interface RunOutput {
  /** The name of the prompt file. */
  readonly title: string;
  /** The short name of the model. */
  readonly model: string;
  readonly stage: RunStage;
  readonly holes: readonly HoleOutput[];
}

export type RunStage =
  | { readonly kind: "waiting" }
  | { readonly kind: "loading"; readonly fraction: number }
  | { readonly kind: "reading"; readonly done: number; readonly total: number }
  | { readonly kind: "writing" }
  | { readonly kind: "done"; readonly result: RunResult }
  | { readonly kind: "failed"; readonly message: string };

export interface HoleOutput {
  readonly name: string;
  readonly text: string;
  readonly filled?: FilledHole;
}

export function startOutput(title: string, model: string): RunOutput {
  return { title, model, stage: { kind: "waiting" }, holes: [] };
}

export function withEvent(output: RunOutput, event: RunEvent): RunOutput {
  switch (event.type) {
    case "failed": // it is written anew
    case "token":
    case "candidate":
      return output;
    case "loading":
      return { ...output, stage: { kind: "loading", fraction: event.fraction } };
    case "rendered":
      return { ...output, stage: { kind: "waiting" } };
    case "hole":
      return { ...output, stage: { kind: "writing" }, holes: [...output.holes, { name: event.name, text: "" }] };
    case "prefill":
      return { ...output, stage: { kind: "reading", done: event.done, total: event.total } };
    case "text":
      return {
        ...output,
        stage: { kind: "writing" },
        holes: withLast(output.holes, event.name, (it) => ({ ...it, text: it.text + event.text })),
      };
    case "filled":
      return {
        ...output,
        holes: withLast(output.holes, event.hole.name, (it) => ({ ...it, text: event.hole.text, filled: event.hole })),
      };
    default:
      return event satisfies never;
  }
}

export function withResult(output: RunOutput, result: RunResult): RunOutput {
  return { ...output, stage: { kind: "done", result } };
}

/** What was written until then stays. */
export function withFailure(output: RunOutput, message: string): RunOutput {
  return { ...output, stage: { kind: "failed", message } };
}

export function outputText(output: RunOutput): string {
  const shown = output.holes.filter((it) => it.filled?.hidden !== true);
  const named = 1 < output.holes.length;
  const parts = shown.map((hole) => (named ? `**${hole.name}**\n\n${holeText(hole)}` : holeText(hole)));
  const end = stageText(output);
  return [`# ${output.title}`, ...parts, end].filter((it) => it !== "").join("\n\n") + "\n";
}

/** One line for a progress notification, or undefined while nothing is worth saying. */
export function progressText({ stage, model }: RunOutput): string | undefined {
  switch (stage.kind) {
    case "loading":
      return `loading ${model}, ${Math.round(stage.fraction * 100)} %`;
    case "reading":
      return `reading the prompt, ${stage.done} of ${stage.total} tokens`;
    case "writing":
      return "writing";
    default:
      return undefined;
  }
}

function withLast(
  holes: readonly HoleOutput[],
  name: string,
  change: (hole: HoleOutput) => HoleOutput,
): readonly HoleOutput[] {
  const last = holes.at(-1);
  const open = last?.name === name ? last : { name, text: "" };
  return [...(last?.name === name ? holes.slice(0, -1) : holes), change(open)];
}

/** A value that is not text is shown as what it is; while it is written, as it comes. */
function holeText({ text, filled }: HoleOutput): string {
  if (filled === undefined || typeof filled.value === "string") return text;
  return fenced(filled.value);
}

function stageText(output: RunOutput): string {
  const { stage, holes } = output;
  switch (stage.kind) {
    case "waiting":
    case "writing":
      return "";
    case "loading":
    case "reading":
      return `*${sentence(progressText(output)!)}*`;
    case "failed":
      return `---\n\n**The run failed.** ${stage.message}`;
    case "done": {
      const several = 1 < holes.filter((it) => it.filled?.hidden !== true).length;
      const typed = several ? `**Result**\n\n${fenced(stage.result.output)}\n\n` : "";
      return `${typed}---\n\n${summary(output, stage.result)}`;
    }
    default:
      return stage satisfies never;
  }
}

const endings: Record<GenerateResult["finish"], string> = {
  stop: "",
  length: " It was cut off: the limit of tokens was reached.",
  cancelled: " It was cancelled; this is the text so far.",
};

function summary({ model }: RunOutput, { holes, finish }: RunResult): string {
  const usages = holes.map((it) => it.usage);
  const sum = (figures: readonly number[]) => figures.reduce((total, it) => total + it, 0);
  const written = sum(usages.map((it) => it.completionTokens));
  const seconds = sum(usages.map((it) => it.decodeMs)) / 1000;
  const read = sum(usages.map((it) => it.promptTokens - it.cachedTokens));
  const rate = 0 < seconds && 1 < written ? ` (${Math.round(written / seconds)} tokens/s)` : "";
  return `${model} read ${count(read, "token")} and wrote ${written}${rate}.${endings[finish]}`;
}

/** The fence is longer than any run of backticks inside. */
function fenced(value: Json): string {
  const body = JSON.stringify(value, undefined, 2);
  const longest = Math.max(2, ...[...body.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}json\n${body}\n${fence}`;
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)} ...`;
}
