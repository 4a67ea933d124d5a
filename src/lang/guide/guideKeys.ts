/** The keys of `tiller.guide`, for checks, completion and hover. */

import { bounds } from "../holeKeys.js";
import type { KeyInfo } from "../keyInfo.js";
import { lengths } from "./guide.js";
import { audiences, languages, tones } from "./presets.js";

const adapterNames = "names of adapters, or {name, uri, scale}";

export const guideKeys: readonly KeyInfo[] = [
  {
    key: "tone",
    types: ["text"],
    doc: `The tone in which is written: a preset (${tones.map((it) => it.id).join(", ")}), which is measured too, or your own words.`,
  },
  {
    key: "audience",
    types: ["text"],
    doc: `For whom is written: a preset (${audiences.map((it) => it.id).join(", ")}), which is measured too, or your own words.`,
  },
  {
    key: "language",
    types: ["text"],
    doc: `The language of the text, such as ${languages[2].name} or ${languages[2].code}.`,
  },
  {
    key: "length",
    types: ["text", "object"],
    doc: `A preset (${lengths.map((it) => it.id).join(", ")}) is told and measured; {words: {max: 40}} is kept, whatever the model would like.`,
    known: [
      { key: "words", types: ["number", "object"], doc: "Words: the most, or {min, max}.", known: bounds },
      { key: "sentences", types: ["number", "object"], doc: "Sentences: the most, or {min, max}.", known: bounds },
      { key: "chars", types: ["number", "object"], doc: "Characters: the most, or {min, max}.", known: bounds },
    ],
  },
  { key: "include", types: ["text", "list"], doc: "Each of these stands in the text; told, and kept." },
  { key: "avoid", types: ["text", "list"], doc: "None of these stands in the text, in whatever case; kept." },
  {
    key: "strength",
    types: ["number"],
    doc: "Classifier-free guidance: how much is emphasised what is told. 1 is off; useful up to about 2, beyond which texts break. Costs a second reading of each token.",
    default: "1, or 1.5 where something is emphasised",
  },
  {
    key: "negative",
    types: ["text"],
    doc: "What the text is led away from: it is told in the second reading, in place of what is emphasised.",
  },
  {
    key: "emphasize",
    types: ["text", "list"],
    doc: "What the second reading leaves out: `instructions` (the system's messages), or names of input variables; in the body {{#emphasize}}...{{/emphasize}}.",
    default: "what the guide tells, or else the instructions",
  },
  {
    key: "plausibility",
    types: ["number"],
    doc: "Tokens less likely without guidance than this part of the likeliest are not chosen.",
    default: "0, and 0.1 for strengths above 2",
  },
  {
    key: "bias",
    types: ["object"],
    doc: "Words to what is added to their log-probability, from -100 to 100: {splendid: 3, very: -4}.",
  },
  {
    key: "contrast",
    types: ["object"],
    doc: "Contrastive decoding: away from what a weaker reader would write too.",
    children: [
      { key: "layers", types: ["number"], doc: "The weaker reader is this model behind so many layers." },
      {
        key: "model",
        types: ["text"],
        doc: "The weaker reader is this GGUF file, as a path from the prompt's folder.",
      },
      { key: "strength", types: ["number"], doc: "From 0 (off) to 2.", default: "1" },
    ],
  },
  {
    key: "experts",
    types: ["object"],
    doc: "DExperts: towards the model with some adapters, away from it with others.",
    children: [
      { key: "expert", types: ["text", "list"], doc: `Towards these: ${adapterNames}.` },
      { key: "antiExpert", types: ["text", "list"], doc: `Away from these: ${adapterNames}.` },
      { key: "strength", types: ["number"], doc: "From 0 (off) to 100.", default: "1" },
    ],
  },
  {
    key: "vectors",
    types: ["list"],
    doc: "Control vectors that steer the model's layers: a list of names, or of {name, uri, strength, layers}.",
    items: [
      { key: "name", types: ["text"], doc: "What it is called; looked for where adapters are." },
      { key: "uri", types: ["text"], doc: "Its GGUF file, as a path from the prompt's folder." },
      { key: "strength", types: ["number"], doc: "Negative values steer the other way.", default: "1" },
      { key: "layers", types: ["list"], doc: "The first and the last layer that it steers, from 0." },
    ],
  },
  {
    key: "bestOf",
    types: ["number", "object"],
    doc: "Writes each text so many times, and keeps the best.",
    children: [
      { key: "n", types: ["number"], doc: "How many are written, 1 to 16." },
      {
        key: "by",
        types: ["text"],
        doc: "`presets`: how well it keeps tone, audience, language and length; `likelihood`: what the model finds likeliest.",
        values: ["presets", "likelihood"],
        default: "presets where there are any",
      },
    ],
  },
];
