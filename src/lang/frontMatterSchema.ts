/** Every key of the front matter: Dotprompt's and ours. Checks, completion and hover read this one table. */

import { attentionPatterns } from "./attentionPatterns.js";
import { configKeys } from "./configKeys.js";
import { guideKeys } from "./guide/guideKeys.js";
import { holeKeyInfos } from "./holeKeys.js";
import type { KeyInfo, ValueType } from "./keyInfo.js";
import { assertionTypes } from "./tests/assertionTypes.js";
import { orders, strategies } from "./shots/strategies.js";

export const frontMatterKeys: readonly KeyInfo[] = [
  { key: "name", types: ["text"], doc: "The prompt's name; by default that of the file." },
  { key: "variant", types: ["text"], doc: "Which of several versions of the prompt this is." },
  { key: "description", types: ["text"], doc: "What the prompt is for." },
  { key: "version", types: ["text", "number"], doc: "The version of the prompt." },
  { key: "model", types: ["text"], doc: "The model to run with." },
  { key: "config", types: ["object"], doc: "How the model draws its words.", known: configKeys },
  {
    key: "input",
    types: ["object"],
    doc: "What the prompt is filled with.",
    children: [
      { key: "schema", types: ["text", "object"], doc: "The variables and their types, in Picoschema or JSON Schema." },
      { key: "default", types: ["object", "any"], doc: "Values of variables that are not given." },
    ],
  },
  {
    key: "output",
    types: ["object"],
    doc: "What comes back.",
    children: [
      { key: "format", types: ["text"], doc: '"json" or "text".', values: ["json", "text"] },
      { key: "schema", types: ["text", "object"], doc: "The shape of the output, in Picoschema or JSON Schema." },
      { key: "contentType", types: ["text"], doc: "The media type of the output." },
      { key: "constrained", types: ["flag"], doc: "Whether the model is held to the schema while it writes." },
      { key: "instructions", types: ["text", "flag"], doc: "How the schema is described to the model." },
    ],
  },
  { key: "tools", types: ["list"], doc: "Names of tools the model may call." },
  { key: "toolDefs", types: ["list"], doc: "Tools defined in this file." },
  { key: "metadata", types: ["object"], doc: "Data for the application; Tiller does not read it." },
  { key: "tiller.version", types: ["number"], doc: "The version of these keys.", default: "1" },
  {
    key: "tiller.shots",
    types: ["list", "object"],
    doc: "Few-shot examples: a list of {input, output}, or {file: shots.jsonl}.",
    known: [
      {
        key: "file",
        types: ["text"],
        doc: "A `.jsonl` file in the prompt's folder or below, with an example on each line.",
      },
    ],
    items: [
      { key: "input", types: ["object", "text"], doc: "Values of the prompt's variables, or a plain text." },
      {
        key: "output",
        types: ["text", "any"],
        doc: "What is wanted for it: a text, or anything else, written as JSON.",
      },
      { key: "tags", types: ["list", "text"], doc: "What the strategy `tags` looks for." },
      {
        key: "when",
        types: ["object"],
        doc: "The example is used only when these variables have exactly these values.",
      },
    ],
  },
  {
    key: "tiller.shotSelect",
    types: ["object"],
    doc: "Which examples are used, and in which order.",
    children: [
      {
        key: "strategy",
        types: ["text"],
        doc: "`first` takes them as they come, `random` draws them, `similar` takes those with the most words in common with the input (BM25), `tags` those that share a tag with the input variable `tags` or with `tags` here.",
        values: strategies,
        default: "first",
      },
      { key: "k", types: ["number"], doc: "The most examples.", default: "all" },
      { key: "seed", types: ["number"], doc: "The same seed draws the same examples.", default: "0" },
      { key: "maxTokens", types: ["number"], doc: "The most tokens of all examples together; whole ones are dropped." },
      {
        key: "order",
        types: ["text"],
        doc: "`asc` as in the file, `desc` the other way round, `nearest-last` the best match last.",
        values: orders,
        default: "nearest-last for `similar`, else asc",
      },
      { key: "tags", types: ["list"], doc: "For the strategy `tags`: those that are wanted, beside the input's." },
    ],
  },
  { key: "tiller.gen", types: ["object"], doc: "What each hole may hold, by its name.", named: holeKeyInfos },
  {
    key: "tiller.guide",
    types: ["object"],
    doc: "How the text is steered, and what of that is measured.",
    children: guideKeys,
  },
  {
    key: "tiller.adapters",
    types: ["list"],
    doc: "Adapters that the prompt runs with: a list of names, or of {name, uri, scale, layers, sha256}.",
    items: [
      {
        key: "name",
        types: ["text"],
        doc: "What it is called. Without a `uri` it is looked for in a folder `adapters` beside the prompt or above it.",
      },
      { key: "uri", types: ["text"], doc: "Its folder or GGUF file, as a path from the prompt's folder." },
      {
        key: "scale",
        types: ["number"],
        doc: "How much of its effect is added; negative values turn it round.",
        default: "1",
      },
      {
        key: "layers",
        types: ["list"],
        doc: "Of a control vector: the first and the last layer that it steers, from 0. Without it, all that it has.",
      },
      { key: "sha256", types: ["text"], doc: "The hash of its file of weights: another file is refused." },
    ],
  },
  {
    key: "tiller.routing",
    types: ["object"],
    doc: "Chooses among LoRA adapters token by token, by what each layer reads (Arrow).",
    children: [
      { key: "experts", types: ["text"], doc: "A folder of LoRA adapters, as a path from the prompt's folder." },
      { key: "topK", types: ["number"], doc: "So many experts share a token.", default: "2" },
      { key: "temperature", types: ["number"], doc: "Above 1 they share more evenly.", default: "1" },
    ],
  },
  {
    key: "tiller.attention",
    types: ["object"],
    doc: "Which earlier tokens a token may see: all, the first and the last ones, or the last and a part of the others.",
    children: [
      {
        key: "pattern",
        types: ["text"],
        doc: "`dense` sees everything. `streaming` sees the first tokens and the last ones and forgets what lies between: memory and time do not grow. `block-sparse` sees the last blocks and a part of all others. `auto` sees everything of up to 2,048 tokens, then what the model's setting says.",
        values: attentionPatterns,
        default: "auto",
      },
      { key: "sinks", types: ["number"], doc: "Of `streaming`: the first tokens that are always seen.", default: "64" },
      { key: "window", types: ["number"], doc: "Of `streaming`: the last tokens that are seen.", default: "1024" },
      {
        key: "chunk",
        types: ["number"],
        doc: "Of `streaming`: tokens between two evictions; up to so many more than the window are seen.",
        default: "256",
      },
      {
        key: "endless",
        types: ["flag"],
        doc: "Of `streaming`: the text may become longer than the model's context.",
        default: "false",
      },
      { key: "block", types: ["number"], doc: "Of `block-sparse`: tokens of a block.", default: "64" },
      { key: "local", types: ["number"], doc: "Of `block-sparse`: the last blocks that are seen whole.", default: "4" },
      {
        key: "stride",
        types: ["number"],
        doc: "Of `block-sparse`: every so-many-th of the other blocks is seen whole.",
        default: "4, without `columns`",
      },
      {
        key: "columns",
        types: ["number"],
        doc: "Of `block-sparse`: instead, so many tokens at the end of each of the other blocks are seen.",
      },
    ],
  },
  {
    key: "tiller.budget",
    types: ["object"],
    doc: "What goes first when the prompt is too long.",
    children: [
      { key: "context", types: ["number"], doc: "The most tokens of the prompt and of what is written." },
      { key: "reserve", types: ["number"], doc: "So many of them are kept free for what is written.", default: "0" },
      {
        key: "drop",
        types: ["list"],
        doc: "What may be dropped, in this order: `shots` (the lowest ranks first), `history` (the oldest first), `keep` (blocks, the lowest priority first).",
        default: "[shots, history, keep]",
      },
    ],
  },
  {
    key: "tiller.compare",
    types: ["object"],
    doc: "Variants to compare: {variants, repeat, seeds, blind}.",
    known: [
      {
        key: "variants",
        types: ["list"],
        doc: "2 to 8 of {label, model, adapters, config, guide, attention, variant}; what is left out is the file's own.",
      },
      {
        key: "repeat",
        types: ["number"],
        doc: "How often each input is written, with another seed each.",
        default: "1",
      },
      { key: "seeds", types: ["list"], doc: "The seeds, in their order; further ones count on.", default: "[0]" },
      { key: "blind", types: ["flag"], doc: "Outputs are voted on without their names.", default: "true" },
    ],
  },
  {
    key: "tiller.tests",
    types: ["list"],
    doc: "Tests: a list of {name, input, repeat, passRate, assert}; their inputs are also those of previews and comparisons.",
    items: [
      { key: "name", types: ["text"], doc: "What it is called." },
      {
        key: "input",
        types: ["object"],
        doc: "Values of the prompt's variables. Without it, its checks hold for every input.",
      },
      { key: "repeat", types: ["number"], doc: "How often it is written, with another seed each.", default: "1" },
      { key: "passRate", types: ["number"], doc: "The part of the repeats that must pass, from 0 to 1.", default: "1" },
      {
        key: "assert",
        types: ["list"],
        doc: `Checks, a list of {type, path, value, threshold}. Types: ${assertionTypes.map((it) => it.type).join(", ")}.`,
      },
    ],
  },
  {
    key: "tiller.promptLookup",
    types: ["flag"],
    doc: "Guess what comes next from what stood behind the same words before, and read the guesses in one step: faster where the answer repeats the prompt or itself.",
    default: "false",
  },
  {
    key: "tiller.requires",
    types: ["list"],
    doc: "What the backend must be able to do: mask, lora, logprobs, vision.",
  },
];

export function typeOf(value: unknown): ValueType {
  if (Array.isArray(value)) return "list";
  switch (typeof value) {
    case "string":
      return "text";
    case "number":
      return "number";
    case "boolean":
      return "flag";
    case "object":
      return value === null ? "any" : "object";
    default:
      return "any";
  }
}

export const typeNames: Readonly<Record<ValueType, string>> = {
  text: "a text",
  number: "a number",
  flag: "true or false",
  list: "a list",
  object: "keys and values",
  any: "nothing",
};
